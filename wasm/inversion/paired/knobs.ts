/** Everything that a style leaves to be turned, as one row of numbers. */
import { compressor } from '../../../shared/params/compressor.ts';
import { equalizer } from '../../../shared/params/equalizer.ts';
import { exciter } from '../../../shared/params/exciter.ts';
import { limiter } from '../../../shared/params/limiter.ts';
import { stereoWidth } from '../../../shared/params/stereo-width.ts';
import type { StyleModules } from '../../../shared/style.ts';

export const STAGES = ['eq', 'matchFir', 'dynamics', 'exciter', 'stereo', 'reverb', 'gain', 'limiter'] as const;
export type Stage = (typeof STAGES)[number];

/** A style's modules, and the gain that stands where the loudness is set. */
export interface Turned {
  readonly modules: StyleModules;
  readonly gainDb: number;
}

/** Scales on which a step means about as much everywhere. */
type Scale = 'linear' | 'log' | 'slope' | 'detector';
const TO: Record<Scale, (v: number) => number> = { linear: (v) => v, log: Math.log, slope: (ratio) => 1 - 1 / ratio, detector: (ms) => Math.log(ms + 0.5) };
const FROM: Record<Scale, (v: number) => number> = { linear: (v) => v, log: Math.exp, slope: (s) => 1 / (1 - s), detector: (v) => Math.exp(v) - 0.5 };

export interface Knob {
  readonly stage: Stage;
  /** Name as intervals have it, within its module; several where one knob turns several values. */
  readonly keys: readonly string[];
  readonly scale: Scale;
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** Step of the difference quotient. */
  readonly step: number;
  /** How far a first estimate is from the truth as a rule: one standard deviation. */
  readonly spread: number;
}

interface Turn {
  readonly scale: Scale;
  readonly step: number;
  readonly spread: number;
}
interface Range {
  readonly min: number;
  readonly max: number;
}

/** Steps and spreads: a step moves the sound by some hundredths of a dB; spreads are those of first estimates in `npm run bench -- identify`. */
const TURNS = {
  fHz: { scale: 'log', step: 0.02, spread: 0.3 },
  q: { scale: 'log', step: 0.04, spread: 0.5 },
  gainDb: { scale: 'linear', step: 0.1, spread: 3 },
  width: { scale: 'log', step: 0.02, spread: 0.3 },
  crossoverHz: { scale: 'log', step: 0.05, spread: 0.5 },
  thresholdDb: { scale: 'linear', step: 0.3, spread: 5 },
  ratio: { scale: 'slope', step: 0.02, spread: 0.25 },
  kneeDb: { scale: 'linear', step: 1, spread: 6 },
  attackMs: { scale: 'log', step: 0.1, spread: 1 },
  releaseMs: { scale: 'log', step: 0.1, spread: 1 },
  rmsMs: { scale: 'detector', step: 0.15, spread: 1.5 },
  makeupDb: { scale: 'linear', step: 0.1, spread: 3 },
  exciterHz: { scale: 'log', step: 0.05, spread: 0.7 },
  driveDb: { scale: 'linear', step: 0.5, spread: 8 },
  even: { scale: 'linear', step: 0.04, spread: 0.3 },
  amount: { scale: 'log', step: 0.06, spread: 0.7 },
  lookaheadMs: { scale: 'log', step: 0.1, spread: 0.7 },
} as const satisfies Record<string, Turn>;

const LEAST_AMOUNT = 0.01;
const FARTHEST_EQ_DB = 18;

/** @param isLimited whether the limiter is at work, so that its times are heard */
export function knobsOf({ modules, gainDb }: Turned, isLimited: boolean): Knob[] {
  const knobs: Knob[] = [];
  const add = (stage: Stage, keys: readonly string[], turn: Turn, range: Range, value: number) => {
    const to = TO[turn.scale];
    knobs.push({ stage, keys, scale: turn.scale, start: to(value), min: to(range.min), max: to(range.max), step: turn.step, spread: turn.spread });
  };
  const { eq, dynamics, exciter: exciting, stereo } = modules;
  if (eq.enabled) {
    const { fHz, q } = equalizer.bands.parameters;
    eq.values.bands.forEach((band, i) => {
      const isPass = band.type === 'high_pass' || band.type === 'low_pass';
      add('eq', [`bands.${i}.fHz`], TURNS.fHz, { min: fHz.min, max: Math.min(fHz.max, 20_000) }, Math.min(20_000, band.fHz));
      add('eq', [`bands.${i}.q`], TURNS.q, { min: isPass ? 0.4 : 0.25, max: isPass ? 1.2 : band.type === 'peak' ? Math.min(q.max, 8) : 1.4 }, band.q);
      if (!isPass) add('eq', [`bands.${i}.gainDb`], TURNS.gainDb, { min: -FARTHEST_EQ_DB, max: FARTHEST_EQ_DB }, band.gainDb);
    });
  }
  if (dynamics.enabled) {
    const { parameters: crossovers, bands } = compressor;
    const own = dynamics.values.bands;
    (['crossover1Hz', 'crossover2Hz', 'crossover3Hz'] as const).slice(0, own.length - 1).forEach((key) => add('dynamics', [key], TURNS.crossoverHz, crossovers[key], dynamics.values[key]));
    own.forEach((band, i) => {
      for (const key of ['thresholdDb', 'ratio', 'kneeDb', 'attackMs', 'releaseMs', 'rmsMs'] as const) if (band.ratio !== 1) add('dynamics', [`bands.${i}.${key}`], TURNS[key], bands.parameters[key], band[key]);
      // The first band's make-up is the chain's gain.
      if (i > 0) add('dynamics', [`bands.${i}.makeupDb`], TURNS.makeupDb, bands.parameters.makeupDb, band.makeupDb);
    });
  }
  if (exciting.enabled) {
    const { fHz, driveDb, even, amount } = exciter.parameters;
    const { values } = exciting;
    add('exciter', ['fHz'], TURNS.exciterHz, fHz, values.fHz);
    add('exciter', ['driveDb'], TURNS.driveDb, driveDb, values.driveDb);
    add('exciter', ['even'], TURNS.even, even, values.even);
    add('exciter', ['amount'], TURNS.amount, { min: LEAST_AMOUNT, max: amount.max }, Math.max(LEAST_AMOUNT, values.amount));
  }
  if (stereo.enabled) {
    const { widthLow, widthMid, widthHigh } = stereo.values;
    const range = { min: 0.01, max: stereoWidth.parameters.widthMid.max };
    const rows = widthLow === widthMid && widthMid === widthHigh ? [['widthLow', 'widthMid', 'widthHigh'] as const] : ([['widthLow'], ['widthMid'], ['widthHigh']] as const);
    for (const keys of rows) add('stereo', keys, TURNS.width, range, Math.max(range.min, stereo.values[keys[0]]));
  }
  add('gain', ['gainDb'], TURNS.makeupDb, { min: -60, max: 60 }, gainDb);
  if (isLimited) {
    const { releaseMs, lookaheadMs } = limiter.parameters;
    add('limiter', ['releaseMs'], TURNS.releaseMs, releaseMs, modules.limiter.values.releaseMs);
    add('limiter', ['lookaheadMs'], TURNS.lookaheadMs, lookaheadMs, modules.limiter.values.lookaheadMs);
  }
  return knobs;
}

/** A value of a knob in the parameter's own unit. */
export const unitsOf = (knob: Knob, value: number): number => FROM[knob.scale](value);

/** What the knobs say, written into a copy of the modules. */
export function turned(base: Turned, knobs: readonly Knob[], values: readonly number[]): Turned {
  const { eq, dynamics, exciter: exciting, stereo, limiter: limiting } = base.modules;
  const sheets: Record<string, Record<string, unknown>> = structuredClone({
    eq: eq.values, dynamics: dynamics.values, exciter: exciting.values, stereo: stereo.values, limiter: limiting.values, gain: { gainDb: base.gainDb },
  }) as unknown as Record<string, Record<string, unknown>>;
  knobs.forEach((knob, i) => {
    const value = unitsOf(knob, values[i]!);
    for (const key of knob.keys) {
      const [first, index, name] = key.split('.') as [string, string?, string?];
      const sheet = sheets[knob.stage]!;
      if (index !== undefined) (sheet[first] as Record<string, number>[])[Number(index)]![name!] = value;
      else sheet[first] = value;
    }
  });
  const modules = {
    ...base.modules,
    eq: { ...eq, values: sheets['eq'] },
    dynamics: { ...dynamics, values: sheets['dynamics'] },
    exciter: { ...exciting, values: sheets['exciter'] },
    stereo: { ...stereo, values: sheets['stereo'] },
    limiter: { ...limiting, values: sheets['limiter'] },
  } as unknown as StyleModules;
  return { modules, gainDb: (sheets['gain'] as { gainDb: number }).gainDb };
}
