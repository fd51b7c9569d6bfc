import { expect, test } from 'vitest';
import { staticGainDb } from '../../../shared/compressor-curve.ts';
import type { CompressorBand, CompressorValues } from '../../../shared/params/compressor.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';
import { impulseResponse, levelAtDb, logSpaced } from '../../support/response.ts';
import { rmsDb } from '../../support/samples.ts';
import { randomNumbers, sine } from '../../support/signals.ts';

const NEUTRAL: CompressorBand = {
  thresholdDb: -18, ratio: 1, lowThresholdDb: -60, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 150, rmsMs: 10, makeupDb: 0,
};

const values = (bands: Partial<CompressorBand>[], crossovers: readonly [number, number, number] = [120, 1000, 5000]): CompressorValues => ({
  crossover1Hz: crossovers[0],
  crossover2Hz: crossovers[1],
  crossover3Hz: crossovers[2],
  bands: bands.map((band) => ({ ...NEUTRAL, ...band })),
});

obeysTheLaws({
  effect: 'compressor',
  neutral: values([{}]),
  neutralNullDb: -Infinity,
  working: {
    'one band': values([{ thresholdDb: -30, ratio: 4, attackMs: 5, releaseMs: 80 }]),
    'three bands': values([
      { thresholdDb: -30, ratio: 3, rmsMs: 0, makeupDb: 2 },
      { thresholdDb: -40, ratio: 0.7, lowThresholdDb: -50, lowRatio: 0.5 },
      { lowThresholdDb: -40, lowRatio: 2, makeupDb: -3 },
    ]),
    'four bands': values([{ ratio: 20, thresholdDb: -40, attackMs: 0.05, releaseMs: 2 }, { makeupDb: 3 }, { ratio: 2 }, { ratio: 3, thresholdDb: -50 }]),
  },
  commutesWithSwap: true,
  notFaults: { pump: { 'one band': '4:1 from -30 dB on that lets go within 80 ms: that is what pumping is' } },
});

const chainOf = async (v: CompressorValues, sampleRate = 48_000) =>
  (await freshEngine()).createChain(sampleRate, [{ effect: 'compressor', values: v }]);

/** Gain in dB that a constant settles on (a constant's peak and mean square are the same). */
async function settledGainDb(levelDb: number, band: Partial<CompressorBand>): Promise<number> {
  const chain = await chainOf(values([{ ...band, attackMs: 1, releaseMs: 2 }]));
  const amplitude = 10 ** (levelDb / 20);
  const left = new Float32Array(12_000).fill(amplitude);
  chain.process(left, left.slice());
  return 20 * Math.log10(left.at(-1)! / amplitude);
}

test('the static curve is the one the screen draws, within 0.05 dB', async () => {
  const random = randomNumbers(4);
  for (let round = 0; round < 60; round += 1) {
    const band = {
      thresholdDb: -60 * random(),
      ratio: 0.4 * 50 ** random(),
      lowThresholdDb: -80 * random(),
      lowRatio: 0.25 * 16 ** random(),
      kneeDb: round % 5 === 0 ? 0 : 24 * random(),
      rmsMs: round % 2 === 0 ? 0 : 5,
      makeupDb: 24 * random() - 12,
    };
    const levelDb = -100 * random() + 6;
    const gainDb = await settledGainDb(levelDb, band);
    expect(Math.abs(gainDb - staticGainDb(levelDb, { ...NEUTRAL, ...band }))).toBeLessThan(0.05);
  }
});

test('the mean-square detector reads a sine 3.01 dB under its peak', async () => {
  const band = { thresholdDb: -30, ratio: 4, kneeDb: 0, attackMs: 50, releaseMs: 50, rmsMs: 100 };
  const chain = await chainOf(values([band]));
  const input = sine(96_000, 1000, 48_000, 0.25);
  const out = input.slice();
  chain.process(out, input.slice());
  const gainDb = rmsDb(out.subarray(72_000)) - rmsDb(input.subarray(72_000));
  expect(gainDb).toBeCloseTo(staticGainDb(20 * Math.log10(0.25) - 3.0103, { ...NEUTRAL, ...band }), 1);
});

/** Milliseconds until the gain in dB has gone 63 % of its way after a step of a constant at 20 000 frames. */
async function settlingMs(fromDb: number, toDb: number, band: Partial<CompressorBand>): Promise<number> {
  const chain = await chainOf(values([{ rmsMs: 0, kneeDb: 0, thresholdDb: -30, ratio: 4, ...band }]));
  const input = new Float32Array(60_000).fill(10 ** (fromDb / 20), 0, 20_000).fill(10 ** (toDb / 20), 20_000);
  const out = input.slice();
  chain.process(out, input.slice());
  const gainDb = (i: number) => 20 * Math.log10(out[i]! / input[i]!);
  const [start, end] = [gainDb(19_999), gainDb(59_999)];
  let at = 20_000;
  while (Math.abs(gainDb(at) - start) < Math.abs(end - start) * (1 - Math.exp(-1))) at += 1;
  return (at - 20_000 + 1) / 48;
}

test.each([[0.5], [5], [50]])('the attack of %d ms is the time to 63 %% of the gain in dB', async (attackMs) => {
  const ms = await settlingMs(-40, -6, { attackMs, releaseMs: 100 });
  expect(Math.abs(ms - attackMs)).toBeLessThan(0.03 + attackMs * 0.01);
});

test.each([[5], [40], [100]])('the release of %d ms is the time to 63 %% of the gain in dB', async (releaseMs) => {
  const ms = await settlingMs(-6, -40, { attackMs: 1, releaseMs });
  expect(Math.abs(ms - releaseMs)).toBeLessThan(0.03 + releaseMs * 0.01);
});

test('an upward expander opens with the attack and closes with the release', async () => {
  expect(await settlingMs(-40, -20, { ratio: 0.5, attackMs: 3, releaseMs: 60 })).toBeCloseTo(3, 1);
  expect(await settlingMs(-20, -40, { ratio: 0.5, attackMs: 3, releaseMs: 60 })).toBeCloseTo(60, 0);
});

test('two to four bands add up to a flat response within 0.001 dB, also when crossovers are out of order', async () => {
  for (const crossovers of [[120, 1000, 5000], [90, 90, 12_000], [4000, 300, 900]] as const) {
    for (const count of [2, 3, 4]) {
      // A band that could compress keeps the filters running; its threshold is out of reach.
      const bands = Array.from({ length: count }, () => ({ ratio: 2, thresholdDb: 6 }));
      const ir = impulseResponse(await chainOf(values(bands, crossovers)), 24_000, 0.1);
      for (const hz of logSpaced(25, 20_000, 25)) expect(Math.abs(levelAtDb(ir, hz, 48_000))).toBeLessThan(0.001);
    }
  }
});

test('a crossover falls by 24 dB per octave and meets its neighbour at -6 dB', async () => {
  const ir = impulseResponse(await chainOf(values([{ makeupDb: -24, ratio: 2, thresholdDb: 6 }, { ratio: 2, thresholdDb: 6 }], [500, 1000, 5000])), 24_000, 0.1);
  const low = 10 ** (-24 / 20);
  // At the crossover both sides are half and in phase.
  expect(levelAtDb(ir, 500, 48_000)).toBeCloseTo(20 * Math.log10((1 + low) / 2), 2);
  expect(levelAtDb(ir, 60, 48_000)).toBeCloseTo(-24, 1);
  expect(levelAtDb(ir, 4000, 48_000)).toBeCloseTo(0, 1);
});

test('a loud channel turns down both: the gain is linked', async () => {
  const chain = await chainOf(values([{ thresholdDb: -30, ratio: 10 }]));
  const left = sine(48_000, 440, 48_000, 0.8);
  const right = sine(48_000, 660, 48_000, 0.01);
  const before = rmsDb(right.subarray(24_000));
  chain.process(left, right);
  expect(rmsDb(right.subarray(24_000)) - before).toBeLessThan(-15);
});
