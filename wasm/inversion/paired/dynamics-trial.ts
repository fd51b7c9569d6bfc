/** Compressor, gain and limiter of the engine on a stretch of a pair, run with other values again and again. */
import { compressor, type CompressorBand } from '../../../shared/params/compressor.ts';
import { limiter, type LimiterValues } from '../../../shared/params/limiter.ts';
import { neutralStyle } from '../../../shared/style.ts';
import type { Assets } from '../../host/assets.ts';
import { type ChainStep, type EngineBinary, openEngine, type Engine } from '../../host/engine.ts';
import { type Fit, type FitOptions, type FitParameter, fitLeastSquares } from '../least-squares.ts';
import { ChainRenderer } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { gainTrace, gainTraceOn, type GainTrace, traceBase, type TraceBase, traceStatistics } from './gain-trace.ts';

/** Step of the compared gain over time: an attack of a few milliseconds shows. */
export const HOP_SECONDS = 0.0025;
const LOOKAHEAD_MS = limiter.parameters.lookaheadMs.default;
/** Values of a band come first where there is one, then gain and the limiter's release and look-ahead. */
export const BAND_VALUES = 6;

const { thresholdDb, ratio, kneeDb, attackMs, releaseMs, rmsMs } = compressor.bands.parameters;

export interface Piece {
  /** What enters the compressor. */
  readonly input: Stereo;
  readonly reference: Stereo;
  /** What the chain would give if it moved no level. */
  readonly still: Stereo;
}

export interface TrialSettings {
  readonly sampleRate: number;
  /** What follows the compressor. */
  readonly afterwards: readonly ChainStep[];
  readonly assets: Assets;
  readonly tpDb: number;
}

/** What a trial is made of. */
export interface DynamicsAsked {
  readonly settings: TrialSettings;
  readonly piece: Piece;
  /** With a compressor in front of gain and limiter. */
  readonly hasBand: boolean;
}

export type DynamicsAnswer = Pick<Fit, 'values' | 'sumOfSquares' | 'deviations'>;

/** Order and scale of what is fitted. */
export const bandOf = (v: readonly number[]): CompressorBand => ({
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

export const bandParameters = (c: BandStart): FitParameter[] => [
  { start: c.thresholdDb, min: thresholdDb.min, max: thresholdDb.max, step: 0.2 },
  { start: c.slope, min: 1 - 1 / ratio.min, max: 1 - 1 / ratio.max, step: 0.01 },
  { start: c.kneeDb ?? 5, min: kneeDb.min, max: kneeDb.max, step: 0.5 },
  { start: Math.log(c.attackMs), min: Math.log(attackMs.min), max: Math.log(attackMs.max), step: 0.05 },
  { start: Math.log(c.releaseMs), min: Math.log(releaseMs.min), max: Math.log(releaseMs.max), step: 0.05 },
  { start: Math.log((c.rmsMs ?? (c.usesRms ? 10 : 0.1)) + 0.5), min: Math.log(rmsMs.min + 0.5), max: Math.log(rmsMs.max + 0.5), step: 0.1 },
];
export const BAND_NAMES = ['thresholdDb', 'slope', 'kneeDb', 'attackMs', 'releaseMs', 'rmsMs'] as const;

export const limiterParameters = (gainDb: number, releaseStartMs: number): FitParameter[] => [
  { start: gainDb, min: -60, max: 60, step: 0.1 },
  { start: Math.log(releaseStartMs), min: Math.log(limiter.parameters.releaseMs.min), max: Math.log(limiter.parameters.releaseMs.max), step: 0.05 },
  { start: Math.log(LOOKAHEAD_MS), min: Math.log(limiter.parameters.lookaheadMs.min), max: Math.log(limiter.parameters.lookaheadMs.max), step: 0.05 },
];

export const limiterOf = (v: readonly number[], at: number, tpDb: number): LimiterValues => ({ tpDb, releaseMs: Math.exp(v[at + 1]!), lookaheadMs: Math.exp(v[at + 2]!) });

export interface BandStart {
  readonly thresholdDb: number;
  readonly slope: number;
  readonly attackMs: number;
  readonly releaseMs: number;
  readonly usesRms: boolean;
  readonly kneeDb?: number;
  readonly rmsMs?: number;
}

/** Renders with values and compares the gain over time with what was heard. */
export class DynamicsTrial {
  readonly #renderer: ChainRenderer;
  readonly #indices: { compressor: number; gain: number; limiter: number };
  readonly #piece: Piece;
  readonly #base: TraceBase;
  readonly #heard: GainTrace;
  readonly #rootWeights: Float64Array;
  readonly #tpDb: number;
  readonly #hasBand: boolean;

  private constructor(settings: TrialSettings, engine: Engine, piece: Piece, hasBand: boolean) {
    const { afterwards, assets, sampleRate } = settings;
    const idle = neutralStyle('', 'A').modules;
    const before: ChainStep[] = hasBand ? [{ effect: 'compressor', values: { ...idle.dynamics.values, bands: [bandOf([0, 0, 0, 1, 4, 1])] } }] : [];
    const steps: ChainStep[] = [...before, ...afterwards, { effect: 'gain', values: { gainDb: 0 } }, { effect: 'limiter', values: idle.limiter.values }];
    this.#indices = { compressor: 0, gain: steps.length - 2, limiter: steps.length - 1 };
    this.#renderer = new ChainRenderer(engine, sampleRate, steps, assets);
    this.#piece = piece;
    const dry = afterwards.length > 0 ? new ChainRenderer(engine, sampleRate, afterwards, assets).render(piece.input) : piece.input;
    const hop = Math.max(8, Math.round(HOP_SECONDS * sampleRate));
    // Heard against the better model of the linear part; in dB over what this chain puts out, so that the gain is absolute.
    this.#base = traceBase(dry, hop);
    const offsetDb = traceStatistics(gainTraceOn(this.#base, piece.still)).meanDb;
    const heard = gainTrace(piece.still, piece.reference, hop);
    this.#heard = { ...heard, gainDb: heard.gainDb.map((g) => g + offsetDb) };
    const total = heard.weight.reduce((a, b) => a + b, 1e-30);
    this.#rootWeights = heard.weight.map((w) => Math.sqrt(w / total));
    this.#tpDb = settings.tpDb;
    this.#hasBand = hasBand;
  }

  static async create(binary: EngineBinary, { settings, piece, hasBand }: DynamicsAsked): Promise<DynamicsTrial> {
    return new DynamicsTrial(settings, await openEngine(binary), piece, hasBand);
  }

  /** Values that follow the gain over time best. */
  fit(parameters: readonly FitParameter[], options: FitOptions): DynamicsAnswer {
    const { values, sumOfSquares, deviations } = fitLeastSquares(parameters, (v) => this.residuals(v), options);
    return { values, sumOfSquares, deviations };
  }

  #render(values: readonly number[], lowerDb = 0): Stereo {
    const at = this.#hasBand ? BAND_VALUES : 0;
    const settings: Record<number, object> = {
      [this.#indices.gain]: { gainDb: values[at]! - lowerDb },
      [this.#indices.limiter]: limiterOf(values, at, this.#tpDb),
    };
    if (this.#hasBand) settings[this.#indices.compressor] = { ...neutralStyle('', 'A').modules.dynamics.values, bands: [bandOf(values)] };
    return this.#renderer.render(this.#piece.input, settings);
  }

  /** Weighted differences of the gain over time, dB; their squares sum up to the mean square. */
  residuals(values: readonly number[]): Float64Array {
    const trace = gainTraceOn(this.#base, this.#render(values));
    return trace.gainDb.map((g, k) => {
      const error = g - this.#heard.gainDb[k]!;
      // Moments in which something else happened do not decide.
      const soft = Math.abs(error) > 6 ? Math.sign(error) * (6 + Math.log(Math.abs(error) / 6)) : error;
      return this.#rootWeights[k]! * soft;
    });
  }

  /** Gain at the moments that are turned down least, dB: what a threshold leaves alone. */
  upperGainDb(): number {
    const rows = [...this.#heard.gainDb].map((g, k) => ({ g, w: this.#heard.weight[k]! })).filter((r) => r.w > 0.02);
    rows.sort((a, b) => a.g - b.g);
    return rows[Math.floor(0.9 * rows.length)]?.g ?? 0;
  }

  /** What such values make of the piece; overwritten by the next call. */
  rendered(values: readonly number[]): Stereo {
    return this.#render(values);
  }

  /** Sample peak that reaches the limiter, dB. */
  peakIntoLimiterDb(values: readonly number[]): number {
    const lowerDb = 60;
    const peak = Math.max(...this.#render(values, lowerDb).map((c) => c.reduce((p, x) => Math.max(p, Math.abs(x)), 0)));
    return 20 * Math.log10(peak + 1e-12) + lowerDb;
  }
}
