import { expect, test } from 'vitest';
import { createWavStream } from '../../../../web/workers/fallback/wav-stream.ts';
import { chunk, float, integer, wavBytes } from '../../../support/containers.ts';

async function received(bytes: Uint8Array, pieceBytes: number) {
  const rows: number[][] = [];
  const formats = new Set<string>();
  const stream = createWavStream({
    async write(planes, sampleRate, channelMask) {
      formats.add(`${sampleRate} ${channelMask}`);
      planes.forEach((plane, c) => (rows[c] ??= []).push(...plane));
    },
  });
  for (let from = 0; from < bytes.length; from += pieceBytes) await stream.take(bytes.slice(from, from + pieceBytes) as Uint8Array<ArrayBuffer>);
  return { rows, formats: [...formats] };
}

test.each([1, 3, 7, 50, 10_000])('a stream in pieces of %i bytes gives the same frames', async (pieceBytes) => {
  const samples = Array.from({ length: 20 }, (_, i) => Math.fround(i / 16));
  const before = chunk('LIST', [1, 2, 3, 4], true);
  const bytes = wavBytes(samples.flatMap((sample) => float(sample, 4, true)), { format: 3, bits: 32, channels: 2, sampleRate: 22_050, declaredBytes: 0xffffffff, before });
  const { rows, formats } = await received(bytes, pieceBytes);
  expect(rows).toEqual([samples.filter((_, i) => i % 2 === 0), samples.filter((_, i) => i % 2 === 1)]);
  expect(formats).toEqual(['22050 0']);
});

test('speakers are read from WAVE_FORMAT_EXTENSIBLE', async () => {
  const bytes = wavBytes([1, 2, 3, 4, 5, 6].flatMap((v) => float(v, 4, true)), { format: 3, bits: 32, channels: 6, mask: 0x3f });
  expect((await received(bytes, 11)).formats).toEqual(['48000 63']);
});

test('data before any format is damage', async () => {
  const bytes = Uint8Array.from([...wavBytes([], { bits: 16 }).slice(0, 12), ...chunk('data', integer(1, 8, true), true)]);
  await expect(received(bytes, 100)).rejects.toMatchObject({ code: 'audio/decode-failed' });
});
