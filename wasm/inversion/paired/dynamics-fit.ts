/**
 * Compressor and limiter from the gain over time: the engine's own effects, rendered on excerpts, are turned until they
 * move the level as the reference does.
 */
import { compressor, type CompressorBand } from '../../../shared/params/compressor.ts';
import { limiter, type LimiterValues } from '../../../shared/params/limiter.ts';
import { neutralStyle } from '../../../shared/style.ts';
import type { Assets } from '../../host/assets.ts';
import { type ChainStep, type EngineBinary, openEngine } from '../../host/engine.ts';
import { type Fit, fitLeastSquares, type FitParameter } from '../least-squares.ts';
import { ChainRenderer } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { gainTrace, type GainTrace, traceStatistics } from './gain-trace.ts';
import { coarseCompressors, type CoarseCompressor } from './level-detection.ts';

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
  /** What follows the compressor. */
  readonly afterwards: readonly ChainStep[];
  readonly assets: Assets;
  readonly ceilingDbtp: number;
  readonly referencePeakDbtp: number | null;
}

const HOP_SECONDS = 0.0025;
/** Audio that is rendered again and again; the louder half of what is there. */
const FIT_SECONDS = 6;

const { thresholdDb, ratio, kneeDb, attackMs, releaseMs, rmsMs } = compressor.bands.parameters;

interface Piece {
  readonly input: Stereo;
  readonly reference: Stereo;
  readonly still: Stereo;
}

/** The excerpt's stretch in which the gain moves most. */
function liveliest({ input, reference, still }: DynamicsProblem, traces: readonly GainTrace[], sampleRate: number): Piece {
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

/** Order and scale of what is fitted. */
const bandOf = (v: readonly number[]): CompressorBand => ({
  thresholdDb: v[0]!,
  ratio: 1 / (1 - v[1]!),
  lowThresholdDb: -96,
  lowRatio: 1,
  kneeDb: v[2]!,
  attackMs: Math.exp(v[3]!),
  releaseMs: Math.exp(v[4]!),
  rmsMs: Math.exp(v[5]!) - 0.5,
  makeupDb: 0,
});

const bandParameters = (c: CoarseCompressor): FitParameter[] => [
  { start: c.thresholdDb, min: thresholdDb.min, max: thresholdDb.max, step: 0.2 },
  { start: c.slope, min: 1 - 1 / ratio.min, max: 1 - 1 / ratio.max, step: 0.01 },
  { start: 5, min: kneeDb.min, max: kneeDb.max, step: 0.5 },
  { start: Math.log(c.attackMs), min: Math.log(attackMs.min), max: Math.log(attackMs.max), step: 0.05 },
  { start: Math.log(c.releaseMs), min: Math.log(releaseMs.min), max: Math.log(releaseMs.max), step: 0.05 },
  { start: Math.log(c.usesRms ? 10.5 : 0.6), min: Math.log(rmsMs.min + 0.5), max: Math.log(rmsMs.max + 0.5), step: 0.1 },
];
const BAND_NAMES = ['thresholdDb', 'slope', 'kneeDb', 'attackMs', 'releaseMs', 'rmsMs'] as const;

const limiterParameters = (gainDb: number, releaseStartMs: number): FitParameter[] => [
  { start: gainDb, min: -60, max: 60, step: 0.1 },
  { start: Math.log(releaseStartMs), min: Math.log(limiter.parameters.releaseMs.min), max: Math.log(limiter.parameters.releaseMs.max), step: 0.05 },
];

/** Renders with values and compares the gain over time with what was heard. */
class Trial {
  readonly #renderer: ChainRenderer;
  readonly #order: ('compressor' | 'gain' | 'limiter')[] = [];
  readonly #indices: Record<string, number> = {};
  readonly #input: Stereo;
  readonly #dry: Stereo;
  readonly #heard: GainTrace;
  readonly #rootWeights: Float64Array;
  readonly #hop: number;
  readonly #tpDb: number;
  readonly #hasBand: boolean;

  private constructor(problem: DynamicsProblem, engine: ConstructorParameters<typeof ChainRenderer>[0], piece: Piece, hasBand: boolean, tpDb: number) {
    const steps: ChainStep[] = [];
    const add = (name: 'compressor' | 'gain' | 'limiter', step: ChainStep) => {
      this.#indices[name] = steps.length;
      this.#order.push(name);
      steps.push(step);
    };
    const idle = neutralStyle('', 'A').modules;
    if (hasBand) add('compressor', { effect: 'compressor', values: { ...idle.dynamics.values, bands: [bandOf([0, 0, 0, 1, 4, 1])] } });
    const { afterwards, assets } = problem;
    steps.push(...afterwards);
    add('gain', { effect: 'gain', values: { gainDb: 0 } });
    add('limiter', { effect: 'limiter', values: idle.limiter.values });
    this.#renderer = new ChainRenderer(engine, problem.sampleRate, steps, assets);
    this.#input = piece.input;
    this.#dry = afterwards.length > 0 ? new ChainRenderer(engine, problem.sampleRate, afterwards, assets).render(piece.input) : piece.input;
    this.#hop = Math.max(8, Math.round(HOP_SECONDS * problem.sampleRate));
    this.#heard = gainTrace(piece.still, piece.reference, this.#hop);
    const total = this.#heard.weight.reduce((a, b) => a + b, 1e-30);
    this.#rootWeights = this.#heard.weight.map((w) => Math.sqrt(w / total));
    this.#tpDb = tpDb;
    this.#hasBand = hasBand;
  }

  static async create(problem: DynamicsProblem, piece: Piece, hasBand: boolean, tpDb: number): Promise<Trial> {
    return new Trial(problem, await openEngine(problem.engine), piece, hasBand, tpDb);
  }

  /** Values: the band's six where there is one, then gain and the limiter's release. */
  residuals(values: readonly number[]): Float64Array {
    const at = this.#hasBand ? 6 : 0;
    const settings: Record<number, object> = {};
    if (this.#hasBand) settings[this.#indices['compressor']!] = { ...neutralStyle('', 'A').modules.dynamics.values, bands: [bandOf(values)] };
    settings[this.#indices['gain']!] = { gainDb: values[at]! };
    settings[this.#indices['limiter']!] = { tpDb: this.#tpDb, lookaheadMs: LOOKAHEAD_MS, releaseMs: Math.exp(values[at + 1]!) };
    const trace = gainTrace(this.#dry, this.#renderer.render(this.#input, settings), this.#hop);
    return trace.gainDb.map((g, k) => {
      const error = g - this.#heard.gainDb[k]!;
      // Huber-like: moments in which something else happened do not decide.
      const soft = Math.abs(error) > 6 ? Math.sign(error) * (6 + Math.log(Math.abs(error) / 6)) : error;
      return this.#rootWeights[k]! * soft;
    });
  }
}

const LOOKAHEAD_MS = limiter.parameters.lookaheadMs.default;

/** Quietest moments' gain: what the chain does to sound that no threshold touches. */
function upperGainDb(traces: readonly GainTrace[]): number {
  const rows = traces.flatMap((t) => [...t.gainDb].map((g, k) => ({ g, w: t.weight[k]! }))).filter((r) => r.w > 0.02);
  rows.sort((a, b) => a.g - b.g);
  return rows[Math.floor(0.9 * rows.length)]?.g ?? 0;
}

/**
 * @returns the compressor only where it explains what a limiter alone does not
 * Cost: 100 to 250 renders of 6 s.
 */
export async function fitDynamics(problem: DynamicsProblem): Promise<DynamicsFit> {
  const { input, reference, still, sampleRate } = problem;
  const hop = Math.max(8, Math.round(HOP_SECONDS * sampleRate));
  const traces = still.map((x, e) => gainTrace(x, reference[e]!, hop));
  const steady = traceStatistics(traces[0]!);
  const tpDb = Math.min(problem.ceilingDbtp, problem.referencePeakDbtp ?? 0);
  const piece = liveliest(problem, traces, sampleRate);
  const rmsOf = (fit: Fit) => Math.sqrt(fit.sumOfSquares);

  const limiting = await Trial.create(problem, piece, false, tpDb);
  const upper = upperGainDb(traces);
  const limiterFits = [40, 250].map((release) => fitLeastSquares(limiterParameters(upper, release), (v) => limiting.residuals(v), { maxIterations: 8, tolerance: 3e-3 }));
  const limiterOnly = limiterFits.reduce((a, b) => (b.sumOfSquares < a.sumOfSquares ? b : a));
  const limiterErrorDb = rmsOf(limiterOnly);

  const compressing = await Trial.create(problem, piece, true, tpDb);
  const starts = coarseCompressors(input, traces, sampleRate, 3);
  let best: Fit | null = null;
  if (limiterErrorDb > LEAST_ERROR_DB) {
    for (const start of starts) {
      const fit = fitLeastSquares(
        [...bandParameters(start), ...limiterParameters(start.gainDb, Math.exp(limiterOnly.values[1]!))],
        (v) => compressing.residuals(v),
        { maxIterations: 6, tolerance: 1e-2 },
      );
      if (!best || fit.sumOfSquares < best.sumOfSquares) best = fit;
    }
    if (best) {
      const parameters = [...bandParameters(starts[0]!), ...limiterParameters(0, 100)].map((p, i) => ({ ...p, start: best!.values[i]! }));
      best = fitLeastSquares(parameters, (v) => compressing.residuals(v), { maxIterations: 12, tolerance: 3e-3 });
    }
  }
  const helps = best !== null && best.sumOfSquares < WORTH * limiterOnly.sumOfSquares;
  const chosen = helps ? best! : limiterOnly;
  const at = helps ? 6 : 0;
  const peakAfter = Math.max(...piece.input.map((c) => c.reduce((p, x) => Math.max(p, Math.abs(x)), 0)));
  return {
    band: helps ? bandOf(chosen.values) : null,
    deviations: Object.fromEntries(helps ? BAND_NAMES.map((name, i) => [name, chosen.deviations[i]!]) : []),
    limiter: { tpDb, lookaheadMs: LOOKAHEAD_MS, releaseMs: Math.exp(chosen.values[at + 1]!) },
    isLimited: 20 * Math.log10(peakAfter + 1e-9) + chosen.values[at]! > tpDb + 0.5,
    gainDb: chosen.values[at]!,
    steadyErrorDb: steady.deviationDb,
    limiterErrorDb,
    errorDb: rmsOf(chosen),
  };
}

/** Under this the level does not move in a way worth a compressor. */
const LEAST_ERROR_DB = 0.15;
/** A compressor has eight parameters; on a few thousand steps chance explains far less than this. */
const WORTH = 0.7;
