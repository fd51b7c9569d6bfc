import { expect, test } from 'vitest';
import { gainTrace, traceStatistics, withoutGain } from '../../../../wasm/inversion/paired/gain-trace.ts';
import { difference } from '../../../support/samples.ts';
import { musicLike } from '../../../support/signals.ts';

const RATE = 48_000;
const HOP = 240;
const [left, right] = musicLike(6, RATE, 3);
const movingDb = (i: number) => -4 + 4 * Math.sin((2 * Math.PI * 1.5 * i) / RATE);
const moved = [left, right].map((row) => row.map((x, i) => x * 10 ** (movingDb(i) / 20))) as [Float32Array, Float32Array];

test('a gain that moves by 8 dB is followed within 0.2 dB RMS', () => {
  const trace = gainTrace([left, right], moved, HOP);
  let [w, wee] = [0, 0];
  trace.gainDb.forEach((g, k) => {
    w += trace.weight[k]!;
    wee += trace.weight[k]! * (g - movingDb((k + 0.5) * HOP)) ** 2;
  });
  expect(Math.sqrt(wee / w)).toBeLessThan(0.2);
});

test('a constant gain has no deviation', () => {
  const { meanDb, deviationDb } = traceStatistics(gainTrace([left, right], [left.map((x) => x / 2), right.map((x) => x / 2)], HOP));
  expect(meanDb).toBeCloseTo(-6.0206, 3);
  expect(deviationDb).toBeLessThan(0.001);
});

test('a gain taken out again leaves the signal within -25 dB', () => {
  const trace = gainTrace([left, right], moved, HOP);
  const restored = withoutGain(moved[0], trace.gainDb, 0, HOP);
  const peak = left.reduce((p, x) => Math.max(p, Math.abs(x)), 0);
  expect(difference(restored, left).largest / peak).toBeLessThan(0.056);
});
