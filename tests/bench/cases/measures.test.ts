import { expect, test } from 'vitest';
import { dbToGain } from '../../../shared/units.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { musicLike, sine, whiteNoise } from '../../support/signals.ts';
import { aligned } from './alignment.ts';
import { measureCase } from './measures.ts';
import { bandMovements, fallRate, spreadDistanceDb } from './movement.ts';
import { melDistanceDb, mrstft, pitchOffsetCents } from './short-time.ts';
import { longTermOf, sideToMidDistanceDb, type Stereo } from './spectrum.ts';
import { butterworth, zeroPhase } from './zero-phase.ts';

const RATE = 48_000;
const music = musicLike(6, RATE, 3);
const times = ([left, right]: Stereo, gain: number): Stereo => [left.map((x) => x * gain), right.map((x) => x * gain)];
/** Of the middle half of a second, as a sine's amplitude. */
const amplitude = (row: ArrayLike<number>): number => {
  const middle = Array.from(row).slice(RATE / 4, -RATE / 4);
  return Math.sqrt((2 * middle.reduce((sum, x) => sum + x * x, 0)) / middle.length);
};

test('a recording lies at no distance from itself, and half as loud it lies where arithmetic says', async () => {
  const same = await measureCase(await engineBinary(), { rows: music, sampleRate: RATE }, { rows: music, sampleRate: RATE }, true);
  for (const value of Object.values(same)) expect(value).toBeCloseTo(0, 6);
  const engine = await freshEngine();
  // Spectral convergence 0.5, log magnitude ln 2.
  const noise: Stereo = [whiteNoise(2 * RATE, 1), whiteNoise(2 * RATE, 2)];
  expect(mrstft(engine, times(noise, 0.5), noise)).toBeCloseTo(0.5 + Math.LN2, 2);
  expect(melDistanceDb(engine, times(noise, 0.5), noise, RATE)).toBeCloseTo(6.02, 2);
});

test('loudness is no distance once it is aligned', async () => {
  const { loudness, ltas, mrstftAligned, spread } = await measureCase(await engineBinary(), { rows: times(music, dbToGain(-4)), sampleRate: RATE }, { rows: music, sampleRate: RATE }, true);
  expect(loudness).toBeCloseTo(4, 2);
  expect(ltas).toBeLessThan(0.01);
  expect(spread).toBeLessThan(0.02);
  expect(mrstftAligned).toBeLessThan(0.03);
});

test('a side of half the mid is -6 dB in every band', async () => {
  const noise = whiteNoise(4 * RATE, 5);
  const rows: Stereo = [noise.map((x) => x * 1.5), noise.map((x) => x * 0.5)];
  const { sideToMidDb } = longTermOf(await freshEngine(), rows, RATE);
  for (const db of sideToMidDb) expect(db).toBeCloseTo(-6.02, 1);
  expect(sideToMidDistanceDb(longTermOf(await freshEngine(), rows, RATE), { thirdsDb: [], sideToMidDb })).toBe(0);
});

test('filters have no phase, pass their band whole and are down by 6 dB at its edges', () => {
  for (const [low, high, order] of [[null, 500, 4], [500, null, 4], [500, 2000, 2]] as const) {
    const sections = butterworth(low, high, order, RATE);
    const at = (hz: number) => amplitude(zeroPhase(sections, sine(RATE, hz, RATE, 1)));
    expect(at(low === null ? 50 : high === null ? 8000 : 1000)).toBeCloseTo(1, 2);
    expect(at(low ?? high ?? 0)).toBeCloseTo(0.5, 2);
    const middle = low === null ? 50 : high === null ? 8000 : 1000;
    const tone = sine(RATE, middle, RATE, 1);
    const error = zeroPhase(sections, tone).map((x, i) => x - tone[i]!);
    expect(amplitude(error)).toBeLessThan(0.01);
  }
});

test('levels that move by 12 dB spread by 12 dB, and sound that dies away at 60 dB/s falls at 60 dB/s', () => {
  const steps = whiteNoise(20 * RATE, 6).map((x, i) => x * (Math.floor(i / (2 * RATE)) % 4 === 0 ? 0.25 : 1));
  const flat = whiteNoise(20 * RATE, 7);
  const [moving, still] = [bandMovements([steps, steps], RATE), bandMovements([flat, flat], RATE)];
  expect(moving[4]!.lowDb).toBeCloseTo(12, 0);
  expect(spreadDistanceDb(moving, still)).toBeGreaterThan(4);
  const dying = whiteNoise(20 * RATE, 8).map((x, i) => x * 10 ** ((-60 * ((i / RATE) % 1)) / 20));
  expect(fallRate([dying, dying], RATE)).toBeLessThan(-50);
  expect(fallRate([dying, dying], RATE)).toBeGreaterThan(-150);
});

test('a render that is late is moved back', async () => {
  const engine = await freshEngine();
  const late = music.map((row) => Float32Array.from(row, (_, i) => row[i - 100] ?? 0)) as [Float32Array, Float32Array];
  const pair = aligned(engine, late, music, RATE);
  expect(pair.out[0].length).toBe(music[0].length - 100);
  expect(mrstft(engine, pair.out, pair.truth, [1024])).toBeLessThan(0.01);
});

test('a semitone up is 100 cents', async () => {
  const chord = (ratio: number): Stereo => {
    const row = new Float32Array(4 * RATE);
    for (const hz of [220, 277.18, 329.63, 440, 660, 880]) sine(row.length, hz * ratio, RATE, 0.1).forEach((x, i) => (row[i]! += x));
    return [row, row];
  };
  expect(pitchOffsetCents(await freshEngine(), chord(2 ** (1 / 12)), chord(1), RATE)).toBeCloseTo(100, -0.5);
});
