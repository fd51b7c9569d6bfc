/** How levels move: their spread per band, and how fast sound gets out of the way. */
import { percentile } from '../../../wasm/analysis/programme-loudness.ts';
import { type Stereo, toDb } from './spectrum.ts';
import { butterworth, zeroPhase } from './zero-phase.ts';

const BANDS = [
  [null, 120],
  [120, 500],
  [500, 2000],
  [2000, 6000],
  [6000, null],
] as const;
const FALL_BANDS = [
  [250, 1000],
  [1000, 3000],
  [3000, 8000],
] as const;
/** Frames and bands this far under the loudest count as empty. */
const RANGE_DB = 60;

export interface BandMovement {
  /** p50 - p10 and p95 - p50 of the 50 ms levels, dB. */
  readonly lowDb: number;
  readonly highDb: number;
  /** Within 60 dB of the strongest band. */
  readonly isLive: boolean;
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** Mean power over both rows, `seconds` at a time. */
function framePowers(rows: readonly Float64Array[], sampleRate: number, seconds: number): number[] {
  const size = Math.max(1, Math.round(seconds * sampleRate));
  return Array.from({ length: Math.floor(rows[0]!.length / size) }, (_, frame) => {
    let sum = 0;
    for (const row of rows) for (let i = frame * size; i < (frame + 1) * size; i += 1) sum += row[i]! ** 2;
    return sum / (size * rows.length);
  });
}

export function bandMovements(stereo: Stereo, sampleRate: number): BandMovement[] {
  const found = BANDS.map(([low, high]) => {
    const sections = butterworth(low, high, low === null || high === null ? 4 : 2, sampleRate);
    const rows = stereo.map((row) => zeroPhase(sections, row));
    const levels = framePowers(rows, sampleRate, 0.05).map(toDb);
    const loudest = Math.max(...levels);
    const active = ascending(levels.filter((level) => level > loudest - RANGE_DB));
    const [p10, p50, p95] = [0.1, 0.5, 0.95].map((share) => percentile(active, share)) as [number, number, number];
    const power = rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0) / (rows.length * rows[0]!.length);
    return { lowDb: p50 - p10, highDb: p95 - p50, power };
  });
  const strongest = Math.max(...found.map(({ power }) => power));
  return found.map(({ power, ...movement }) => ({ ...movement, isLive: power > strongest * 1e-6 }));
}

export function spreadDistanceDb(mine: readonly BandMovement[], theirs: readonly BandMovement[]): number {
  const used = mine.flatMap((band, k) => {
    const other = theirs[k]!;
    return band.isLive && other.isLive ? [(Math.abs(band.lowDb - other.lowDb) + Math.abs(band.highDb - other.highDb)) / 2] : [];
  });
  return used.reduce((a, b) => a + b, 0) / Math.max(1, used.length);
}

/** 5th percentile of the level change over 50 ms near the loud moments, mean of three bands, dB/s. */
export function fallRate([left, right]: Stereo, sampleRate: number): number {
  const mono = left.map((l, i) => (l + right[i]!) / 2);
  const rates = FALL_BANDS.flatMap(([low, high]) => {
    const row = zeroPhase(butterworth(low, Math.min(high, 0.49 * sampleRate), 2, sampleRate), mono);
    const levels = framePowers([row], sampleRate, 0.01).map(toDb);
    if (levels.length < 20) return [];
    const near = percentile(ascending(levels), 0.98) - 30;
    const changes = levels.slice(0, -5).flatMap((level, i) => (level > near ? [levels[i + 5]! - level] : []));
    return changes.length === 0 ? [] : [Math.max(percentile(ascending(changes), 0.05), -60) / 0.05];
  });
  return rates.reduce((a, b) => a + b, 0) / Math.max(1, rates.length);
}
