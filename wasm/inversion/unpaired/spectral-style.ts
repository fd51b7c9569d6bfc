/**
 * The part of a spectral difference that is style.
 *
 * Two recordings differ in how they were treated and in what is played. Treatment is smooth over frequency; content is
 * rough (keys, notes, which instruments play) and to a lesser part smooth too. Both are modelled as Gaussian processes
 * over log frequency; the posterior mean of the treatment is the estimate, its deviation the interval. How strong the
 * content is, the roughness of the difference itself tells (empirical Bayes), so that like material is followed closely
 * and unlike material with caution.
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, chapter 2.
 */
import type { Features } from '../../../shared/features.ts';
import { dbToPower, powerToDb } from '../../../shared/units.ts';

/** Prior of the treatment: its size and the octaves over which it bends. */
const STYLE_DB = 5.5;
const STYLE_OCTAVES = 0.7;
/** Content bends over this: about a third of an octave. */
const CONTENT_OCTAVES = 0.17;
/** Part of the content that is as smooth as treatment, against its rough part. */
const SMOOTH_CONTENT = 0.9;
/** Even two halves of one recording differ by about 2 dB per third of an octave. */
const LEAST_CONTENT_DB = 1;
const MEASUREMENT_DB = 0.3;
const FREE_OFFSET_DB = 30;

const LOWEST_HZ = 32;
const HIGHEST_HZ = 18_000;
/** Bands this far under a recording's strongest hold no sound of their own. */
const EMPTY_DB = 62;

export interface SpectralStyle {
  readonly hz: number[];
  /** What treatment would add to the target, without a constant, dB. */
  readonly db: Float64Array;
  readonly deviationDb: Float64Array;
  /** 1 where both recordings have content, 0 where one is empty. */
  readonly isKnown: boolean[];
  /** The whole difference, content and all, loudness taken out, dB. */
  readonly differenceDb: readonly number[];
  /** Size of the content's difference, dB. */
  readonly contentDb: number;
}

/** Mid and side together, dB, loudness taken out; `sideGainDb` tells what the width module will do to the side. */
const totalDb = (features: Features, k: number, sideGainDb: number): number =>
  powerToDb(dbToPower(features.ltasFine.midDb[k]!) + dbToPower(features.ltasFine.sideDb[k]! + sideGainDb)) -
  (features.loudness.integratedLufs ?? 0);

/** @param sideGainDb what the width module adds to the target's side at a frequency */
export function spectralStyle(reference: Features, target: Features, sideGainDb: (hz: number) => number): SpectralStyle {
  const all = reference.ltasFine.hz.map((hz, k) => ({ hz, reference: totalDb(reference, k, 0), target: totalDb(target, k, sideGainDb(hz)) }));
  const top = { reference: Math.max(...all.map((p) => p.reference)), target: Math.max(...all.map((p) => p.target)) };
  const points = all.filter(({ hz }) => hz >= LOWEST_HZ && hz <= Math.min(HIGHEST_HZ, 0.45 * target.sampleRate));
  const lowest = Math.max(LOWEST_HZ, 1);
  const isKnown = points.map(
    (p) =>
      p.hz >= lowest &&
      p.reference > top.reference - EMPTY_DB &&
      p.target > top.target - EMPTY_DB &&
      p.hz < 0.92 * Math.min(reference.bandwidthHz, target.bandwidthHz),
  );
  const octaves = points.map((p) => Math.log2(p.hz));
  const difference = points.map((p) => p.reference - p.target);
  const contentDb = Math.max(LEAST_CONTENT_DB, roughness(octaves, difference, isKnown));
  return { hz: points.map((p) => p.hz), isKnown, differenceDb: difference, contentDb, ...posterior(octaves, difference, isKnown, contentDb) };
}

/** RMS of what is left after smoothing over an octave. */
function roughness(octaves: readonly number[], difference: readonly number[], isKnown: readonly boolean[]): number {
  let [sum, count] = [0, 0];
  octaves.forEach((x, i) => {
    if (!isKnown[i]) return;
    let [w, wd] = [0, 0];
    octaves.forEach((y, j) => {
      if (!isKnown[j]) return;
      const weight = Math.exp(-(((x - y) / 0.45) ** 2) / 2);
      w += weight;
      wd += weight * difference[j]!;
    });
    sum += (difference[i]! - wd / w) ** 2;
    count += 1;
  });
  return count === 0 ? 6 : Math.sqrt(sum / count);
}

const bell = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2) / 2);

function posterior(octaves: readonly number[], difference: readonly number[], isKnown: readonly boolean[], contentDb: number) {
  const n = octaves.length;
  const known = octaves.flatMap((_, i) => (isKnown[i] ? [i] : []));
  const style = (i: number, j: number) => STYLE_DB ** 2 * bell(octaves[i]! - octaves[j]!, STYLE_OCTAVES);
  const covariance = known.map((i) =>
    known.map((j) => {
      const distance = octaves[i]! - octaves[j]!;
      const content = contentDb ** 2 * (bell(distance, CONTENT_OCTAVES) + SMOOTH_CONTENT ** 2 * bell(distance, STYLE_OCTAVES));
      return style(i, j) + content + FREE_OFFSET_DB ** 2 + (i === j ? MEASUREMENT_DB ** 2 : 0);
    }),
  );
  const lower = cholesky(covariance);
  const weights = solveCholesky(lower, known.map((i) => difference[i]!));
  const db = new Float64Array(n);
  const deviationDb = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const row = known.map((j) => style(i, j));
    db[i] = row.reduce((sum, c, k) => sum + c * weights[k]!, 0);
    const explained = solveCholesky(lower, row).reduce((sum, v, k) => sum + v * row[k]!, 0);
    deviationDb[i] = Math.sqrt(Math.max(0, STYLE_DB ** 2 - explained));
  }
  return { db, deviationDb };
}

/** Lower triangle L with L L' = the matrix, which is positive definite. */
function cholesky(matrix: readonly (readonly number[])[]): Float64Array[] {
  const lower = matrix.map((row) => new Float64Array(row.length));
  for (let i = 0; i < matrix.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k += 1) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(Math.max(1e-12, sum)) : sum / lower[j]![j]!;
    }
  }
  return lower;
}

function solveCholesky(lower: readonly Float64Array[], right: readonly number[]): Float64Array {
  const x = Float64Array.from(right);
  for (let i = 0; i < x.length; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < x.length; k += 1) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
