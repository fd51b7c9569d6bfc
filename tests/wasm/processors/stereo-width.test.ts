import { expect, test } from 'vitest';
import type { StereoWidthValues } from '../../../shared/params/stereo-width.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';
import { levelAtDb } from '../../support/response.ts';
import { difference, nullDb } from '../../support/samples.ts';
import { pinkNoise, sine } from '../../support/signals.ts';

const widths = (widthLow: number, widthMid: number, widthHigh: number): StereoWidthValues => ({
  crossover1Hz: 250, crossover2Hz: 4000, widthLow, widthMid, widthHigh,
});

obeysTheLaws({
  effect: 'stereo-width',
  neutral: widths(1, 1, 1),
  neutralNullDb: -Infinity,
  working: { 'one width': widths(1.6, 1.6, 1.6), 'three widths': widths(0, 1.3, 2.5) },
  commutesWithSwap: true,
});

const chainOf = async (values: StereoWidthValues) => (await freshEngine()).createChain(48_000, [{ effect: 'stereo-width', values }]);

test('mono stays mono, bit for bit between the channels', async () => {
  for (const values of [widths(0.3, 0.3, 0.3), widths(0, 2.5, 1)]) {
    const chain = await chainOf(values);
    const left = pinkNoise(20_000, 2);
    const right = left.slice();
    chain.process(left, right);
    expect(difference(left, right).first).toBe(-1);
  }
});

test('one width of 0 leaves the mid exactly in both channels; a width of 2 doubles the side', async () => {
  const [l, r] = [pinkNoise(9000, 2), pinkNoise(9000, 3)];
  const run = async (width: number) => {
    const [left, right] = [l.slice(), r.slice()];
    (await chainOf(widths(width, width, width))).process(left, right);
    return { left, right };
  };
  const none = await run(0);
  expect(difference(none.left, l.map((x, i) => (x + r[i]!) / 2)).first).toBe(-1);
  const twice = await run(2);
  const side = twice.left.map((x, i) => (x - twice.right[i]!) / 2);
  expect(nullDb(side, l.map((x, i) => x - r[i]!))).toBeLessThan(-140);
});

/** Levels in dB of mid and side at a frequency, for an impulse on the left (mid and side both 0.5). */
async function levels(values: StereoWidthValues, hz: number): Promise<{ midDb: number; sideDb: number }> {
  const [left, right] = [new Float32Array(16_000), new Float32Array(16_000)];
  left[0] = 1;
  (await chainOf(values)).process(left, right);
  return {
    midDb: levelAtDb(left.map((x, i) => x + right[i]!), hz, 48_000),
    sideDb: levelAtDb(left.map((x, i) => x - right[i]!), hz, 48_000),
  };
}

test('each width is the gain of the side inside its band, and the mid stays flat', async () => {
  const values = widths(0.5, 2, 1.5);
  for (const [hz, width] of [[30, 0.5], [1000, 2], [14_000, 1.5]] as const) {
    const { midDb, sideDb } = await levels(values, hz);
    expect(Math.abs(midDb)).toBeLessThan(0.001);
    expect(sideDb).toBeCloseTo(20 * Math.log10(width), 1);
  }
});

test('widths a hair apart are as flat as equal ones: the bands of the side add up', async () => {
  for (const hz of [30, 250, 700, 4000, 12_000]) {
    const { midDb, sideDb } = await levels(widths(1, 1, 1.0001), hz);
    expect(Math.abs(midDb)).toBeLessThan(0.002);
    expect(Math.abs(sideDb)).toBeLessThan(0.002);
  }
});

test('mid and side stay in phase: a sound on the left alone stays there while the widths stay near 1', async () => {
  const chain = await chainOf(widths(1, 1, 1.0001));
  const left = sine(48_000, 400, 48_000);
  const right = new Float32Array(48_000);
  chain.process(left, right);
  expect(right.subarray(24_000).reduce((m, x) => Math.max(m, Math.abs(x)), 0)).toBeLessThan(1e-4);
});
