/** Harmonics that no filter explains: the engine's exciter, turned until the whole chain sounds nearest. */
import { exciter, type ExciterValues } from '../../../shared/params/exciter.ts';
import { type Interval, type Module, neutralStyle, type Style } from '../../../shared/style.ts';
import { type EngineBinary, openEngine } from '../../host/engine.ts';
import { minimize, type Variable } from '../nelder-mead.ts';
import { ChainRenderer, renderStages, stepsOf } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { estimated, rounded, unchanged } from './modules.ts';
import type { WholeChain } from './whole-chain.ts';

const { fHz, driveDb, even, amount } = exciter.parameters;

/** A look at one setting must bring the sound this much nearer before more are tried, and the best one this much. */
const PROMISING = 0.99;
const WORTH = 0.96;
const EVALUATIONS = 32;

/** Four settings that between them show most exciters and saturators. */
const LOOKS: readonly ExciterValues[] = [
  { fHz: 3000, driveDb: 12, even: 0.2, amount: 0.4 },
  { fHz: 6500, driveDb: 12, even: 0.2, amount: 0.4 },
  { fHz: 200, driveDb: 6, even: 0.2, amount: 0.25 },
  { fHz: 1200, driveDb: 12, even: 0.6, amount: 0.25 },
];

const valuesOf = (p: readonly number[]): ExciterValues => ({ fHz: Math.exp(p[0]!), driveDb: p[1]!, even: p[2]!, amount: Math.exp(p[3]!) });

const variablesAt = (v: ExciterValues): Variable[] => [
  { start: Math.log(v.fHz), min: Math.log(fHz.min), max: Math.log(fHz.max), step: 0.4 },
  { start: v.driveDb, min: driveDb.min, max: driveDb.max, step: 6 },
  { start: v.even, min: even.min, max: even.max, step: 0.3 },
  { start: Math.log(v.amount), min: Math.log(0.01), max: Math.log(amount.max), step: 0.5 },
];

/**
 * @param style everything but the exciter is estimated
 * Cost: 4 to 40 renders of 4 s.
 */
export async function exciterModule(binary: EngineBinary, sampleRate: number, style: Style, chain: WholeChain): Promise<Module<ExciterValues>> {
  const idle = neutralStyle('', 'A').modules.exciter.values;
  const entering = await chain.body(style, ['eq', 'matchFir', 'dynamics']);
  const limiter = style.modules.limiter.values;
  const [without] = await renderStages(binary, sampleRate, style, ['stereo', 'reverb'], [entering]);
  const plain = chain.distanceOf(without!, limiter);
  const renderer = new ChainRenderer(await openEngine(binary), sampleRate, [{ effect: 'exciter', values: idle }, ...stepsOf(style.modules, ['stereo', 'reverb'])], style.irs);
  const distance = (values: ExciterValues): number => {
    const out: Stereo = renderer.render(entering, { 0: values });
    return chain.distanceOf([out[0].slice(), out[1].slice()], limiter);
  };
  const looks = LOOKS.map((values) => ({ values, distance: distance(values) }));
  const nearest = looks.reduce((a, b) => (b.distance < a.distance ? b : a));
  if (nearest.distance > PROMISING * plain) return unchanged(idle, 0.8);
  const best = minimize(variablesAt(nearest.values), (p) => distance(valuesOf(p)), EVALUATIONS);
  if (best.value > WORTH * plain) return unchanged(idle, 0.5);
  const values = valuesOf(best.point);
  // What a step costs says how well a value is known: a parabola through the minimum, one per cent of distance as its width.
  const intervals: Record<string, Interval> = {};
  const width = (i: number, step: number): number => {
    const rise = Math.max(1e-6, distance(valuesOf(best.point.map((v, j) => (i === j ? v + step : v)))) - best.value);
    return Math.min(4 * Math.abs(step), Math.abs(step) * Math.sqrt((0.01 * plain) / rise));
  };
  const f = width(0, best.point[0]! > Math.log(fHz.max) - 0.3 ? -0.3 : 0.3);
  const a = width(3, -0.3);
  intervals['fHz'] = [Math.max(fHz.min, values.fHz * Math.exp(-f)), Math.min(fHz.max, values.fHz * Math.exp(f))];
  intervals['amount'] = [values.amount * Math.exp(-a), Math.min(amount.max, values.amount * Math.exp(a))];
  intervals['driveDb'] = [driveDb.min, Math.min(driveDb.max, values.driveDb + 12)];
  intervals['even'] = [Math.max(0, values.even - 0.4), Math.min(1, values.even + 0.4)];
  const percent = Math.round(100 * (1 - best.value / plain));
  return estimated(values, 1 - best.value / plain + 0.3, { code: 'exciter/nearer', args: { fHz: Math.round(values.fHz), percent, amount: rounded(values.amount, 2) } }, intervals);
}
