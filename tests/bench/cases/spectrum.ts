/** Long-term spectra of one recording: Welch's periodogram, thirds of an octave, side against mid. */
import type { Engine } from '../../../wasm/host/engine.ts';
import { RealFft } from '../../../wasm/host/fft.ts';
import { powerToDb } from '../../../shared/units.ts';

export type Stereo = readonly [Float32Array, Float32Array];

const FLOOR_POWER = 1e-12;
const THIRDS = Array.from({ length: 27 }, (_, k) => k - 14);
/** A band this far under the strongest counts as this. */
const LTAS_RANGE_DB = 70;
const STEREO_BANDS = [
  [40, 250],
  [250, 4000],
  [4000, 16_000],
] as const;
const SIDE_LIMITS_DB = [-40, 20] as const;

export const toDb = (power: number): number => powerToDb(Math.max(power, FLOOR_POWER));

/** Symmetric where `size` samples are one period of it. */
export const hann = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));

interface Periodogram {
  /** Per Hz, one-sided; bin k lies at k * binHz. */
  readonly density: Float64Array;
  readonly binHz: number;
}

/**
 * Mean of windowed periodograms, half overlapping, bins of about 1.5 Hz.
 * Source: P. D. Welch, IEEE Trans. Audio Electroacoust. AU-15 (1967).
 */
function periodogram(engine: Engine, row: Float32Array, sampleRate: number): Periodogram {
  let size = 2 ** Math.round(Math.log2(sampleRate / 1.5));
  while (size > row.length && size > 1024) size /= 2;
  const fft = new RealFft(engine, size);
  const window = hann(size);
  const scale = 2 / (sampleRate * window.reduce((sum, w) => sum + w * w, 0));
  const density = new Float64Array(size / 2 + 1);
  const [re, im, piece] = [new Float32Array(size / 2 + 1), new Float32Array(size / 2 + 1), new Float32Array(size)];
  let count = 0;
  for (let at = 0; at + size <= row.length; at += size / 2, count += 1) {
    for (let i = 0; i < size; i += 1) piece[i] = row[at + i]! * window[i]!;
    fft.forward(piece, re, im);
    for (let k = 0; k < density.length; k += 1) density[k]! += scale * (re[k]! ** 2 + im[k]! ** 2);
  }
  density[0]! /= 2;
  density[size / 2]! /= 2;
  return { density: density.map((p) => p / Math.max(1, count)), binHz: sampleRate / size };
}

/** Bins at the edges count in proportion. */
function bandPower({ density, binHz }: Periodogram, lowHz: number, highHz: number): number {
  let sum = 0;
  for (let k = Math.max(0, Math.floor(lowHz / binHz - 1)); k < density.length && (k - 0.5) * binHz < highHz; k += 1) {
    const part = (Math.min((k + 0.5) * binHz, highHz) - Math.max((k - 0.5) * binHz, lowHz)) / binHz;
    sum += density[k]! * Math.max(0, Math.min(1, part));
  }
  return sum * binHz;
}

export interface LongTerm {
  /** Level per third of an octave, 40 Hz to 16 kHz, dB; null over Nyquist. */
  readonly thirdsDb: readonly (number | null)[];
  /** 10 log10(side / mid): low, middle, high. */
  readonly sideToMidDb: readonly number[];
}

export function longTermOf(engine: Engine, [left, right]: Stereo, sampleRate: number): LongTerm {
  const [a, b] = [periodogram(engine, left, sampleRate), periodogram(engine, right, sampleRate)];
  const levels = THIRDS.map((k) => {
    const [low, high] = [1000 * 2 ** ((k - 0.5) / 3), 1000 * 2 ** ((k + 0.5) / 3)];
    return high > (sampleRate / 2) * 1.001 ? null : toDb(bandPower(a, low, high) + bandPower(b, low, high));
  });
  const floor = Math.max(...levels.map((db) => db ?? -Infinity)) - LTAS_RANGE_DB;
  const [mid, side] = [left.map((l, i) => (l + right[i]!) / 2), left.map((l, i) => (l - right[i]!) / 2)].map((row) => periodogram(engine, row, sampleRate));
  return {
    thirdsDb: levels.map((db) => (db === null ? null : Math.max(floor, db))),
    sideToMidDb: STEREO_BANDS.map(([low, high]) => {
      const [m, s] = [bandPower(mid!, low, high), bandPower(side!, low, high)];
      const ratio = m + s < FLOOR_POWER ? SIDE_LIMITS_DB[0] : toDb((s + FLOOR_POWER / 1000) / (m + FLOOR_POWER / 1000));
      return Math.max(SIDE_LIMITS_DB[0], Math.min(SIDE_LIMITS_DB[1], ratio));
    }),
  };
}

/** Mean difference per third of an octave, loudness taken out, with one floor for both. */
export function ltasDistanceDb(mine: LongTerm, myLufs: number, theirs: LongTerm, theirLufs: number): number {
  const levels = mine.thirdsDb.flatMap((db, k) => {
    const other = theirs.thirdsDb[k];
    return db === null || other == null ? [] : [[db - myLufs, other - theirLufs] as const];
  });
  const floor = Math.min(Math.max(...levels.map(([a]) => a)), Math.max(...levels.map(([, b]) => b))) - LTAS_RANGE_DB;
  return levels.reduce((sum, [a, b]) => sum + Math.abs(Math.max(a, floor) - Math.max(b, floor)), 0) / levels.length;
}

export const sideToMidDistanceDb = (mine: LongTerm, theirs: LongTerm): number =>
  mine.sideToMidDb.reduce((sum, db, band) => sum + Math.abs(db - theirs.sideToMidDb[band]!), 0) / STEREO_BANDS.length;
