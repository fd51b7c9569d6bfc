/**
 * Reverberation without an impulse response: free decays in octave bands (meter `decay`), and how fast sound falls.
 *
 * A decay counts when the level falls for long and far enough along a straight line. What a room adds cannot fall
 * faster than the room, so the fast side of the decays found speaks for it; sustained chords show no decay at all and
 * answer null.
 * Source: Ratnam et al., Blind estimation of reverberation time, JASA 114 (2003), for the left side of the distribution
 * of decays; ISO 3382-1 for reading a slope as RT60. Departs from both: straight lines are found by regression on band
 * levels every 10 ms.
 */
import type { Features } from '../../shared/features.ts';
import { dbToPower, powerToDb } from '../../shared/units.ts';
import { percentile } from './programme-loudness.ts';

const VALUES = 9;
const OCTAVES = 6;
const STEP_SECONDS = 0.01;
const FLOOR_POWER = 1e-13;

const MIN_STEPS = 12;
const MIN_FALL_DB = 18;
/** Further down lies the noise floor. */
const MOST_FALL_DB = 36;
/** The first decibels of a fall belong to the sound itself. */
const SKIP_DB = 4;
const MIN_CORRELATION = 0.97;
/** A fall may ripple by this over its lowest point so far: what noise does in a band. */
const RIPPLE_DB = 3;
/** Levels are smoothed over this many steps before lines are looked for. */
const SMOOTH_STEPS = 5;
const MIN_DECAYS = 4;
const MIN_BANDS = 2;
const LONGEST_RT60_SECONDS = 8;

interface Line {
  readonly rt60Seconds: number;
  readonly from: number;
  readonly to: number;
}

export class FreeDecays {
  readonly #levels: number[][] = Array.from({ length: VALUES }, () => []);

  add(values: Float64Array): void {
    for (let at = 0; at < values.length; at += 1) this.#levels[at % VALUES]!.push(powerToDb(values[at]! + FLOOR_POWER));
  }

  finish(): Features['reverb'] {
    const smooth = this.#levels.slice(0, OCTAVES).map(smoothed);
    const bands = smooth.map(findDecays);
    const perBand = bands.map((lines) => (lines.length < MIN_DECAYS ? null : spread(lines.map((line) => line.rt60Seconds))));
    const known = perBand.filter((band) => band !== null);
    const isClear = known.length >= MIN_BANDS;
    const at = (share: number) => percentile(known.map((band) => band[share === 0.1 ? 0 : share === 0.5 ? 1 : 2]!).toSorted((a, b) => a - b), 0.5);
    return {
      rt60Seconds: isClear ? at(0.5) : null,
      rt60Interval: isClear ? [at(0.1), at(0.9)] : null,
      rt60BandSeconds: perBand.map((band) => band?.[1] ?? null),
      edcDb: isClear ? meanDecay(smooth, bands) : null,
      fallDbPerSecond: fallRate(this.#levels.slice(OCTAVES)),
    };
  }
}

/** Low end, estimate and high end from the fast side of the decays. */
function spread(seconds: readonly number[]): [number, number, number] {
  const sorted = seconds.toSorted((a, b) => a - b);
  // The interval widens with few decays: a binomial standard error on the share.
  const error = Math.min(0.25, 0.82 / Math.sqrt(sorted.length));
  return [percentile(sorted, Math.max(0, 0.3 - error)), percentile(sorted, 0.3), percentile(sorted, Math.min(1, 0.3 + error))];
}

/** Straight falls: from a local maximum down to where the level rises again. */
function findDecays(levels: readonly number[]): Line[] {
  const lines: Line[] = [];
  const loud = percentile(levels.toSorted((a, b) => a - b), 0.98);
  let from = 0;
  while (from < levels.length - MIN_STEPS) {
    let to = from;
    let lowest = levels[from]!;
    for (let next = from + 1; next < levels.length && levels[next]! < lowest + RIPPLE_DB && lowest > levels[from]! - MOST_FALL_DB; next += 1) {
      if (levels[next]! < lowest) {
        lowest = levels[next]!;
        to = next;
      }
    }
    const line = levels[from]! > loud - 30 ? fitLine(levels, from, to) : null;
    if (line) lines.push(line);
    from = Math.max(from + 1, to);
  }
  return lines;
}

function fitLine(levels: readonly number[], top: number, to: number): Line | null {
  let from = top;
  while (from < to && levels[from]! > levels[top]! - SKIP_DB) from += 1;
  const count = to - from + 1;
  if (count < MIN_STEPS || levels[from]! - levels[to]! < MIN_FALL_DB) return null;
  let [sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0];
  for (let i = from; i <= to; i += 1) {
    const [x, y] = [i - from, levels[i]!];
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
  }
  const covariance = count * sxy - sx * sy;
  const slope = covariance / (count * sxx - sx * sx);
  const correlation = -covariance / Math.sqrt((count * sxx - sx * sx) * (count * syy - sy * sy));
  const rt60Seconds = (-60 / slope) * STEP_SECONDS;
  return correlation >= MIN_CORRELATION && rt60Seconds < LONGEST_RT60_SECONDS ? { rt60Seconds, from, to } : null;
}

/** Moving mean in power, dB. */
const smoothed = (levels: readonly number[]): number[] =>
  levels.map((_, i) => {
    const near = levels.slice(Math.max(0, i - (SMOOTH_STEPS >> 1)), i + (SMOOTH_STEPS >> 1) + 1);
    return powerToDb(near.reduce((sum, level) => sum + dbToPower(level), 0) / near.length);
  });

/** Mean of all decays from their start, dB, as long as three of them last. */
function meanDecay(bands: readonly (readonly number[])[], lines: readonly (readonly Line[])[]): number[] | null {
  const all = lines.flatMap((found, band) => found.map(({ from, to }) => ({ levels: bands[band]!, from, to })));
  const curve: number[] = [];
  for (let step = 0; ; step += 1) {
    const live = all.filter(({ from, to }) => from + step <= to);
    if (live.length < 3) break;
    curve.push(live.reduce((sum, { levels, from }) => sum + levels[from + step]! - levels[from]!, 0) / live.length);
  }
  return curve.length < MIN_STEPS ? null : curve;
}

/** 5th percentile of the level change over 50 ms among frames within 30 dB of the loud ones, mean of three bands. */
function fallRate(bands: readonly (readonly number[])[]): number | null {
  const rates = bands.flatMap((levels) => {
    if (levels.length < 20) return [];
    const loud = percentile(levels.toSorted((a, b) => a - b), 0.98);
    const changes = levels.slice(0, -5).flatMap((level, i) => (level > loud - 30 ? [levels[i + 5]! - level] : []));
    if (changes.length === 0) return [];
    return [Math.max(-60, percentile(changes.toSorted((a, b) => a - b), 0.05)) / 0.05];
  });
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
