import { expect, test } from 'vitest';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { type BitDepth, createWavWriter, wavBytes, type WavFormat, wavHeader } from '../../../wasm/formats/wav-writer.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { difference, rmsDb } from '../../support/samples.ts';
import { sine, whiteNoise } from '../../support/signals.ts';

async function writeWav(rows: readonly Float32Array[], sampleRate: number, bitDepth: BitDepth, pieceFrames = 1000): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const frames = rows[0]!.length;
  const format: WavFormat = { sampleRate, channels: rows.length as 1 | 2, bitDepth, frames };
  const writer = await createWavWriter({ write: async (bytes) => void pieces.push(bytes) }, format);
  for (let at = 0; at < frames; at += pieceFrames) await writer.write(rows.map((row) => row.subarray(at, at + pieceFrames)));
  await writer.finish();
  const whole = Uint8Array.from(Buffer.concat(pieces));
  expect(whole.length).toBe(wavBytes(format));
  return whole;
}

async function readBack(bytes: Uint8Array) {
  const pcm = await openWav(byteSourceFromArray(bytes));
  return { pcm, rows: await pcm.read(0, pcm.frames) };
}

test.each(['16', '24', '32f'] as const)('a file of %s bits that is begun again is as if nothing had been written before', async (bitDepth) => {
  const noise = whiteNoise(300, 9, 0.9);
  const format: WavFormat = { sampleRate: 48_000, channels: 1, bitDepth, frames: 300 };
  let pieces: Uint8Array[] = [];
  const writer = await createWavWriter({ write: async (bytes) => void pieces.push(bytes), restart: async () => void (pieces = []) }, format);
  await writer.write([noise.subarray(0, 200)]);
  await writer.restart!();
  await writer.write([noise]);
  await writer.finish();
  expect(Buffer.concat(pieces).equals(Buffer.from(await writeWav([noise], 48_000, bitDepth)))).toBe(true);
});

test.each([8_000, 44_100, 192_000])('32-bit float comes back sample for sample at %i Hz', async (sampleRate) => {
  const rows = [whiteNoise(4001, 1, 1.5), whiteNoise(4001, 2, 1.5)];
  const { pcm, rows: back } = await readBack(await writeWav(rows, sampleRate, '32f'));
  expect(pcm).toMatchObject({ sampleRate, channels: 2, frames: 4001 });
  expect(difference(back[0]!, rows[0]!).first).toBe(-1);
  expect(difference(back[1]!, rows[1]!).first).toBe(-1);
});

test('24 bits are within half a step, mono, with the odd byte padded', async () => {
  const noise = whiteNoise(4001, 3, 0.99);
  const { pcm, rows } = await readBack(await writeWav([noise], 48_000, '24'));
  expect(pcm.channels).toBe(1);
  expect(difference(rows[0]!, noise).largest).toBeLessThanOrEqual(0.5 / 8_388_608);
});

test('16 bits are within one and a half steps, and the error is noise: independent of the signal, 4.8 dB over rounding', async () => {
  const tone = sine(48_000, 997, 48_000, 0.3 / 32_768);
  const { rows } = await readBack(await writeWav([tone], 48_000, '16'));
  const error = rows[0]!.map((value, i) => (value - tone[i]!) * 32_768);
  expect(Math.max(...error.map(Math.abs))).toBeLessThanOrEqual(1.5);
  // Total error of TPDF dither: 1/4 LSB^2, whatever the signal.
  expect(rmsDb(error)).toBeCloseTo(10 * Math.log10(0.25), 1);
  // A tone of a third of a step survives: plain rounding would have erased it.
  const correlation = rows[0]!.reduce((sum, value, i) => sum + value * tone[i]!, 0) / tone.reduce((sum, value) => sum + value * value, 0);
  expect(correlation).toBeCloseTo(1, 1);
});

test('16 bits: digital silence stays silent, the same audio gives the same bytes, however it is cut', async () => {
  const silence = await readBack(await writeWav([new Float32Array(500), new Float32Array(500)], 48_000, '16'));
  expect(silence.rows.every((row) => row.every((value) => value === 0))).toBe(true);
  const rows = [whiteNoise(5000, 4), whiteNoise(5000, 5)];
  expect(Buffer.compare(Buffer.from(await writeWav(rows, 44_100, '16', 1000)), Buffer.from(await writeWav(rows, 44_100, '16', 77)))).toBe(0);
});

test('integers are clipped to their range', async () => {
  const over = Float32Array.from([1.5, -1.5, 1, -1]);
  expect((await readBack(await writeWav([over], 48_000, '24'))).rows[0]!.map(Math.fround)).toEqual(Float32Array.from([8_388_607 / 8_388_608, -1, 8_388_607 / 8_388_608, -1]));
  const { rows } = await readBack(await writeWav([over], 48_000, '16'));
  expect(rows[0]![0]).toBeCloseTo(32_767 / 32_768, 6);
  expect(rows[0]![1]).toBe(-1);
});

test('more than 4 GiB becomes RF64 that tells its true size', async () => {
  const format: WavFormat = { sampleRate: 192_000, channels: 2, bitDepth: '32f', frames: 700_000_000 };
  const header = wavHeader(format);
  const bytes = wavBytes(format);
  const pcm = await openWav({
    bytes,
    read: async (offset, length) => {
      const piece = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)));
      if (offset < header.length) piece.set(header.subarray(offset, offset + piece.length));
      return piece;
    },
  });
  expect(Buffer.from(header.subarray(0, 4)).toString()).toBe('RF64');
  expect(pcm).toMatchObject({ frames: 700_000_000, sampleRate: 192_000, notices: [] });
});

test('a file that gets fewer frames than announced is not finished', async () => {
  const writer = await createWavWriter({ write: async () => undefined }, { sampleRate: 48_000, channels: 1, bitDepth: '24', frames: 10 });
  await writer.write([new Float32Array(9)]);
  await expect(writer.finish()).rejects.toMatchObject({ code: 'internal' });
});
