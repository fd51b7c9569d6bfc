import { describe, expect, test } from 'vitest';
import { byteSourceFromArray, byteSourceFromBlob } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { chunk, float, integer, type WavOptions, wavBytes } from '../../support/containers.ts';

const open = (data: readonly number[], options: WavOptions) => openWav(byteSourceFromArray(wavBytes(data, options)));
const le = (values: readonly number[], width: number): number[] => values.flatMap((v) => integer(v, width, true));
const readAll = async (source: Awaited<ReturnType<typeof openWav>>) => (await source.read(0, source.frames)).map((c) => [...c]);

describe('sample formats', () => {
  test.each([
    { name: '8-bit unsigned', data: [0, 128, 255], bits: 8, samples: [-1, 0, 127 / 128] },
    { name: '16-bit', data: le([-32768, 0, 32767, 1], 2), bits: 16, samples: [-1, 0, 32767 / 32768, 1 / 32768] },
    { name: '24-bit', data: le([-8388608, -1, 8388607], 3), bits: 24, samples: [-1, -1 / 8388608, 8388607 / 8388608] },
    { name: '32-bit', data: le([-2147483648, 2147483647, 1], 4), bits: 32, samples: [-1, 1, 1 / 2147483648] },
  ])('$name integers are divided by full scale', async ({ data, bits, samples }) => {
    const wav = await open(data, { bits });
    expect(wav).toMatchObject({ sampleRate: 48000, channels: 1, frames: samples.length, notices: [] });
    expect(await readAll(wav)).toEqual([samples]);
  });

  test('32-bit and 64-bit floats come through, above full scale too', async () => {
    const values = [0.1, -1.5, 0];
    for (const width of [4, 8] as const) {
      const wav = await open(values.flatMap((v) => float(v, width, true)), { format: 3, bits: 8 * width });
      expect(await readAll(wav)).toEqual([values.map(Math.fround)]);
    }
  });

  test('mu-law silence and full scale decode as ITU-T G.711 states', async () => {
    expect(await readAll(await open([0xff, 0x80, 0x00], { format: 7, bits: 8 }))).toEqual([[0, 32124 / 32768, -32124 / 32768]]);
  });

  test('WAVE_FORMAT_EXTENSIBLE is read by its subformat', async () => {
    expect(await readAll(await open(le([100, -100], 2), { bits: 16, channels: 2, mask: 3 }))).toEqual([[100 / 32768], [-100 / 32768]]);
    expect(await readAll(await open(float(0.5, 4, true), { format: 3, bits: 32, mask: 4 }))).toEqual([[0.5]]);
  });

  test.each(['RF64', 'BW64'] as const)('%s takes its length from the ds64 chunk', async (form) => {
    const data = [...le([1, 2, 3], 2)];
    const withTail = Uint8Array.from([...wavBytes(data, { bits: 16, form }), ...chunk('LIST', le([7, 7, 7, 7], 2), true)]);
    const wav = await openWav(byteSourceFromBlob(new Blob([withTail])));
    expect(await readAll(wav)).toEqual([[1 / 32768, 2 / 32768, 3 / 32768]]);
  });
});

describe('containers as they are found', () => {
  test('odd chunks before the data are stepped over with their padding byte', async () => {
    const wav = await open(le([5], 2), { bits: 16, before: chunk('LIST', [1, 2, 3], true) });
    expect(await readAll(wav)).toEqual([[5 / 32768]]);
  });

  test('a stream written to a pipe (length 2^32 - 1) is read to the end, without notice', async () => {
    const wav = await open(le([5, 6], 2), { bits: 16, declaredBytes: 0xffffffff });
    expect(wav).toMatchObject({ frames: 2, notices: [] });
  });

  test('a file that is cut off is used as far as it goes, with a notice', async () => {
    const wav = await open(le(Array.from({ length: 9600 }, () => 1), 2), { bits: 16, declaredBytes: 100_000 });
    expect(wav.frames).toBe(9600);
    expect(wav.notices).toEqual([{ code: 'audio/truncated', args: { seconds: 0.2 } }]);
  });

  test('a recorder that lost power leaves length 0: everything after it is used, with a notice', async () => {
    const wav = await open(le([1, 2, 3], 2), { bits: 16, declaredBytes: 0 });
    expect(wav).toMatchObject({ frames: 3, notices: [{ code: 'audio/truncated' }] });
  });

  test('reads at any frame and past the end', async () => {
    const wav = await open(le([1, -1, 2, -2, 3, -3], 2), { bits: 16, channels: 2 });
    expect((await wav.read(1, 1)).map((c) => c[0]! * 32768)).toEqual([2, -2]);
    expect((await wav.read(2, 10)).map((c) => c.length)).toEqual([1, 1]);
    expect((await wav.read(3, 10)).map((c) => c.length)).toEqual([0, 0]);
  });
});

describe('more than two channels', () => {
  test('5.1 is folded down with the coefficients of ITU-R BS.775, with a notice', async () => {
    const wav = await open([0.1, 0.2, 0.4, 0.9, 0.01, 0.02].flatMap((v) => float(v, 4, true)), { format: 3, bits: 32, channels: 6, mask: 0x3f });
    expect(wav).toMatchObject({ channels: 2, notices: [{ code: 'audio/folded-down', args: { channels: 6 } }] });
    const [[left], [right]] = (await readAll(wav)) as [[number], [number]];
    expect(left).toBeCloseTo(0.1 + Math.SQRT1_2 * (0.4 + 0.01), 6);
    expect(right).toBeCloseTo(0.2 + Math.SQRT1_2 * (0.4 + 0.02), 6);
  });

  test('a layout nobody knows alternates left and right', async () => {
    const wav = await open(Array.from({ length: 10 }, () => 0.5).flatMap((v) => float(v, 4, true)), { format: 3, bits: 32, channels: 10 });
    expect((await readAll(wav)).map(([first]) => first)).toEqual([0.5, 0.5].map((v) => expect.closeTo(v, 6)));
  });
});

describe('samples that are not numbers', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i === 3 ? NaN : i === 700 ? -Infinity : 0.25));
  const data = values.flatMap((v) => float(v, 4, true));

  test('become silence, counted once however often they are read', async () => {
    const wav = await open(data, { format: 3, bits: 32 });
    await wav.read(0, 500);
    await wav.read(0, 600);
    const [rest] = await wav.read(600, 400);
    expect(rest![100]).toBe(0);
    expect(wav.notices).toEqual([{ code: 'audio/repaired', args: { count: 2 } }]);
  });

  test('above one per cent are damage', async () => {
    const wav = await open(values.map((v, i) => (i % 50 === 0 ? NaN : v)).flatMap((v) => float(v, 4, true)), { format: 3, bits: 32 });
    await expect(wav.read(0, 1000)).rejects.toMatchObject({ code: 'audio/not-finite' });
  });
});

describe('what cannot be read', () => {
  test.each([
    { name: 'an empty file', bytes: new Uint8Array(0), code: 'audio/empty' },
    { name: 'text', bytes: new TextEncoder().encode('this is no audio at all'), code: 'audio/not-audio' },
    { name: 'a header without samples', bytes: wavBytes([], { bits: 16 }), code: 'audio/empty' },
    { name: 'half a header', bytes: wavBytes([1, 2], { bits: 16 }).slice(0, 20), code: 'audio/decode-failed' },
    { name: 'data before any format', bytes: Uint8Array.from([...wavBytes([], { bits: 16 }).slice(0, 12), ...chunk('data', [1, 2], true), ...new Uint8Array(40)]), code: 'audio/decode-failed' },
    { name: 'ADPCM', bytes: wavBytes([1, 2], { format: 2, bits: 8 }), code: 'audio/unsupported' },
    { name: '4 kHz', bytes: wavBytes([1, 2], { bits: 16, sampleRate: 4000 }), code: 'audio/sample-rate' },
  ])('$name answers $code', async ({ bytes, code }) => {
    await expect(openWav(byteSourceFromArray(bytes))).rejects.toMatchObject({ code });
  });
});
