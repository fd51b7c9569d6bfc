/**
 * Compressor and limiter from the gain over time: the engine's own effects, rendered on excerpts, are turned until they
 * move the level as the reference does.
 */
import type { CompressorBand } from '../../../shared/params/compressor.ts';
import type { LimiterValues } from '../../../shared/params/limiter.ts';
import type { Assets } from '../../host/assets.ts';
import { type ChainStep, type EngineBinary, openEngine } from '../../host/engine.ts';
import type { FitOptions, FitParameter } from '../least-squares.ts';
import { SpectralDistance } from './distance.ts';
import { BAND_NAMES, BAND_VALUES, bandOf, bandParameters, type DynamicsAnswer, DynamicsTrial, HOP_SECONDS, limiterOf, limiterParameters, type Piece } from './dynamics-trial.ts';
import type { Stereo } from './excerpts.ts';
import { gainTrace, type GainTrace, traceStatistics } from './gain-trace.ts';
import { coarseCompressors } from './level-detection.ts';
import { newTrialId, shared, type TrialPool } from './trial-pool.ts';

export interface DynamicsFit {
  readonly band: CompressorBand | null;
  /** Standard deviations by parameter name, in the parameter's unit (times: share). */
  readonly deviations: Readonly<Record<string, number>>;
  readonly limiter: LimiterValues;
  /** Whether the reference shows a limiter at work. */
  readonly isLimited: boolean;
  /** Gain into the limiter on top of the chain, dB. */
  readonly gainDb: number;
  /** Weighted RMS difference of the gain over time, dB: without dynamics, with the limiter only, with everything. */
  readonly steadyErrorDb: number;
  readonly limiterErrorDb: number;
  readonly errorDb: number;
}

export interface DynamicsProblem {
  readonly engine: EngineBinary;
  readonly sampleRate: number;
  /** The target behind its equalizer: what enters the compressor. */
  readonly input: readonly Stereo[];
  readonly reference: readonly Stereo[];
  /** What the chain would give if it moved no level: the reference is compared with this. */
  readonly still: readonly Stereo[];
  readonly afterwards: readonly ChainStep[];
  readonly assets: Assets;
  readonly ceilingDbtp: number;
  readonly referencePeakDbtp: number | null;
  /** Who fits from several starts at once; null: this thread. */
  readonly trials: TrialPool | null;
}

/** Audio that is rendered again and again: the stretch in which the gain moves most. */
const FIT_SECONDS = 5;
/** Under this the level does not move in a way worth a compressor. */
const LEAST_ERROR_DB = 0.15;
/** A compressor has eight parameters; on a few thousand steps chance explains far less than this. */
const WORTH = 0.7;
/** And it must be heard: share of the spectral distance that is left. */
const WORTH_HEARING = 0.97;
/** Peaks further over the ceiling than this were limited, not just rounded. */
const LIMITED_DB = 0.3;

function liveliest({ input, reference, still, sampleRate }: DynamicsProblem, traces: readonly GainTrace[]): Piece {
  const length = Math.round(FIT_SECONDS * sampleRate);
  let best = { score: -1, e: 0, from: 0 };
  traces.forEach((trace, e) => {
    const span = Math.floor(length / trace.hopFrames);
    const { meanDb } = traceStatistics(trace);
    for (let k = 0; k === 0 || k + span <= trace.gainDb.length; k += Math.floor(span / 4)) {
      let score = 0;
      for (let j = k; j < Math.min(trace.gainDb.length, k + span); j += 1) score += trace.weight[j]! * (trace.gainDb[j]! - meanDb) ** 2;
      if (score > best.score) best = { score, e, from: k * trace.hopFrames };
    }
  });
  const cut = (s: Stereo): Stereo => [s[0].subarray(best.from, best.from + length), s[1].subarray(best.from, best.from + length)];
  return { input: cut(input[best.e]!), reference: cut(reference[best.e]!), still: cut(still[best.e]!) };
}

/**
 * @returns the compressor only where it explains what a limiter alone does not, and is heard to
 * Cost: 60 to 150 renders of 5 s.
 */
export async function fitDynamics(problem: DynamicsProblem): Promise<DynamicsFit> {
  const { input, reference, still, sampleRate } = problem;
  const hop = Math.max(8, Math.round(HOP_SECONDS * sampleRate));
  const traces = still.map((x, e) => gainTrace(x, reference[e]!, hop));
  const steady = traceStatistics(traces[0]!);
  const tpDb = Math.min(problem.ceilingDbtp, problem.referencePeakDbtp ?? 0);
  const piece = liveliest(problem, traces);
  const settings = { sampleRate, afterwards: problem.afterwards, assets: problem.assets, tpDb };
  const sent = problem.trials ? { input: shared(piece.input), reference: shared(piece.reference), still: shared(piece.still) } : piece;
  const create = (hasBand: boolean) => DynamicsTrial.create(problem.engine, { settings, piece: sent, hasBand });
  /** From several starts, at once where there is somebody to help. */
  const fitAll = (trial: DynamicsTrial, hasBand: boolean, starts: readonly (readonly FitParameter[])[], options: FitOptions): Promise<DynamicsAnswer[]> => {
    const { trials: pool } = problem;
    if (!pool) return Promise.resolve(starts.map((parameters) => trial.fit(parameters, options)));
    const id = newTrialId();
    return Promise.all(starts.map((parameters) => pool.run({ kind: 'level', id, asked: { settings, piece: sent, hasBand }, parameters, options })));
  };
  const nearest = (fits: readonly DynamicsAnswer[]) => fits.reduce((a, b) => (b.sumOfSquares < a.sumOfSquares ? b : a));
  const rmsOf = (fit: DynamicsAnswer) => Math.sqrt(fit.sumOfSquares);

  const limiting = await create(false);
  const upper = limiting.upperGainDb();
  const limiterOnly = nearest(await fitAll(limiting, false, [40, 250].map((release) => limiterParameters(upper, release)), { maxIterations: 5, tolerance: 1e-2 }));
  const limiterErrorDb = rmsOf(limiterOnly);

  let best: DynamicsAnswer | null = null;
  let compressing: DynamicsTrial | null = null;
  if (limiterErrorDb > LEAST_ERROR_DB) {
    compressing = await create(true);
    const starts = coarseCompressors(input, traces, sampleRate, 2).map((start) => [...bandParameters(start), ...limiterParameters(upper, Math.exp(limiterOnly.values[1]!))]);
    if (starts[0]) {
      const { values } = nearest(await fitAll(compressing, true, starts, { maxIterations: 4, tolerance: 2e-2 }));
      best = compressing.fit(starts[0].map((p, i) => ({ ...p, start: values[i]! })), { maxIterations: 6, tolerance: 1e-2 });
    }
  }
  const isHeard = async () => {
    const distance = new SpectralDistance(await openEngine(problem.engine), piece.reference);
    return distance.of(compressing!.rendered(best!.values)) < WORTH_HEARING * distance.of(limiting.rendered(limiterOnly.values));
  };
  const helps = best !== null && best.sumOfSquares < WORTH * limiterOnly.sumOfSquares && (await isHeard());
  const chosen = helps ? best! : limiterOnly;
  const trial = helps ? compressing! : limiting;
  const at = helps ? BAND_VALUES : 0;
  return {
    band: helps ? bandOf(chosen.values) : null,
    deviations: Object.fromEntries(helps ? BAND_NAMES.map((name, i) => [name, chosen.deviations[i]!]) : []),
    limiter: limiterOf(chosen.values, at, tpDb),
    isLimited: trial.peakIntoLimiterDb(chosen.values) > tpDb + LIMITED_DB,
    gainDb: chosen.values[at]!,
    steadyErrorDb: steady.deviationDb,
    limiterErrorDb,
    errorDb: rmsOf(chosen),
  };
}
