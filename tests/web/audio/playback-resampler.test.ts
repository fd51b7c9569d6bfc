import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { loopedReader, paddedReader } from '../../../web/audio/frame-reader.ts';
import { resampledReader } from '../../../web/audio/playback-resampler.ts';
import { difference } from '../../support/samples.ts';

const sine = (hz: number, sampleRate: number, frames: number, start = 0) =>
  Float32Array.from({ length: frames }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * (n + start)) / sampleRate));

const RATES = [
  [44100, 48000],
  [48000, 44100],
  [8000, 48000],
  [96000, 48000],
  [192000, 44100],
] as const;

test.each(RATES)('a 997 Hz sine from %i Hz arrives at %i Hz within -72 dB of the true one', async (fromHz, toHz) => {
  const read = resampledReader(paddedReader(pcmFromArrays([sine(997, fromHz, fromHz)], fromHz)), fromHz, toHz);
  const [heard] = await read(Math.round(toHz * 0.3), Math.round(toHz * 0.2));
  const wanted = sine(997, toHz, Math.round(toHz * 0.2), Math.round(toHz * 0.3));
  expect(20 * Math.log10(difference(heard!, wanted).largest / 0.5)).toBeLessThan(-72);
});

test.each(RATES)('pieces from %i Hz to %i Hz join bit for bit however they are cut', async (fromHz, toHz) => {
  const read = resampledReader(paddedReader(pcmFromArrays([sine(440, fromHz, fromHz)], fromHz)), fromHz, toHz);
  const [whole] = await read(0, 6000);
  const cut = new Float32Array(6000);
  let at = 0;
  for (const frames of [1, 999, 17, 3000, 1983]) {
    cut.set((await read(at, frames))[0]!, at);
    at += frames;
  }
  expect(difference(cut, whole!).first).toBe(-1);
});

test('halving the rate removes what lies over the new Nyquist frequency, -60 dB', async () => {
  const read = resampledReader(paddedReader(pcmFromArrays([sine(33000, 96000, 96000)], 96000)), 96000, 48000);
  const [heard] = await read(12000, 12000);
  expect(Math.max(...heard!.map(Math.abs))).toBeLessThan(0.5e-3);
});

test('before its start and after its end a recording is silent', async () => {
  const read = paddedReader(pcmFromArrays([Float32Array.of(1, 2, 3)], 48000));
  expect([...(await read(-2, 7))[0]!]).toEqual([0, 0, 1, 2, 3, 0, 0]);
  expect([...(await read(10, 2))[0]!]).toEqual([0, 0]);
});

test('a looped recording comes back after its length, and its seam fades to nothing and back', async () => {
  const frames = 4800;
  const read = loopedReader(pcmFromArrays([new Float32Array(frames).fill(1)], 48000));
  const [heard] = await read(0, 3 * frames);
  expect(heard![0]).toBe(1);
  expect(heard![frames / 2]).toBe(1);
  expect(heard![frames + frames / 2]).toBe(1);
  expect(Math.abs(heard![frames - 1]!)).toBeLessThan(0.01);
  expect(Math.abs(heard![frames]!)).toBeLessThan(0.01);
  const steepest = Math.max(...heard!.subarray(1).map((value, n) => Math.abs(value - heard![n]!)));
  expect(steepest).toBeLessThan(0.01);
});

test('a looped recording reads the same however it is cut', async () => {
  const read = loopedReader(pcmFromArrays([sine(313, 48000, 5000)], 48000));
  const [whole] = await read(0, 12_000);
  const cut = new Float32Array(12_000);
  for (let at = 0; at < 12_000; at += 700) cut.set((await read(at, Math.min(700, 12_000 - at)))[0]!, at);
  expect(difference(cut, whole!).first).toBe(-1);
});
