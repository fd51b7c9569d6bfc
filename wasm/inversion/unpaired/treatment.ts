/**
 * Treatment told apart from content in a difference of spectra: both are Gaussian processes over log frequency, and the
 * posterior mean of the treatment is the estimate, its deviation the interval.
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, chapter 2.
 */

/** What is believed of a treatment and of content before they are seen. */
export interface Belief {
  /** Least size of the treatment (more where the difference is too large for content), and the octaves over which it bends. */
  readonly styleDb: number;
  readonly styleOctaves: number;
  /** Rough content against what the difference shows. */
  readonly roughContent: number;
  /** Part of the content that is as smooth as treatment, against its rough part. */
  readonly smoothContent: number;
  /** How far a smooth difference is laid to content before treatment is believed to be larger than `styleDb`, against the rough part. */
  readonly smoothBelieved: number;
  /** By how much content is larger where the fundamentals of voices lie, and under them. */
  readonly lowContent: number;
  /** Deviation of a single value, dB. */
  readonly measurementDb: number;
}

/** Fundamentals of voices lie about here and under it. */
const FUNDAMENTAL_HZ = 150;
/** Content bends over this: about a third of an octave. */
const CONTENT_OCTAVES = 0.17;
/** Even two halves of one recording differ by about 2 dB per third of an octave. */
export const LEAST_CONTENT_DB = 1;
const FREE_OFFSET_DB = 30;
/** Treatment bends over more than this; what is narrower is notes and formants. */
const FINE_OCTAVES = 0.45;

/** Where a difference is known, and what it is there. */
export interface Observed {
  readonly hz: readonly number[];
  readonly db: readonly number[];
}

export interface Treatment {
  /** Without a constant over what was observed. */
  readonly db: Float64Array;
  readonly deviationDb: Float64Array;
}

const bell = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2) / 2);

/** A curve, smoothed over about an octave. */
function smoothed({ hz, db }: Observed): number[] {
  const octaves = hz.map(Math.log2);
  return octaves.map((here) => {
    let [w, wd] = [0, 0];
    octaves.forEach((there, j) => {
      const weight = bell(here - there, FINE_OCTAVES);
      w += weight;
      wd += weight * db[j]!;
    });
    return wd / w;
  });
}

/** What smoothing leaves of a curve: notes and formants. */
export function fineStructure(curve: Observed): number[] {
  const smooth = smoothed(curve);
  return curve.db.map((db, k) => db - smooth[k]!);
}

export const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / Math.max(1, values.length));

const deviationOf = (values: readonly number[]): number => {
  const mean = values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  return rms(values.map((v) => v - mean));
};

/** @param contentDb size of the content's rough difference: that of the observed, if nothing else is known */
export function treatmentIn(observed: Observed, at: readonly number[], belief: Belief, contentDb = rms(fineStructure(observed))): Treatment {
  const rough = Math.max(LEAST_CONTENT_DB, belief.roughContent * contentDb);
  const smoothDb = deviationOf(smoothed(observed));
  const styleDb = Math.max(belief.styleDb, Math.sqrt(Math.max(0, smoothDb ** 2 - (belief.smoothBelieved * rough) ** 2)));
  const octaves = observed.hz.map(Math.log2);
  const style = (distance: number) => styleDb ** 2 * bell(distance, belief.styleOctaves);
  const contents = observed.hz.map((f) => rough * (1 + belief.lowContent / (1 + (f / FUNDAMENTAL_HZ) ** 3)));
  const covariance = octaves.map((x, i) =>
    octaves.map((y, j) => {
      const distance = x - y;
      const content = contents[i]! * contents[j]! * (bell(distance, CONTENT_OCTAVES) + belief.smoothContent ** 2 * bell(distance, belief.styleOctaves));
      return style(distance) + content + FREE_OFFSET_DB ** 2 + (i === j ? belief.measurementDb ** 2 : 0);
    }),
  );
  const lower = cholesky(covariance);
  const weights = solveCholesky(lower, observed.db);
  const db = new Float64Array(at.length);
  const deviationDb = new Float64Array(at.length);
  at.forEach((hz, i) => {
    const row = octaves.map((octave) => style(Math.log2(hz) - octave));
    db[i] = row.reduce((sum, c, k) => sum + c * weights[k]!, 0);
    const explained = solveCholesky(lower, row).reduce((sum, v, k) => sum + v * row[k]!, 0);
    deviationDb[i] = Math.sqrt(Math.max(0, styleDb ** 2 - explained));
  });
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
