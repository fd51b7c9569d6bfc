/**
 * A curve of level over frequency as the bands of our own equalizer: added one at a time where they explain most,
 * all refined together after each.
 */
import { bandResponseDb, squaredSines } from '../../shared/equalizer-response.ts';
import { equalizer, type EqualizerBand } from '../../shared/params/equalizer.ts';
import type { Interval } from '../../shared/style.ts';
import { type FitParameter, fitLeastSquares } from './least-squares.ts';

export interface BandFitOptions {
  readonly maxBands: number;
  readonly types?: readonly EqualizerBand['type'][];
  /** A constant over all frequencies is free, not part of the bands. */
  readonly freeOffset: boolean;
  /** A band is added only while the weighted RMS error is over this. */
  readonly enoughDb: number;
  /** A band must lower the sum of squares by this share to stay. */
  readonly leastGain: number;
  /** dB, no band lifts or cuts by more; the schema's range where left out. */
  readonly mostGainDb?: number;
  /** One dB of gain in a band counts like so much weighted RMS error, dB, ten like 3.2 times as much; 0.01 where left out. */
  readonly restraintDb?: number;
}

export interface BandFit {
  readonly bands: EqualizerBand[];
  readonly offsetDb: number;
  /** Weighted RMS of what the bands do not explain. */
  readonly errorDb: number;
  /** 90 %, by `bands.<i>.<name>`. */
  readonly intervals: Record<string, Interval>;
}

const { fHz, q, gainDb } = equalizer.bands.parameters;
/** Curves are smooth: about four neighbouring points share one error, and so tell as much as one. */
const POINTS_PER_ERROR = 4;
/** Two-sided 90 % of a normal distribution. */
const NINETY_PERCENT = 1.645;

/** Bands that fight each other lose, real ones do not notice, and nothing is won by splitting one. */
const RESTRAINT_DB = 0.01;

/** Responses of a band that are kept: where it is, and where its three parameters are tried. */
const REMEMBERED = 4;

/** The middle of what is heard, in octaves. */
const TURN_HZ = 700;

const isPass = (type: EqualizerBand['type']): boolean => type === 'high_pass' || type === 'low_pass';

interface Problem {
  readonly hz: readonly number[];
  readonly sines: Float64Array;
  readonly curveDb: ArrayLike<number>;
  readonly rootWeights: Float64Array;
  readonly sampleRate: number;
  readonly freeOffset: boolean;
  /** What is minimised has this times the root of a band's gain in dB. */
  readonly restraint: number;
  readonly mostGainDb: number;
}

/** Parameters of the fit, three a band: log2 frequency, log2 q, gain. */
function parametersOf(band: EqualizerBand, sampleRate: number, mostGainDb: number): FitParameter[] {
  const isShelf = band.type === 'low_shelf' || band.type === 'high_shelf';
  return [
    { start: Math.log2(band.fHz), min: Math.log2(Math.max(fHz.min, 16)), max: Math.log2(Math.min(fHz.max, 0.49 * sampleRate)), step: 0.005 },
    { start: Math.log2(band.q), min: Math.log2(isPass(band.type) ? 0.5 : isShelf ? 0.4 : 0.25), max: Math.log2(isPass(band.type) ? 1.2 : isShelf ? 1.4 : 8), step: 0.005 },
    { start: band.gainDb, min: isPass(band.type) ? 0 : -mostGainDb, max: isPass(band.type) ? 0 : mostGainDb, step: 0.02 },
  ];
}

const bandsOf = (types: readonly EqualizerBand['type'][], values: readonly number[]): EqualizerBand[] =>
  types.map((type, i) => ({ type, fHz: 2 ** values[3 * i]!, q: 2 ** values[3 * i + 1]!, gainDb: values[3 * i + 2]! }));

function solve(problem: Problem, bands: readonly EqualizerBand[], maxIterations: number) {
  const { hz, curveDb, rootWeights, sampleRate } = problem;
  const types = bands.map((b) => b.type);
  // A step of the fit moves one band and asks for all: each remembers where it was the last few times.
  const memory = types.map(() => [] as { readonly band: EqualizerBand; readonly shape: Float64Array }[]);
  const response = (band: EqualizerBand, i: number): Float64Array => {
    const last = memory[i]!;
    const known = last.find(({ band: b }) => b.fHz === band.fHz && b.q === band.q && b.gainDb === band.gainDb);
    if (known) return known.shape;
    const shape = bandResponseDb(band, problem.sines, sampleRate);
    if (last.length === REMEMBERED) last.shift();
    last.push({ band, shape });
    return shape;
  };
  const parameters = bands.flatMap((band) => parametersOf(band, sampleRate, problem.mostGainDb));
  if (problem.freeOffset) parameters.push({ start: 0, min: -60, max: 60, step: 0.02 });
  const error = new Float64Array(hz.length + bands.length);
  const fit = fitLeastSquares(
    parameters,
    (values) => {
      const offset = problem.freeOffset ? values[values.length - 1]! : 0;
      for (let k = 0; k < hz.length; k += 1) error[k] = offset - curveDb[k]!;
      bandsOf(types, values).forEach((band, i) => {
        const shape = response(band, i);
        for (let k = 0; k < hz.length; k += 1) error[k]! += shape[k]!;
      });
      for (let k = 0; k < hz.length; k += 1) error[k]! *= rootWeights[k]!;
      // Two large bands that cancel each other say no more than none.
      bands.forEach((_, i) => (error[hz.length + i] = Math.sign(values[3 * i + 2]!) * Math.sqrt(Math.abs(values[3 * i + 2]!)) * problem.restraint));
      return error;
    },
    { maxIterations, tolerance: 1e-4 },
  );
  return { fit, bands: bandsOf(types, fit.values) };
}

/** First guesses for one more band, from what is left over. */
function candidates(problem: Problem, residual: Float64Array, types: readonly EqualizerBand['type'][], sampleRate: number): EqualizerBand[] {
  const { hz, rootWeights } = problem;
  const low = hz[0]!;
  const high = Math.min(hz[hz.length - 1]!, 0.45 * sampleRate);
  const scored: { band: EqualizerBand; gain: number }[] = [];
  for (const type of types) {
    const qs = type === 'peak' ? [0.5, 1, 2, 4] : [0.7];
    for (let octave = Math.log2(low * 1.1); octave < Math.log2(high); octave += type === 'peak' ? 0.25 : 0.5) {
      for (const width of qs) {
        const unit = { type, fHz: 2 ** octave, q: width, gainDb: isPass(type) ? 0 : 3 };
        const shape = bandResponseDb(unit, problem.sines, sampleRate);
        // Best gain and offset for this shape, its response taken as proportional to the gain.
        let [w, s, r, ss, sr, rr] = [0, 0, 0, 0, 0, 0];
        for (let k = 0; k < hz.length; k += 1) {
          const weight = rootWeights[k]! ** 2;
          const x = Math.max(-60, shape[k]!);
          w += weight;
          s += weight * x;
          r += weight * residual[k]!;
          ss += weight * x * x;
          sr += weight * x * residual[k]!;
          rr += weight * residual[k]! ** 2;
        }
        const centre = problem.freeOffset ? 1 / w : 0;
        const sxx = ss - s * s * centre;
        const sxr = sr - s * r * centre;
        const scale = isPass(type) ? Math.max(0, Math.min(1, sxr / sxx)) : Math.max(-6, Math.min(6, sxr / sxx));
        const explained = isPass(type) ? 2 * sxr - sxx : sxr * scale;
        if (sxx > 1e-9 && rr > 0 && explained > 0) scored.push({ band: { ...unit, gainDb: isPass(type) ? 0 : 3 * scale }, gain: explained });
      }
    }
  }
  scored.sort((a, b) => b.gain - a.gain);
  const chosen: EqualizerBand[] = [];
  for (const { band } of scored) {
    const isNew = chosen.every((c) => c.type !== band.type || Math.abs(Math.log2(c.fHz / band.fHz)) > 0.8);
    if (isNew && chosen.length < 4) chosen.push(band);
  }
  return chosen;
}

/**
 * Bands whose summed response follows a curve.
 *
 * @param hz       Hz, ascending
 * @param curveDb  dB, same length
 * @param weights  how much a point counts, 0 or more; about 1 / variance in dB^2 for honest intervals
 *
 * Cost: 20 to 300 ms, by bands needed. Exact: a curve of up to `maxBands` bands is met within 0.05 dB where the
 * search finds them all.
 * Source: greedy selection after S. Mallat, Z. Zhang, "Matching pursuits", 1993; Levenberg-Marquardt over all bands.
 */
export function fitBands(hz: readonly number[], curveDb: ArrayLike<number>, weights: ArrayLike<number>, sampleRate: number, options: BandFitOptions): BandFit {
  const types = options.types ?? ['peak', 'low_shelf', 'high_shelf', 'high_pass', 'low_pass'];
  const rootWeights = Float64Array.from(weights, (w) => Math.sqrt(w));
  const total = rootWeights.reduce((sum, w) => sum + w * w, 0);
  const problem: Problem = { hz, sines: squaredSines(hz, sampleRate), curveDb, rootWeights, sampleRate, freeOffset: options.freeOffset, restraint: (options.restraintDb ?? RESTRAINT_DB) * Math.sqrt(total), mostGainDb: options.mostGainDb ?? gainDb.max };
  let best = solve(problem, [], 5);
  const left = (state: typeof best) => Float64Array.from(state.fit.residuals.subarray(0, hz.length), (r, k) => (rootWeights[k]! > 0 ? -r / rootWeights[k]! : 0));
  while (best.bands.length < options.maxBands && Math.sqrt(best.fit.sumOfSquares / total) > options.enoughDb) {
    let next: typeof best | null = null;
    for (const candidate of candidates(problem, left(best), types, sampleRate)) {
      const tried = solve(problem, [...best.bands, candidate], 12);
      if (!next || tried.fit.sumOfSquares < next.fit.sumOfSquares) next = tried;
    }
    if (!next) break;
    next = solve(problem, next.bands, 30);
    if (next.fit.sumOfSquares > (1 - options.leastGain) * best.fit.sumOfSquares) break;
    best = next;
  }
  best = pruned(problem, best, options.enoughDb, total);
  if (options.freeOffset && best.bands.some(isTurned)) best = solve(problem, best.bands.map((b) => (isTurned(b) ? turned(b) : b)), 20);
  const intervals: Record<string, Interval> = {};
  best.bands.forEach((band, i) => {
    const [df, dq, dg] = [0, 1, 2].map((j) => Math.min(8, NINETY_PERCENT * Math.sqrt(POINTS_PER_ERROR) * best.fit.deviations[3 * i + j]!)) as [number, number, number];
    intervals[`bands.${i}.fHz`] = [Math.max(fHz.min, band.fHz * 2 ** -df), Math.min(fHz.max, band.fHz * 2 ** df)];
    intervals[`bands.${i}.q`] = [Math.max(q.min, band.q * 2 ** -dq), Math.min(q.max, band.q * 2 ** dq)];
    if (!isPass(band.type)) intervals[`bands.${i}.gainDb`] = [Math.max(gainDb.min, band.gainDb - dg), Math.min(gainDb.max, band.gainDb + dg)];
  });
  const offsetDb = options.freeOffset ? best.fit.values[best.fit.values.length - 1]! : 0;
  return { bands: best.bands, offsetDb, errorDb: Math.sqrt(best.fit.sumOfSquares / total), intervals };
}

/** A shelf that moves most of the music: the other shelf with the opposite gain is the same but for a constant. */
const isTurned = (band: EqualizerBand): boolean => (band.type === 'low_shelf' && band.fHz > TURN_HZ) || (band.type === 'high_shelf' && band.fHz < TURN_HZ);
const turned = (band: EqualizerBand): EqualizerBand => ({ ...band, type: band.type === 'low_shelf' ? 'high_shelf' : 'low_shelf', gainDb: -band.gainDb });

/** Without the bands that explain nothing. */
function pruned<S extends ReturnType<typeof solve>>(problem: Problem, state: S, enoughDb: number, total: number): ReturnType<typeof solve> {
  let best: ReturnType<typeof solve> = state;
  for (let i = best.bands.length - 1; i >= 0; i -= 1) {
    const without = solve(problem, best.bands.filter((_, k) => k !== i), 20);
    const isAsGood = without.fit.sumOfSquares < 1.02 * best.fit.sumOfSquares || Math.sqrt(without.fit.sumOfSquares / total) < enoughDb;
    if (isAsGood) best = without;
  }
  return best;
}
