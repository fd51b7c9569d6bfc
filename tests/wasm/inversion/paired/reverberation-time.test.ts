import { expect, test } from 'vitest';
import { reverberationTime } from '../../../../wasm/inversion/paired/reverberation-time.ts';
import { whiteNoise } from '../../../support/signals.ts';

const RATE = 44_100;
/** Polack's room (1988): noise whose level falls by 60 dB in so many seconds. */
const room = (rt60Seconds: number, seconds: number, seed: number): Float32Array =>
  whiteNoise(seconds * RATE, seed).map((x, n) => x * 10 ** ((-3 * n) / (rt60Seconds * RATE)));

test.each([0.4, 1.2, 2.5])('noise that falls by 60 dB in %f s is measured within 6 %', (seconds) => {
  const time = reverberationTime([room(seconds, seconds, 3), room(seconds, seconds, 4)], RATE);
  expect(Math.abs(time! / seconds - 1)).toBeLessThan(0.06);
});

test('the octaves of 500 Hz and 1 kHz count, not what rings longer below and above them', () => {
  const hum = Float32Array.from({ length: RATE }, (_, n) => 0.002 * Math.sin((2 * Math.PI * 40 * n) / RATE) + 0.002 * Math.sin((2 * Math.PI * 15_000 * n) / RATE));
  const time = reverberationTime([room(0.6, 1, 5).map((x, n) => x + hum[n]!)], RATE);
  expect(Math.abs(time! / 0.6 - 1)).toBeLessThan(0.1);
});

test('a single echo has no reverberation time', () => {
  const echo = new Float32Array(RATE);
  echo[1000] = 1;
  expect(reverberationTime([echo], RATE)).toBeNull();
});
