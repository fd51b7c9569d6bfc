/**
 * The style document: what lies between a target and a reference, as values for the chain.
 *
 * Inside the product it is this type; files, the API and the command line carry the snake_case form of
 * `style-params.ts`. A style is plain data: values, how sure we are, why.
 */
import type { CompressorValues } from './params/compressor.ts';
import type { EqualizerValues } from './params/equalizer.ts';
import type { ExciterValues } from './params/exciter.ts';
import type { LimiterValues } from './params/limiter.ts';
import type { LoudnessValues } from './params/loudness.ts';
import type { MatchFirValues } from './params/match-fir.ts';
import type { PitchShiftValues } from './params/pitch-shift.ts';
import { reverb, type ReverbValues } from './params/reverb.ts';
import type { StereoWidthValues } from './params/stereo-width.ts';
import type { Reason } from './reasons.ts';

export const STYLE_VERSION = 1;

/** A: same performance before and after. B: different recordings. */
export type Mode = 'A' | 'B';

/** 90 % interval, in the unit of the value. */
export type Interval = readonly [low: number, high: number];

/**
 * estimated: found in the material. neutral: measured, nothing to change.
 * not-identifiable: the material cannot tell, left alone. manual: set by a person.
 */
export type ModuleStatus = 'estimated' | 'neutral' | 'not-identifiable' | 'manual';

export interface Module<V> {
  enabled: boolean;
  /** 0 to 1. */
  intensity: number;
  values: V;
  /** By parameter name; `bands.<i>.<name>` for a band's. */
  intervals: Record<string, Interval>;
  status: ModuleStatus;
  /** 0 (a guess) to 1 (certain); null where nothing was estimated. */
  confidence: number | null;
  reason: Reason;
}

export interface StyleModules {
  pitch: Module<PitchShiftValues>;
  eq: Module<EqualizerValues>;
  matchFir: Module<MatchFirValues>;
  dynamics: Module<CompressorValues>;
  exciter: Module<ExciterValues>;
  stereo: Module<StereoWidthValues>;
  reverb: Module<ReverbValues>;
  lufs: Module<LoudnessValues>;
  limiter: Module<LimiterValues>;
}

export type ModuleName = keyof StyleModules;

/** Order of the chain; the only place that states it. */
export const CHAIN_ORDER = [
  'pitch',
  'eq',
  'matchFir',
  'dynamics',
  'exciter',
  'stereo',
  'reverb',
  'lufs',
  'limiter',
] as const satisfies readonly ModuleName[];

/**
 * An impulse response: planar float32. Channels: 1 (mono, applied to both), 2 (left-left, right-right; for
 * match FIR mid, side), 4 (left-left, left-right, right-left, right-right: true stereo).
 */
export interface ImpulseResponse {
  readonly sampleRate: number;
  readonly channels: readonly Float32Array[];
}

export interface Style {
  version: typeof STYLE_VERSION;
  mode: Mode;
  /** SHA-256 of the engine that estimated it, hexadecimal. */
  engine: string;
  /** SHA-256 of the recordings' bytes as they were given, hexadecimal; null when made by hand. */
  sources: { reference: string | null; target: string | null };
  /** Global intensity, 0 to 1; multiplies every module's. */
  intensity: number;
  modules: StyleModules;
  /** By SHA-256 of the interleaved float32 little-endian samples. */
  irs: Record<string, ImpulseResponse>;
}

const untouched = <V>(values: V): Module<V> => ({
  enabled: false,
  intensity: 1,
  values,
  intervals: {},
  status: 'neutral',
  confidence: null,
  reason: { code: 'module/default', args: {} },
});

/** A style that changes nothing: every module off, values at their defaults. */
export function neutralStyle(engine: string, mode: Mode): Style {
  return {
    version: STYLE_VERSION,
    mode,
    engine,
    sources: { reference: null, target: null },
    intensity: 1,
    irs: {},
    modules: {
      pitch: untouched({ semitones: 0 }),
      eq: untouched({ bands: [] }),
      matchFir: untouched({ irKey: null, amount: 1 }),
      dynamics: untouched({ crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000, bands: [] }),
      exciter: untouched({ fHz: 4000, driveDb: 12, even: 0.3, amount: 0 }),
      stereo: untouched({ crossover1Hz: 250, crossover2Hz: 4000, widthLow: 1, widthMid: 1, widthHigh: 1 }),
      reverb: untouched({ irKey: null, mix: 0, preDelayMs: 0, ringOutSeconds: reverb.parameters.ringOutSeconds.default }),
      lufs: untouched({ targetDb: -16 }),
      limiter: untouched({ tpDb: -1, lookaheadMs: 3, releaseMs: 120 }),
    },
  };
}

/**
 * A style as it was stored, perhaps before a parameter existed: such a one takes the value with which the style sounds as
 * it did.
 */
export function completeStyle(stored: Style): Style {
  const { modules: neutral } = neutralStyle(stored.engine, stored.mode);
  const { reverb: room } = stored.modules;
  return { ...stored, modules: { ...stored.modules, reverb: { ...room, values: { ...neutral.reverb.values, ...room.values } } } };
}
