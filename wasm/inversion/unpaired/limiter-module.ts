/**
 * The limiter of another recording: under the ceiling asked for, and no higher than the reference's own peaks end, so
 * that peaks stand as far over the loudness as they do there. Peaks that were lower all along are not touched.
 */
import type { Features } from '../../../shared/features.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { limiter, type LimiterValues } from '../../../shared/params/limiter.ts';
import { type Module, neutralStyle } from '../../../shared/style.ts';
import { estimated, rounded } from '../paired/modules.ts';

/** More than this off the peaks is no longer transparent. */
const MOST_REDUCTION_DB = 5;
/** A reference this dense was limited fast; a slow release would not come as loud. */
const DENSE_PLR_DB = 9;
const DENSE_RELEASE_MS = 40;
/** Peaks that would pass the reference's by less are left to their own ratio. */
const SAME_DB = 0.5;

/** @param plrDb of the target behind everything else in the style; null where it is not known */
export function limiterModule(reference: Features, plrDb: number | null, ceilingDbtp: number): Module<LimiterValues> {
  const { values } = neutralStyle('', 'B').modules.limiter;
  const releaseMs = (reference.plrDb ?? Infinity) < DENSE_PLR_DB ? DENSE_RELEASE_MS : values.releaseMs;
  const at = (tpDb: number) => ({ ...values, tpDb, releaseMs });
  const [ends, loudness] = [reference.truePeakDbtp, reference.loudness.integratedLufs];
  if (ends !== null && loudness !== null && plrDb !== null) {
    const expected = loudness + plrDb;
    const tpDb = clampTo(limiter.parameters.tpDb, Math.max(ends, expected - MOST_REDUCTION_DB));
    if (tpDb < ceilingDbtp && expected > tpDb + SAME_DB) return estimated(at(tpDb), 1, { code: 'limiter/reference-peaks', args: { tpDb: rounded(tpDb) } });
  }
  return estimated(at(ceilingDbtp), 1, { code: 'limiter/ceiling', args: { tpDb: ceilingDbtp } });
}
