/**
 * The limiter of another recording: under the ceiling asked for, and no higher than the reference's own peaks end, so
 * that peaks stand as far over the loudness as they do there. Where those end at a wall, it is a limiter's, and becomes
 * this one's; as played, they are followed with caution. Peaks that were lower all along are not touched.
 */
import type { Features } from '../../../shared/features.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { limiter, type LimiterValues } from '../../../shared/params/limiter.ts';
import { type Module, neutralStyle } from '../../../shared/style.ts';
import { estimated, rounded } from '../paired/modules.ts';
import { IN_HAND_DB } from '../paired/peak-ceiling.ts';
import type { Material } from './material.ts';
import { shrunk } from './shrinkage.ts';

/** More than this off the peaks is no longer transparent. */
const MOST_REDUCTION_DB = 3;
/** A wall is not meant to be transparent; but a steady tone has a flat top too, and would crush what is played over it. */
const MOST_WALL_REDUCTION_DB = 8;
/** A reference this dense was limited fast; a slow release would not come as loud. */
const DENSE_PLR_DB = 9;
const DENSE_RELEASE_MS = 40;
/** How far peaks stand out by themselves: in two parts of one piece, in what two people say; of other music it is the style, dB. */
const CONTENT_DB = { onePiece: 1.5, voices: 2.5, pieces: 0.5 } as const;

export interface LimiterEvidence {
  readonly reference: Features;
  /** The reference's peaks end at a wall. */
  readonly isWall: boolean;
  /** Of the target behind everything else in the style; null where it is not known. */
  readonly plrDb: number | null;
  readonly material: Material;
}

export function limiterModule({ reference, isWall, plrDb, material }: LimiterEvidence, ceilingDbtp: number): Module<LimiterValues> {
  const { values } = neutralStyle('', 'B').modules.limiter;
  const releaseMs = (reference.plrDb ?? Infinity) < DENSE_PLR_DB ? DENSE_RELEASE_MS : values.releaseMs;
  const at = (tpDb: number) => ({ ...values, tpDb, releaseMs });
  const [ends, loudness] = [reference.truePeakDbtp, reference.loudness.integratedLufs];
  if (ends !== null && loudness !== null && plrDb !== null) {
    const expected = loudness + plrDb;
    const contentDb = material.onePiece * CONTENT_DB.onePiece + (1 - material.onePiece) * (material.isVoice ? CONTENT_DB.voices : CONTENT_DB.pieces);
    const asPlayed = expected - Math.min(MOST_REDUCTION_DB, Math.max(0, shrunk(expected - ends, contentDb)));
    const followed = isWall ? Math.max(ends + IN_HAND_DB, expected - MOST_WALL_REDUCTION_DB) : asPlayed;
    const tpDb = clampTo(limiter.parameters.tpDb, followed);
    if (tpDb < ceilingDbtp && (isWall || tpDb < expected)) return estimated(at(tpDb), 1, { code: 'limiter/reference-peaks', args: { tpDb: rounded(tpDb) } });
  }
  return estimated(at(ceilingDbtp), 1, { code: 'limiter/ceiling', args: { tpDb: ceilingDbtp } });
}
