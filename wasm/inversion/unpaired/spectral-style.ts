/**
 * The part of a spectral difference that is style.
 *
 * Two recordings differ in how they were treated and in what is played. Treatment is smooth over frequency; content is
 * rough (keys, notes, which instruments play) and to a lesser part smooth too. Both are modelled as Gaussian processes
 * over log frequency; the posterior mean of the treatment is the estimate, its deviation the interval. How strong the
 * content is, the roughness of the difference itself tells (empirical Bayes).
 *
 * Three readings of one difference, weighed by what `material.ts` sees:
 * - parts of one piece: what is smooth in the content is small, the treatment is told apart well;
 * - two voices: people differ smoothly too (size, sex, distance), so that most of a difference is theirs;
 * - two pieces of music: nobody who asks for *that sound* wants the tone of their own arrangement kept; the whole broad
 *   shape is taken over and only the fine structure (keys, notes) is left out.
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, chapter 2.
 */
import { type Material, smoothed, type SpectralDifference } from './material.ts';

interface Reading {
  /** Prior of the treatment: its least size (more where the difference is too large for content) and the octaves over which it bends. */
  readonly styleDb: number;
  readonly styleOctaves: number;
  /** Rough content against what the difference shows. */
  readonly roughContent: number;
  /** Part of the content that is as smooth as treatment, against its rough part. */
  readonly smoothContent: number;
  /** By how much content is larger where the fundamentals of voices lie, and under them. */
  readonly lowContent: number;
  /** Nobody lifts or cuts by more; what a difference asks beyond that is content. */
  readonly mostBoostDb: number;
  readonly mostCutDb: number;
}

const ONE_PIECE: Reading = { styleDb: 5.5, styleOctaves: 0.7, roughContent: 1, smoothContent: 1.1, lowContent: 0, mostBoostDb: 18, mostCutDb: 24 };
/** Who speaks shows most where the fundamentals lie; under them there are rooms and hands, not the voice. */
const TWO_VOICES: Reading = { ...ONE_PIECE, smoothContent: 1.7, lowContent: 2.5, mostBoostDb: 9, mostCutDb: 12 };
/** Third-octave powers have left the notes out already: what is rough in them counts for little. */
const TWO_PIECES: Reading = { styleDb: 8, styleOctaves: 0.3, roughContent: 0.1, smoothContent: 0, lowContent: 0, mostBoostDb: 18, mostCutDb: 36 };

/** Fundamentals of voices lie about here and under it. */
const FUNDAMENTAL_HZ = 150;

/** Content bends over this: about a third of an octave. */
const CONTENT_OCTAVES = 0.17;
/** Even two halves of one recording differ by about 2 dB per third of an octave. */
const LEAST_CONTENT_DB = 1;
const MEASUREMENT_DB = 0.3;
const FREE_OFFSET_DB = 30;
/** A reading that counts less is not worth its work: 0.01 of any level is not heard. */
const LEAST_SHARE = 0.01;

export interface SpectralStyle {
  readonly hz: readonly number[];
  /** What treatment would add to the target, without a constant, dB. */
  readonly db: Float64Array;
  readonly deviationDb: Float64Array;
  /** True where both recordings have content. */
  readonly isKnown: readonly boolean[];
  /** The whole difference, content and all, loudness taken out, dB. */
  readonly differenceDb: readonly number[];
  /** Size of the content's difference, dB. */
  readonly contentDb: number;
}

export function spectralStyle(difference: SpectralDifference, material: Material): SpectralStyle {
  const { hz, isKnown, roughnessDb } = difference;
  const contentDb = Math.max(LEAST_CONTENT_DB, roughnessDb);
  const octaves = hz.map(Math.log2);
  const readings = [
    [material.onePiece, ONE_PIECE],
    [1 - material.onePiece, material.isVoice ? TWO_VOICES : TWO_PIECES],
  ] as const;
  const [db, deviationDb] = [new Float64Array(hz.length), new Float64Array(hz.length)];
  for (const [share, reading] of readings) {
    if (share < LEAST_SHARE) continue;
    const read = posterior(octaves, difference, contentDb, reading);
    read.db.forEach((value, k) => {
      db[k]! += share * value;
      deviationDb[k]! += share * read.deviationDb[k]!;
    });
  }
  return { hz, isKnown, differenceDb: difference.fineDb, contentDb, db, deviationDb };
}

const deviationOf = (values: readonly number[]): number => {
  const mean = values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length));
};

const bell = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2) / 2);

/** Bends a level softly to its limit. */
const bent = (db: number, { mostBoostDb, mostCutDb }: Reading): number =>
  db > 0 ? mostBoostDb * Math.tanh(db / mostBoostDb) : mostCutDb * Math.tanh(db / mostCutDb);

function posterior(octaves: readonly number[], { hz, db: difference, isKnown }: SpectralDifference, contentDb: number, reading: Reading) {
  const n = octaves.length;
  const known = octaves.flatMap((_, i) => (isKnown[i] ? [i] : []));
  const roughDb = Math.max(LEAST_CONTENT_DB, reading.roughContent * contentDb);
  const smoothDb = deviationOf(smoothed(octaves, difference, known));
  const styleDb = Math.max(reading.styleDb, Math.sqrt(Math.max(0, smoothDb ** 2 - (reading.smoothContent * roughDb) ** 2)));
  const style = (i: number, j: number) => styleDb ** 2 * bell(octaves[i]! - octaves[j]!, reading.styleOctaves);
  const contentsDb = hz.map((f) => roughDb * (1 + reading.lowContent / (1 + (f / FUNDAMENTAL_HZ) ** 3)));
  const covariance = known.map((i) =>
    known.map((j) => {
      const distance = octaves[i]! - octaves[j]!;
      const content = contentsDb[i]! * contentsDb[j]! * (bell(distance, CONTENT_OCTAVES) + reading.smoothContent ** 2 * bell(distance, reading.styleOctaves));
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
    deviationDb[i] = Math.sqrt(Math.max(0, styleDb ** 2 - explained));
  }
  const mean = known.reduce((sum, i) => sum + db[i]!, 0) / Math.max(1, known.length);
  return { db: db.map((value) => bent(value - mean, reading)), deviationDb };
}
/** The curve at any frequency: that of the nearest point. */
export const curveOf = ({ hz, db }: SpectralStyle) => (at: number): number => {
  const octave = 12 * Math.log2(at / hz[0]!);
  return db[Math.max(0, Math.min(hz.length - 1, Math.round(octave)))]!;
};

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
