import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { decodeFlac } from '../../../wasm/cli/flac.ts';
import { createFlacWriter } from '../../../wasm/formats/flac-writer.ts';
import { step24 } from '../../../wasm/formats/wav-writer.ts';
import { openEngine } from '../../../wasm/host/engine.ts';
import { engineBinary } from '../../support/engine.ts';
import { hasFfmpeg } from '../../support/find-ffmpeg.ts';
import { musicLike, pinkNoise, whiteNoise } from '../../support/signals.ts';

async function encode(rows: readonly Float32Array[], sampleRate: number, pieceFrames = 10_000): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const frames = rows[0]!.length;
  const writer = await createFlacWriter({ write: async (bytes) => void parts.push(bytes) }, { sampleRate, channels: rows.length as 1 | 2, frames });
  for (let at = 0; at < frames; at += pieceFrames) await writer.write(rows.map((row) => row.subarray(at, at + pieceFrames)));
  await writer.finish();
  return new Uint8Array(Buffer.concat(parts));
}

async function decode(bytes: Uint8Array): Promise<{ rows: number[][]; sampleRate: number }> {
  const rows: number[][] = [];
  let sampleRate = 0;
  const source = { bytes: bytes.length, read: async (at: number, length: number) => bytes.slice(at, at + length) };
  await decodeFlac(
    source,
    await openEngine(await engineBinary()),
    async (format) => {
      sampleRate = format.sampleRate;
      for (let c = 0; c < format.channels; c += 1) rows.push([]);
    },
    async (channels) => channels.forEach((channel, c) => channel.forEach((sample) => rows[c]!.push(Math.round(sample * 2 ** 23)))),
  );
  return { rows, sampleRate };
}

const whole = (row: Float32Array) => Array.from(row, step24);
const square = Float32Array.from({ length: 9000 }, (_, i) => (i % 100 < 50 ? 1 : -1));
const MATERIAL: readonly (readonly [string, readonly Float32Array[], number])[] = [
  ['stereo music', musicLike(0.7, 48_000, 1), 48_000],
  ['mono music at an odd rate', [musicLike(0.4, 37_800, 2)[0]], 37_800],
  ['white noise at full scale, left and right apart', [whiteNoise(9001, 1, 1), whiteNoise(9001, 2, 1)], 44_100],
  ['a full-scale square, upside down on the right', [square, square.map((x) => -x)], 96_000],
  ['silence', [new Float32Array(5000), new Float32Array(5000)], 48_000],
  ['a constant', [new Float32Array(4096).fill(0.25)], 44_100],
  ['one frame', [Float32Array.of(0.5), Float32Array.of(-0.5)], 44_100],
  ['samples beyond full scale, and none at all', [Float32Array.of(2, -2, NaN, Infinity, 1e-9)], 192_000],
];

test.each(MATERIAL)('%s decodes to the samples of a 24-bit WAV file, every one', async (_, rows, sampleRate) => {
  const decoded = await decode(await encode(rows, sampleRate));
  expect(decoded.sampleRate).toBe(sampleRate);
  decoded.rows.forEach((row, c) => expect(Buffer.from(Int32Array.from(row).buffer).equals(Buffer.from(Int32Array.from(whole(rows[c]!)).buffer))).toBe(true));
});

test('the same audio gives the same file however it is cut', async () => {
  const rows = musicLike(0.3, 48_000, 3);
  const [one, other] = [await encode(rows, 48_000), await encode(rows, 48_000, 777)];
  expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true);
});

test('music takes less than three quarters of its WAV file, and noise hardly more than all of it', async () => {
  const music = musicLike(2, 48_000, 1);
  expect((await encode(music, 48_000)).length / (music[0].length * 6)).toBeLessThan(0.75);
  expect((await encode([whiteNoise(48_000, 1, 1)], 48_000)).length / (48_000 * 3)).toBeLessThan(1.002);
});

test('more or fewer frames than announced are an error', async () => {
  const writer = await createFlacWriter({ write: async () => undefined }, { sampleRate: 48_000, channels: 1, frames: 10 });
  await writer.write([new Float32Array(9)]);
  await expect(writer.finish()).rejects.toMatchObject({ code: 'internal' });
});

test.skipIf(!hasFfmpeg())('FFmpeg decodes the file to the same samples, without a word', async () => {
  const rows = [pinkNoise(200_000, 5, 0.4), musicLike(200_000 / 48_000, 48_000, 6)[0].subarray(0, 200_000)];
  const { stdout, stderr, status } = spawnSync('ffmpeg', ['-v', 'warning', '-i', '-', '-f', 's32le', '-'], { input: await encode(rows, 48_000), maxBuffer: 1 << 26 });
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
  const heard = new Int32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  expect(heard.length).toBe(400_000);
  let different = 0;
  for (let i = 0; i < 200_000; i += 1) for (let c = 0; c < 2; c += 1) if (heard[2 * i + c]! !== step24(rows[c]![i]!) * 256) different += 1;
  expect(different).toBe(0);
});
