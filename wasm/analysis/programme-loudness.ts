/** Loudness of a programme from the K-weighted energies of its 100 ms blocks (meter `loudness`). */
import { powerToDb } from '../../shared/units.ts';

/** ITU-R BS.1770-5, annex 1: the constant that makes a 997 Hz sine at 0 dBFS in one channel read -3.01 LUFS. */
const OFFSET_LU = -0.691;
const ABSOLUTE_GATE_LUFS = -70;
const SILENCE_LUFS = -120;

const MOMENTARY_BLOCKS = 4;
const SHORT_TERM_BLOCKS = 30;

const toEnergy = (lufs: number): number => 10 ** ((lufs - OFFSET_LU) / 10);

const toLufs = (energy: number): number => (energy > 1e-12 ? OFFSET_LU + powerToDb(energy) : SILENCE_LUFS);

/** Means over a window of `count` blocks, one value per block step; full windows only. */
function slidingMeans(blocks: ArrayLike<number>, count: number): Float64Array {
  const means = new Float64Array(Math.max(0, blocks.length - count + 1));
  for (let at = 0; at < means.length; at += 1) {
    // Summed afresh each time: a running sum would leave the rounding of loud passages in quiet ones.
    let sum = 0;
    for (let k = 0; k < count; k += 1) sum += blocks[at + k]!;
    means[at] = sum / count;
  }
  return means;
}

function gatedMean(energies: Float64Array, gateLufs: number): number | null {
  const gate = toEnergy(gateLufs);
  let [sum, count] = [0, 0];
  for (const energy of energies) {
    if (energy <= gate) continue;
    sum += energy;
    count += 1;
  }
  return count > 0 ? sum / count : null;
}

/** Linear interpolation between order statistics, as EBU Tech 3342 and numpy have it. `sorted` ascending. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

function integrated(momentary: Float64Array): number | null {
  const ungated = gatedMean(momentary, ABSOLUTE_GATE_LUFS);
  const gated = ungated === null ? null : gatedMean(momentary, Math.max(ABSOLUTE_GATE_LUFS, toLufs(ungated) - 10));
  return gated === null ? null : toLufs(gated);
}

/** Integrated loudness alone: see `programmeLoudness`. */
export const integratedLoudness = (blocks: ArrayLike<number>): number | null =>
  integrated(slidingMeans(blocks, Math.min(MOMENTARY_BLOCKS, blocks.length)));

export interface ProgrammeLoudness {
  readonly integratedLufs: number | null;
  readonly lraLu: number | null;
  readonly momentaryMaxLufs: number | null;
  readonly shortTermMaxLufs: number | null;
  readonly momentaryLufs: number[];
  readonly shortTermLufs: number[];
}

/**
 * Integrated loudness with both gates (ITU-R BS.1770-5, annex 1) and loudness range (EBU Tech 3342).
 *
 * @param blocks  mean square left + right, K-weighted, one per 100 ms
 * @returns integrated and range are null when nothing passes the absolute gate; the range also below 3 s
 *
 * Exact: ±0.1 LU on EBU Tech 3341 cases 1 to 6.
 */
export function programmeLoudness(blocks: ArrayLike<number>): ProgrammeLoudness {
  const momentary = slidingMeans(blocks, Math.min(MOMENTARY_BLOCKS, blocks.length));
  const shortTerm = slidingMeans(blocks, SHORT_TERM_BLOCKS);
  return {
    integratedLufs: integrated(momentary),
    lraLu: loudnessRange(shortTerm),
    momentaryMaxLufs: highest(momentary),
    shortTermMaxLufs: highest(shortTerm),
    momentaryLufs: Array.from(momentary, toLufs),
    shortTermLufs: Array.from(shortTerm, toLufs),
  };
}

function highest(energies: Float64Array): number | null {
  const energy = energies.reduce((high, value) => Math.max(high, value), 0);
  return energy > 1e-12 ? toLufs(energy) : null;
}

/** EBU Tech 3342: 10th to 95th percentile of short-term loudness, gates at -70 LUFS and -20 LU. */
function loudnessRange(shortTerm: Float64Array): number | null {
  const ungated = gatedMean(shortTerm, ABSOLUTE_GATE_LUFS);
  if (ungated === null) return null;
  const gate = Math.max(ABSOLUTE_GATE_LUFS, toLufs(ungated) - 20);
  const kept = Float64Array.from(shortTerm, toLufs).filter((level) => level >= gate).sort();
  return percentile(kept, 0.95) - percentile(kept, 0.1);
}

/** Every `step`-th value, rounded to 0.01. */
export const thinned = (series: readonly number[], step: number): number[] =>
  series.filter((_, index) => index % step === 0).map((value) => Math.round(value * 100) / 100);
