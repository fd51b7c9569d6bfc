/**
 * The same sounds in two parts of one piece, compared with each other: the verse with the verse, the drum with the drum.
 *
 * Means over whole recordings differ by what the arrangement does, too. Moments of both are therefore paired softly, each
 * with those of the other that sound alike once the treatment found so far is taken off, and only what is paired is
 * averaged; treatment and pairs are found in turns, with pairs that become stricter.
 *
 * Source: A. Sankar, C.-H. Lee, "A maximum-likelihood approach to stochastic matching for robust speech recognition", IEEE
 * Trans. Speech and Audio Processing 4 (1996): a channel found by matching what passed it to a model of what did not.
 * Departs from it: the moments of the target are the model themselves; a channel is smooth (`treatment.ts`).
 */
import { dbToGain, dbToPower, powerToDb } from '../../../shared/units.ts';
import { percentile } from '../../analysis/programme-loudness.ts';
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import type { Measured } from '../contract.ts';
import type { SpectralDifference } from './material.ts';
import { type Belief, type Observed, type Treatment, treatmentIn } from './treatment.ts';

/** Moments of a recording, spread over it; a recording in which fewer are loud says nothing. */
const MOMENTS = 200;
const LEAST_MOMENTS = 12;
const MOMENT_SECONDS = 0.186;
/** Moments this far under the loud ones are left out. */
const UNDER_LOUD_DB = 15;
const LOWEST_HZ = 45;
const HIGHEST_HZ = 16_500;
/** A comparison of fewer bands says nothing. */
const LEAST_BANDS = 12;
/** Half the width of a band. */
const BAND_OCTAVES = 1 / 6;
/** What lies this far under the strongest moment's strongest band is not heard beside it. */
const FLOOR_DB = 65;
/** Sounds are played softer and louder: half of a moment's level does not count against it. */
const LEVEL_SHARE = 0.5;
/** RMS difference of two moments that count as alike, dB: turn by turn. */
const ALIKE_DB = [4, 2, 1.5, 1, 1, 1] as const;
/** A moment that is like nothing stays alone. */
const ALONE = 0.01;
/** Power of a band without sound: -120 dB. */
const NOTHING = 1e-12;
/** Pairs, in moments, with which nothing can be said. */
const LEAST_IN_COMMON = 1e-3;

const BELIEF: Belief = { styleDb: 4, styleOctaves: 0.7, roughContent: 1, smoothContent: 1.2, smoothBelieved: 2, lowContent: 0, measurementDb: 1 };

/** Powers of moments in bands, loudness taken out. */
export interface MomentSpectra {
  readonly hz: readonly number[];
  /** moments x bands. */
  readonly mid: readonly Float64Array[];
  readonly side: readonly Float64Array[];
}

export interface MomentSpectraOfBoth {
  readonly reference: MomentSpectra;
  readonly target: MomentSpectra;
}

interface Band {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Triangles over log frequency; where the bins are wider, the bins around the band's middle. */
function bandsOf(hz: readonly number[], binHz: number, bins: number): Band[] {
  return hz.map((centre) => {
    const first = Math.max(1, Math.floor(Math.min(centre * 2 ** -BAND_OCTAVES, centre - binHz) / binHz));
    const last = Math.min(bins - 1, Math.ceil(Math.max(centre * 2 ** BAND_OCTAVES, centre + binHz) / binHz));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, i) => {
      const at = (first + i) * binHz;
      return Math.max(0, 1 - Math.abs(Math.log2(at / centre)) / BAND_OCTAVES, 1 - Math.abs(at - centre) / binHz);
    });
    return { first, weights };
  });
}

/** Cost: 200 short reads and as many transforms of mid and side, whatever the length. */
export async function readMomentSpectra(engine: Engine, { pcm, features }: Measured): Promise<MomentSpectra> {
  const { sampleRate } = pcm;
  const hz = features.ltasFine.hz.filter((f, k) => k % 2 === 0 && f >= LOWEST_HZ && f <= Math.min(HIGHEST_HZ, 0.45 * sampleRate));
  const size = 2 ** Math.round(Math.log2(MOMENT_SECONDS * sampleRate));
  const fft = new RealFft(engine, size);
  const bands = bandsOf(hz, sampleRate / size, size / 2 + 1);
  const gain = dbToGain(-(features.loudness.integratedLufs ?? 0)) / size;
  const window = Float32Array.from({ length: size }, (_, i) => (gain / 2) * Math.sin((Math.PI * (i + 0.5)) / size) ** 2);
  const [re, im, row] = [new Float32Array(size / 2 + 1), new Float32Array(size / 2 + 1), new Float32Array(size)];
  const powers = (left: Float32Array, right: Float32Array, sign: 1 | -1): Float64Array => {
    for (let i = 0; i < size; i += 1) row[i] = window[i]! * (left[i]! + sign * right[i]!);
    fft.forward(row, re, im);
    return Float64Array.from(bands, ({ first, weights }) => {
      let power = NOTHING;
      for (let i = 0; i < weights.length; i += 1) {
        const x = re[first + i]!;
        const y = im[first + i]!;
        power += weights[i]! * (x * x + y * y);
      }
      return power;
    });
  };
  const count = Math.max(1, Math.min(MOMENTS, Math.floor((4 * pcm.frames) / size)));
  const [mid, side]: [Float64Array[], Float64Array[]] = [[], []];
  for (let moment = 0; moment < count; moment += 1) {
    const [left, right] = await pcm.read(Math.max(0, Math.round(((pcm.frames - size) * (moment + 0.5)) / count)), size);
    if (!left || left.length < size) continue;
    const other = right ?? left;
    mid.push(powers(left, other, 1));
    side.push(powers(left, other, -1));
  }
  const levels = mid.map((row, k) => powerToDb(row.reduce((sum, power, band) => sum + power + side[k]![band]!, 0)));
  const least = levels.length === 0 ? 0 : percentile(levels.toSorted((a, b) => a - b), 0.95) - UNDER_LOUD_DB;
  const isLoud = (_: unknown, k: number) => levels[k]! > least;
  return { hz, mid: mid.filter(isLoud), side: side.filter(isLoud) };
}

/** dB per moment and band, floored; of the bands that are known. */
function levelsOf({ mid, side }: MomentSpectra, known: readonly number[], sideGain: readonly number[]): Float64Array[] {
  const levels = mid.map((row, k) => Float64Array.from(known, (band) => powerToDb(row[band]! + side[k]![band]! * sideGain[band]!)));
  const top = levels.reduce((most, row) => Math.max(most, ...row), -Infinity);
  return levels.map((row) => row.map((db) => Math.max(db, top - FLOOR_DB)));
}

/** Moments with part of their level taken off, and the mean of all. */
function shapes(levels: readonly Float64Array[]): Float64Array[] {
  const rows = levels.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    return row.map((db) => db - LEVEL_SHARE * mean);
  });
  const all = rows.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0) / row.length, 0) / rows.length;
  return rows.map((row) => row.map((db) => db - all));
}

/** How much each moment counts: of a pair, the geometric mean of what either gives the other. */
function pairedShares(target: readonly Float64Array[], reference: readonly Float64Array[], alikeDb: number): { target: Float64Array; reference: Float64Array } {
  const columns = target.length;
  const bands = target[0]!.length;
  const sharpness = -1 / (2 * bands * alikeDb * alikeDb);
  const alike = new Float64Array(reference.length * columns);
  const given = { target: new Float64Array(columns).fill(ALONE), reference: new Float64Array(reference.length).fill(ALONE) };
  for (let i = 0; i < reference.length; i += 1) {
    const row = reference[i]!;
    for (let j = 0; j < columns; j += 1) {
      const column = target[j]!;
      let sum = 0;
      for (let k = 0; k < bands; k += 1) {
        const difference = row[k]! - column[k]!;
        sum += difference * difference;
      }
      const value = Math.exp(sharpness * sum);
      alike[i * columns + j] = value;
      given.target[j]! += value;
      given.reference[i]! += value;
    }
  }
  const shares = { target: new Float64Array(columns), reference: new Float64Array(reference.length) };
  for (let i = 0; i < reference.length; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const share = alike[i * columns + j]! / Math.sqrt(given.reference[i]! * given.target[j]!);
      shares.reference[i]! += share;
      shares.target[j]! += share;
    }
  }
  return shares;
}

/** Power means, dB. */
function weightedDb(levels: readonly Float64Array[], shares: Float64Array): number[] {
  const all = shares.reduce((a, b) => a + b, 0);
  return Array.from(levels[0]!, (_, band) => powerToDb(levels.reduce((sum, row, k) => sum + shares[k]! * dbToPower(row[band]!), 0) / all));
}

/**
 * The treatment that what both play shows, at the difference's frequencies; null where they have too little in common or too few moments.
 *
 * @param sideGainDb what the width module adds to the target's side
 */
export function likeWithLike(
  { reference, target }: MomentSpectraOfBoth,
  { hz: at, isKnown }: Pick<SpectralDifference, 'hz' | 'isKnown'>,
  sideGainDb: (hz: number) => number,
): Treatment | null {
  // Both begin alike; one ends earlier where its rate is lower.
  const { hz } = reference.hz.length < target.hz.length ? reference : target;
  const known = hz.flatMap((f, band) => (isKnown[at.indexOf(f)] ? [band] : []));
  if (known.length < LEAST_BANDS || Math.min(reference.mid.length, target.mid.length) < LEAST_MOMENTS) return null;
  const knownHz = known.map((band) => hz[band]!);
  const levels = {
    reference: levelsOf(reference, known, hz.map(() => 1)),
    target: levelsOf(target, known, hz.map((f) => dbToPower(sideGainDb(f)))),
  };
  const targetShapes = shapes(levels.target);
  let observed: Observed | null = null;
  for (const alikeDb of ALIKE_DB) {
    const treatmentDb = observed ? centred(treatmentIn(observed, knownHz, BELIEF).db) : new Float64Array(known.length);
    const freed = levels.reference.map((row) => row.map((db, k) => db - treatmentDb[k]!));
    const shares = pairedShares(targetShapes, shapes(freed), alikeDb);
    if (shares.target.reduce((sum, share) => sum + share, 0) < LEAST_IN_COMMON) break;
    const [wanted, own] = [weightedDb(levels.reference, shares.reference), weightedDb(levels.target, shares.target)];
    observed = { hz: knownHz, db: wanted.map((db, k) => db - own[k]!) };
  }
  return observed && treatmentIn(observed, at, BELIEF);
}

function centred(row: Float64Array): Float64Array {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  return row.map((value) => value - mean);
}
