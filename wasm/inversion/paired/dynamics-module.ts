/** Compressor and limiter of a style from what the gain over time shows. */
import { compressor, type CompressorValues } from '../../../shared/params/compressor.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import type { LimiterValues } from '../../../shared/params/limiter.ts';
import { type Interval, type Module, neutralStyle } from '../../../shared/style.ts';
import { type DynamicsProblem, fitDynamics } from './dynamics-fit.ts';
import { estimated, NINETY_PERCENT, notIdentifiable, rounded, unchanged } from './modules.ts';

/** A level that moves less than this between the recordings was not moved. */
const STILL_DB = 0.3;
/** A fit that leaves more than this has not found what moved the level. */
const UNEXPLAINED_DB = 1.5;

/**
 * How far another maker's knob stands from ours at the same sound: knees, detectors and attacks follow conventions, and
 * each takes part of what another calls threshold or ratio. Standard deviations over eleven compressors of six makers
 * (`npm run bench -- identify`): dB, and the slope 1 - 1 / ratio.
 */
const MAKERS = { thresholdDb: 2, slope: 0.09 } as const;

/** No limiting was found; peaks are kept under the ceiling all the same. */
export const ceilingModule = (tpDb: number): Module<LimiterValues> =>
  estimated({ ...neutralStyle('', 'A').modules.limiter.values, tpDb }, 1, { code: 'limiter/ceiling-only', args: { tpDb } });

export async function dynamicsModules(problem: DynamicsProblem): Promise<{ dynamics: Module<CompressorValues>; limiter: Module<LimiterValues>; gainDb: number; errorDb: number }> {
  const fit = await fitDynamics(problem);
  const idle = neutralStyle('', 'A').modules;
  const { band } = fit;
  let dynamics: Module<CompressorValues>;
  if (!band) {
    dynamics = fit.errorDb < UNEXPLAINED_DB || fit.steadyErrorDb < STILL_DB ? unchanged(idle.dynamics.values, 1 - fit.errorDb / UNEXPLAINED_DB) : notIdentifiable(idle.dynamics.values);
  } else {
    const parameters = compressor.bands.parameters;
    const intervals: Record<string, Interval> = {};
    const spread = (name: string) => NINETY_PERCENT * Math.hypot(fit.deviations[name] ?? 0, MAKERS[name as keyof typeof MAKERS] ?? 0);
    const set = (name: keyof typeof parameters, low: number, high: number) => {
      intervals[`bands.0.${name}`] = [clampTo(parameters[name], low), clampTo(parameters[name], high)];
    };
    set('thresholdDb', band.thresholdDb - spread('thresholdDb'), band.thresholdDb + spread('thresholdDb'));
    set('kneeDb', band.kneeDb - spread('kneeDb'), band.kneeDb + spread('kneeDb'));
    const slope = 1 - 1 / band.ratio;
    set('ratio', 1 / Math.max(0.01, 1 - slope + spread('slope')), 1 / Math.max(0.01, 1 - slope - spread('slope')));
    for (const name of ['attackMs', 'releaseMs', 'rmsMs'] as const) {
      const factor = Math.exp(Math.min(6, spread(name)));
      set(name, band[name] / factor, band[name] * factor);
    }
    const explained = 1 - (fit.errorDb / Math.max(fit.limiterErrorDb, 1e-9)) ** 2;
    dynamics = estimated(
      { ...idle.dynamics.values, bands: [band] },
      explained,
      { code: 'dynamics/gain-trace', args: { ratio: rounded(band.ratio), thresholdDb: rounded(band.thresholdDb), errorDb: rounded(fit.errorDb, 2) } },
      intervals,
    );
  }
  const limiter = fit.isLimited
    ? estimated(fit.limiter, 1 - Math.min(1, fit.errorDb / UNEXPLAINED_DB), { code: 'limiter/gain-trace', args: { gainDb: rounded(fit.gainDb), errorDb: rounded(fit.errorDb, 2) } })
    : ceilingModule(problem.ceilingDbtp);
  return { dynamics, limiter, gainDb: fit.gainDb, errorDb: fit.errorDb };
}
