import { expect, test } from 'vitest';
import { openAiff } from '../../../wasm/formats/aiff-reader.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { type AiffOptions, aiffBytes, chunk, float, integer } from '../../support/containers.ts';

const open = (data: readonly number[], options: AiffOptions) => openAiff(byteSourceFromArray(aiffBytes(data, options)));
const be = (values: readonly number[], width: number): number[] => values.flatMap((v) => integer(v, width, false));
const readAll = async (source: Awaited<ReturnType<typeof openAiff>>) => (await source.read(0, source.frames)).map((c) => [...c]);

test.each([
  { name: 'AIFF 8-bit signed', data: [0x80, 0, 0x7f], bits: 8, compression: undefined, samples: [-1, 0, 127 / 128] },
  { name: 'AIFF 16-bit', data: be([-32768, 1], 2), bits: 16, compression: undefined, samples: [-1, 1 / 32768] },
  { name: 'AIFF 24-bit', data: be([-8388608, 8388607], 3), bits: 24, compression: undefined, samples: [-1, 8388607 / 8388608] },
  { name: 'AIFF 32-bit', data: be([-2147483648, 1], 4), bits: 32, compression: undefined, samples: [-1, 1 / 2147483648] },
  { name: 'AIFF-C NONE', data: be([-5], 2), bits: 16, compression: 'NONE', samples: [-5 / 32768] },
  { name: 'AIFF-C sowt', data: integer(-5, 2, true), bits: 16, compression: 'sowt', samples: [-5 / 32768] },
  { name: 'AIFF-C in24', data: be([7], 3), bits: 24, compression: 'in24', samples: [7 / 8388608] },
  { name: 'AIFF-C fl32', data: float(0.3, 4, false), bits: 32, compression: 'fl32', samples: [Math.fround(0.3)] },
  { name: 'AIFF-C fl64', data: float(-1.25, 8, false), bits: 64, compression: 'fl64', samples: [-1.25] },
  { name: 'AIFF-C raw', data: [0, 255], bits: 8, compression: 'raw ', samples: [-1, 127 / 128] },
])('$name is read exactly', async ({ data, bits, compression, samples }) => {
  const aiff = await open(data, { bits, frames: samples.length, ...(compression ? { compression } : {}) });
  expect(aiff).toMatchObject({ sampleRate: 48000, channels: 1, frames: samples.length, notices: [] });
  expect(await readAll(aiff)).toEqual([samples]);
});

test.each([8000, 11025, 44100, 96000, 192000])('the 80-bit sample rate %i Hz is read', async (sampleRate) => {
  expect((await open(be([1], 2), { bits: 16, frames: 1, sampleRate })).sampleRate).toBe(sampleRate);
});

test('sound before its description, and odd chunks, are found', async () => {
  const aiff = await open(be([1, 2, 3, 4], 2), { bits: 16, channels: 2, frames: 2, dataFirst: true, before: chunk('NAME', [65], false) });
  expect(await readAll(aiff)).toEqual([[1 / 32768, 3 / 32768], [2 / 32768, 4 / 32768]]);
});

test('a file that is cut off is used as far as it goes, with a notice', async () => {
  const aiff = await open(be([1, 2], 2), { bits: 16, frames: 1000 });
  expect(aiff).toMatchObject({ frames: 2, notices: [{ code: 'audio/truncated' }] });
});

test.each([
  { name: 'an empty file', bytes: new Uint8Array(0), code: 'audio/empty' },
  { name: 'a WAV header', bytes: new TextEncoder().encode('RIFF....WAVEfmt '), code: 'audio/not-audio' },
  { name: 'no frames', bytes: aiffBytes([], { bits: 16, frames: 0 }), code: 'audio/empty' },
  { name: 'IMA compression', bytes: aiffBytes([1, 2], { bits: 16, frames: 1, compression: 'ima4' }), code: 'audio/unsupported' },
  { name: 'a description without sound', bytes: aiffBytes([1, 2], { bits: 16, frames: 1 }).slice(0, 40), code: 'audio/decode-failed' },
])('$name answers $code', async ({ bytes, code }) => {
  await expect(openAiff(byteSourceFromArray(bytes))).rejects.toMatchObject({ code });
});
