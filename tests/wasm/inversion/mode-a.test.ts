import { expect, test } from 'vitest';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { EqualizerBand } from '../../../shared/params/equalizer.ts';
import type { Style } from '../../../shared/style.ts';
import type { Assets } from '../../../wasm/host/assets.ts';
import type { ChainStep } from '../../../wasm/host/engine.ts';
import { reverberationTime } from '../../../wasm/inversion/paired/reverberation-time.ts';
import { expectLawful, expectNearNeutral } from '../../contracts/inverter-laws.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { invert } from '../../support/invert.ts';
import { renderArrays } from '../../support/rendering.ts';
import { nullDb } from '../../support/samples.ts';
import { musicLike, whiteNoise } from '../../support/signals.ts';

const RATE = 44_100;
const take = musicLike(14, RATE, 21);

/** The take through a chain of our own effects, latency taken out. */
async function through(steps: readonly ChainStep[], irs: Assets = {}): Promise<[Float32Array, Float32Array]> {
  const chain = (await freshEngine()).createChain(RATE, steps, irs);
  const latency = chain.latencyFrames;
  const [left, right] = take.map((row) => {
    const padded = new Float32Array(row.length + latency);
    padded.set(row);
    return padded;
  }) as [Float32Array, Float32Array];
  chain.process(left, right);
  return [left.slice(latency), right.slice(latency)];
}

const pair = (reference: readonly Float32Array[]): Promise<Style> => invert(reference, take, RATE, { mode: 'A' });

/** How far the take, rendered in the style, is from the reference, dB under the reference's RMS. */
async function residualDb(style: Style, reference: readonly Float32Array[]): Promise<number> {
  const { channels } = await renderArrays(take, RATE, style, { engine: await engineBinary() });
  let [error, power] = [0, 0];
  reference.forEach((row, c) =>
    row.forEach((x, i) => {
      error += (x - channels[c]![i]!) ** 2;
      power += x * x;
    }),
  );
  return 10 * Math.log10(error / power);
}

const BANDS: EqualizerBand[] = [
  { type: 'low_shelf', fHz: 120, q: 0.7, gainDb: 4 },
  { type: 'peak', fHz: 800, q: 1.2, gainDb: -5 },
  { type: 'peak', fHz: 3500, q: 1.8, gainDb: 3.5 },
];

test('a recording matched to itself is left alone, to the last bit', async () => {
  const style = await pair(take);
  expectLawful(style);
  expectNearNeutral(style);
  const { channels } = await renderArrays(take, RATE, style, { engine: await engineBinary() });
  expect(nullDb(channels[0]!, take[0])).toBeLessThan(-60);
});

test('an equalizer is found: its curve within 0.3 dB, the render within -35 dB', async () => {
  const reference = await through([{ effect: 'equalizer', values: { bands: BANDS } }, { effect: 'gain', values: { gainDb: -3 } }]);
  const style = await pair(reference);
  expectLawful(style);
  const hz = Array.from({ length: 25 }, (_, k) => 60 * 2 ** (k / 3)).filter((f) => f < 12_000);
  const truth = equalizerResponseDb(BANDS, hz, RATE);
  const found = equalizerResponseDb(style.modules.eq.values.bands, hz, RATE);
  const offset = hz.reduce((sum, _, k) => sum + found[k]! - truth[k]!, 0) / hz.length;
  hz.forEach((_, k) => expect(Math.abs(found[k]! - truth[k]! - offset)).toBeLessThan(0.3));
  expect(await residualDb(style, reference)).toBeLessThan(-35);
});

test('a compressor is found: the render lies within -22 dB of the reference, doing nothing does not', async () => {
  const bands = [{ thresholdDb: -30, ratio: 4, lowThresholdDb: -96, lowRatio: 1, kneeDb: 4, attackMs: 8, releaseMs: 120, rmsMs: 5, makeupDb: 3 }];
  const reference = await through([{ effect: 'compressor', values: { crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000, bands } }]);
  const style = await pair(reference);
  expectLawful(style);
  const { dynamics } = style.modules;
  expect(dynamics).toMatchObject({ enabled: true, status: 'estimated' });
  expect(dynamics.values.bands[0]!.ratio).toBeGreaterThan(2);
  expect(await residualDb(style, reference)).toBeLessThan(-22);
});

test('a limiter driven by 10 dB is found or stood in for: the render lies within -20 dB', async () => {
  const reference = await through([{ effect: 'gain', values: { gainDb: 10 } }, { effect: 'limiter', values: { tpDb: -3, lookaheadMs: 3, releaseMs: 80 } }]);
  const style = await pair(reference);
  expectLawful(style);
  expect(await residualDb(style, reference)).toBeLessThan(-20);
});

test('a side gain is found within 0.03', async () => {
  const reference = await through([
    { effect: 'stereo-width', values: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 1.5, widthMid: 1.5, widthHigh: 1.5 } },
  ]);
  const { stereo } = (await pair(reference)).modules;
  expect(stereo.enabled).toBe(true);
  for (const width of [stereo.values.widthLow, stereo.values.widthMid, stereo.values.widthHigh]) expect(Math.abs(width - 1.5)).toBeLessThan(0.03);
});

test('a reverb is found by deconvolution: the render lies within -20 dB', async () => {
  const decaying = (seed: number) => whiteNoise(RATE, seed, 1).map((x, i) => x * Math.exp((-6.9 * i) / (0.8 * RATE)) * 0.05);
  const key = 'e'.repeat(64);
  const irs = { [key]: { sampleRate: RATE, channels: [decaying(1), decaying(2)] } };
  const reference = await through([{ effect: 'reverb', values: { irKey: key, mix: 0.5, preDelayMs: 20, ringOutSeconds: 30 } }], irs);
  const style = await pair(reference);
  expectLawful(style);
  // The reference is cut where the take ends: so is the result.
  expect(style.modules.reverb).toMatchObject({ enabled: true, status: 'estimated', values: { ringOutSeconds: 0 } });
  const { values, reason } = style.modules.reverb;
  expect(Object.keys(style.irs)).toEqual([values.irKey]);
  // The time that is stated is the carried response's own.
  const { channels, sampleRate } = style.irs[values.irKey!]!;
  expect(Number(reason.args['rt60Seconds'])).toBeCloseTo(reverberationTime(channels, sampleRate)!, 1);
  expect(await residualDb(style, reference)).toBeLessThan(-20);
});

test('an equalizer, a compressor and a wider side together bring the render nearer than -15 dB', async () => {
  const bands = [{ thresholdDb: -28, ratio: 3, lowThresholdDb: -96, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 150, rmsMs: 10, makeupDb: 4 }];
  const reference = await through([
    { effect: 'equalizer', values: { bands: BANDS } },
    { effect: 'compressor', values: { crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000, bands } },
    { effect: 'stereo-width', values: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 1.3, widthMid: 1.3, widthHigh: 1.3 } },
  ]);
  const style = await pair(reference);
  expectLawful(style);
  expect(await residualDb(style, reference)).toBeLessThan(-15);
});

test('a delay, a turned polarity and another rate of the same take are survived', async () => {
  const late = take.map((row) => {
    const moved = new Float32Array(row.length + 5000);
    moved.set(row.map((x) => -0.5 * x), 5000);
    return moved;
  });
  const style = await pair(late);
  expectLawful(style);
  expect(style.modules.eq.enabled).toBe(false);
  expect(style.modules.dynamics.enabled).toBe(false);
});

test('another performance is refused by name', async () => {
  const code = await pair(musicLike(14, RATE, 99)).then(() => 'none', (error: { code: string }) => error.code);
  expect(code).toBe('match/cannot-align');
});
