import { expect, test } from 'vitest';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { EqualizerBand } from '../../../shared/params/equalizer.ts';
import { expectLawful, expectNearNeutral } from '../../contracts/inverter-laws.ts';
import { measure } from '../../support/analyze.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { invert } from '../../support/invert.ts';
import { renderArrays } from '../../support/rendering.ts';
import { musicLike, pinkNoise, sine } from '../../support/signals.ts';

const RATE = 48_000;

/** Two stretches of the same kind of music, not the same notes. */
const [piece, other] = [musicLike(14, RATE, 11), musicLike(14, RATE, 12)];

async function equalized(channels: readonly Float32Array[], bands: EqualizerBand[]): Promise<[Float32Array, Float32Array]> {
  const [left, right] = [channels[0]!.slice(), channels[1]!.slice()];
  (await freshEngine()).createChain(RATE, [{ effect: 'equalizer', values: { bands } }]).process(left, right);
  return [left, right];
}

/** Side times `width`. */
const widened = ([left, right]: readonly Float32Array[], width: number): [Float32Array, Float32Array] => [
  left!.map((l, i) => (l + right![i]!) / 2 + (width * (l - right![i]!)) / 2),
  right!.map((r, i) => (left![i]! + r) / 2 - (width * (left![i]! - r)) / 2),
];

test('a recording matched to itself is left alone', async () => {
  const style = await invert(piece, piece, RATE);
  expectLawful(style);
  expectNearNeutral(style);
});

test('an equalizer on other music is approached: the error is at most 0.6 of doing nothing', async () => {
  const bands: EqualizerBand[] = [
    { type: 'low_shelf', fHz: 150, q: 0.7, gainDb: 6 },
    { type: 'high_shelf', fHz: 3500, q: 0.7, gainDb: -7 },
  ];
  const style = await invert(await equalized(other, bands), piece, RATE);
  expectLawful(style);
  const hz = Array.from({ length: 22 }, (_, k) => 80 * 2 ** (k / 3));
  const centred = (curve: ArrayLike<number>) => {
    const values = Array.from(curve);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return values.map((v) => v - mean);
  };
  const truth = centred(equalizerResponseDb(bands, hz, RATE));
  const found = centred(equalizerResponseDb(style.modules.eq.values.bands, hz, RATE));
  const rms = (values: readonly number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  expect(rms(found.map((v, k) => v - truth[k]!))).toBeLessThan(0.6 * rms(truth));
});

test('an equalizer on the same kind of noise is found within 1 dB', async () => {
  const bands: EqualizerBand[] = [{ type: 'peak', fHz: 900, q: 0.6, gainDb: 7 }];
  const target = [pinkNoise(12 * RATE, 1), pinkNoise(12 * RATE, 2)];
  const style = await invert(await equalized([pinkNoise(12 * RATE, 3), pinkNoise(12 * RATE, 4)], bands), target, RATE);
  const hz = [150, 300, 600, 900, 1300, 2500, 5000];
  const truth = equalizerResponseDb(bands, hz, RATE);
  const found = equalizerResponseDb(style.modules.eq.values.bands, hz, RATE);
  const offset = hz.reduce((sum, _, k) => sum + truth[k]! - found[k]!, 0) / hz.length;
  hz.forEach((_, k) => expect(Math.abs(truth[k]! - found[k]! - offset)).toBeLessThan(1));
});

test('nothing is boosted where the recording is empty', async () => {
  const dull = [sine(1, 1, RATE), sine(1, 1, RATE)].map(() => {
    const tone = new Float32Array(8 * RATE);
    for (let hz = 60; hz < 5000; hz *= 1.06) sine(8 * RATE, hz, RATE, 0.02, hz).forEach((x, i) => (tone[i]! += x));
    return tone;
  });
  const style = await invert([pinkNoise(8 * RATE, 1), pinkNoise(8 * RATE, 2)], dull, RATE);
  expectLawful(style);
  const [atTop, atFour] = equalizerResponseDb(style.modules.eq.values.bands, [12_000, 4000], RATE);
  expect(atTop! - Math.max(0, atFour!)).toBeLessThan(6);
});

test('a wider reference widens, a narrower one narrows, and mono stays mono', async () => {
  const wide = await invert(widened(other, 1.8), piece, RATE);
  const narrow = await invert(widened(other, 0.4), piece, RATE);
  const mono = await invert(widened(other, 1.8), [piece[0]], RATE);
  for (const style of [wide, narrow, mono]) expectLawful(style);
  expect(wide.modules.stereo.values.widthMid).toBeGreaterThan(1.1);
  expect(narrow.modules.stereo.values.widthMid).toBeLessThan(0.8);
  expect(mono.modules.stereo.enabled).toBe(false);
});

test('of one piece, sides that differ by what parts of it do are left alone', async () => {
  expect((await invert(widened(other, 1.08), piece, RATE)).modules.stereo.enabled).toBe(false);
});

test('a mono reference is followed', async () => {
  const { stereo } = (await invert([other[0]], piece, RATE)).modules;
  expect(stereo.values.widthMid).toBeLessThan(0.1);
});

test('the loudness to reach is the reference\'s, and the ceiling is the one asked for', async () => {
  const { modules } = await invert(other.map((row) => row.map((x) => x * 0.5)), piece, RATE);
  expect(modules.lufs).toMatchObject({ enabled: true, status: 'estimated' });
  expect(modules.limiter).toMatchObject({ enabled: true, values: { tpDb: -1 } });
});

test('where the peaks of the reference end lower, the limiter takes its own there, by 3 dB at most', async () => {
  // Peaks stand out little at any moment, but end higher and higher: no wall.
  const leveled = other.map((row) => row.map((x, i) => 0.08 * 3 ** (i / row.length) * Math.tanh(8 * x))) as [Float32Array, Float32Array];
  const style = await invert(leveled, piece, RATE);
  const { limiter } = style.modules;
  expect(limiter.reason.code).toBe('limiter/reference-peaks');
  style.modules.limiter = { ...limiter, enabled: false };
  const unlimited = await renderArrays(piece, RATE, style, { engine: await engineBinary() });
  expect(limiter.values.tpDb).toBeGreaterThanOrEqual((await measure(unlimited.channels, RATE)).truePeakDbtp! - 3 - 0.5);
});

test('where the peaks of the reference end at a wall, that becomes the ceiling', async () => {
  const clipped = other.map((row) => row.map((x) => Math.max(-0.25, Math.min(0.25, x * 2)))) as [Float32Array, Float32Array];
  const { limiter } = (await invert(clipped, piece, RATE)).modules;
  expect(limiter.reason.code).toBe('limiter/reference-peaks');
  expect(limiter.values.tpDb).toBeCloseTo((await measure(clipped, RATE)).truePeakDbtp! + 0.2, 3);
});

test('a recording whose own peaks end at a wall is left alone when matched to itself', async () => {
  const clipped = other.map((row) => row.map((x) => Math.max(-0.25, Math.min(0.25, x * 2)))) as [Float32Array, Float32Array];
  const style = await invert(clipped, clipped, RATE);
  const { channels } = await renderArrays(clipped, RATE, style, { engine: await engineBinary() });
  const change = clipped.reduce((high, row, c) => row.reduce((most, x, i) => Math.max(most, Math.abs(x - channels[c]![i]!)), high), 0);
  expect(change).toBeLessThan(1e-3);
});

test('a steady tone is no limiter: at most 8 dB are taken off the peaks', async () => {
  const tone = sine(12 * RATE, 440, RATE, 0.05);
  const style = await invert([tone, tone], piece, RATE);
  const { limiter } = style.modules;
  style.modules.limiter = { ...limiter, enabled: false };
  const unlimited = await renderArrays(piece, RATE, style, { engine: await engineBinary() });
  expect(limiter.values.tpDb).toBeGreaterThanOrEqual((await measure(unlimited.channels, RATE)).truePeakDbtp! - 8 - 0.5);
});

test('a constant under the sound is taken out, unless the reference has it too', async () => {
  const shifted = (rows: readonly Float32Array[]) => rows.map((row) => row.map((x) => 0.2 * x + 0.3));
  const highPasses = ({ modules }: Awaited<ReturnType<typeof invert>>) => modules.eq.values.bands.filter(({ type }) => type === 'high_pass');
  const style = await invert(other, shifted(piece), RATE);
  expectLawful(style);
  expect(highPasses(style)).toHaveLength(1);
  const { channels } = await renderArrays(shifted(piece), RATE, style, { engine: await engineBinary() });
  expect(Math.abs((await measure(channels, RATE)).dcOffset)).toBeLessThan(0.003);
  expect(highPasses(await invert(shifted(other), shifted(piece), RATE))).toHaveLength(0);
});

async function squashed(rows: readonly Float32Array[]): Promise<[Float32Array, Float32Array]> {
  const [left, right] = [rows[0]!.slice(), rows[1]!.slice()];
  const bands = [{ thresholdDb: -45, ratio: 8, lowThresholdDb: -96, lowRatio: 1, kneeDb: 6, attackMs: 5, releaseMs: 80, rmsMs: 10, makeupDb: 20 }];
  const crossovers = { crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000 };
  (await freshEngine()).createChain(RATE, [{ effect: 'compressor', values: { ...crossovers, bands } }]).process(left, right);
  return [left, right];
}

test('a squashed reference asks for compression', async () => {
  const { dynamics } = (await invert(await squashed(other), piece, RATE)).modules;
  expect(dynamics.enabled).toBe(true);
  expect(Math.max(...dynamics.values.bands.map((band) => band.ratio))).toBeGreaterThan(1.05);
  expect(Math.min(...dynamics.values.bands.map((band) => band.ratio))).toBeGreaterThanOrEqual(1);
});

test('a part of the same piece that spreads more asks for no expansion', async () => {
  const { dynamics } = (await invert(other, await squashed(piece), RATE)).modules;
  for (const { ratio, lowRatio } of dynamics.enabled ? dynamics.values.bands : []) {
    expect(ratio).toBeGreaterThan(0.99);
    expect(lowRatio).toBeGreaterThan(0.99);
  }
});

test('pitch is matched only when asked for', async () => {
  const voice = (hz: number) => {
    const tone = new Float32Array(4 * RATE);
    for (let h = 1; h <= 10; h += 1) sine(4 * RATE, hz * h, RATE, 0.2 / h).forEach((x, i) => (tone[i]! += x));
    return [tone];
  };
  const silent = await invert(voice(233.08), voice(220), RATE);
  const asked = await invert(voice(233.08), voice(220), RATE, { pitch: true });
  expect(silent.modules.pitch.enabled).toBe(false);
  expect(asked.modules.pitch.values.semitones).toBeCloseTo(1, 1);
  expectLawful(asked);
});

test.each([
  ['8 kHz', 8000, 8000],
  ['192 kHz against 44.1 kHz', 192_000, 44_100],
])('%s works', async (_, sampleRate, referenceRate) => {
  expectLawful(await invert(musicLike(3, referenceRate, 2), musicLike(3, sampleRate, 3), sampleRate, { referenceRate }));
});

test('the residual filter brings the spectrum nearer than the bands alone', async () => {
  const comb: EqualizerBand[] = [250, 500, 1000, 2000, 4000].map((fHz, k) => ({ type: 'peak', fHz, q: 5, gainDb: k % 2 === 0 ? 6 : -6 }));
  const target = [pinkNoise(10 * RATE, 1), pinkNoise(10 * RATE, 2)];
  const reference = await equalized([pinkNoise(10 * RATE, 3), pinkNoise(10 * RATE, 4)], comb);
  const wanted = await measure(reference, RATE);
  const errorDb = async (residualFir: boolean): Promise<number> => {
    const style = await invert(reference, target, RATE, { residualFir });
    expectLawful(style);
    expect(style.modules.matchFir.enabled).toBe(residualFir);
    const { channels } = await renderArrays(target, RATE, style, { engine: await engineBinary() });
    const got = await measure(channels, RATE);
    const differences = wanted.ltasFine.midDb.slice(40, 95).map((db, k) => db - got.ltasFine.midDb[k + 40]!);
    const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
    return differences.reduce((sum, d) => sum + Math.abs(d - mean), 0) / differences.length;
  };
  expect(await errorDb(true)).toBeLessThan(0.7 * (await errorDb(false)));
});
