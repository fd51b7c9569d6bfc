/**
 * Where no limiter shows, the chain still leaves peaks in places of its own: harmonics and filters add up with the sound
 * by their phases, which are as the other maker had them. Where that would raise the highest peak over the reference's,
 * the limiter keeps it there, so that peaks stand as far over the loudness as in the reference (PLR).
 */
import type { LimiterValues } from '../../../shared/params/limiter.ts';
import { limiter } from '../../../shared/params/limiter.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import type { Style } from '../../../shared/style.ts';
import type { EngineBinary } from '../../host/engine.ts';
import { BODY_STAGES, renderStages } from './chain-renderer.ts';
import type { Stereo } from './excerpts.ts';
import { estimated, rounded } from './modules.ts';
import { BETTER } from './verification.ts';
import type { WholeChain } from './whole-chain.ts';

/** The limiter stops peaks this far under its ceiling: with it, they end where the reference's do, and those pass untouched. */
export const IN_HAND_DB = 0.2;
/** Peaks that are higher by less are as high: an excerpt's gain is not known better. */
const AS_HIGH_DB = 0.3;
/** More than this off the peaks is no longer transparent. */
const MOST_REDUCTION_DB = 3;
/** The limiter may take the chain further from the reference by this share of the distance, or by this much: nobody hears it. */
const AS_NEAR = 1.03;
const UNHEARD = 0.01;
/** By which the ceiling gives way where it is heard, dB. */
const STEP_DB = 0.5;

export interface PeakCeiling {
  readonly engine: EngineBinary;
  readonly sampleRate: number;
  /** Aligned excerpts, the targets behind the pitch shift, where there is one. */
  readonly targets: readonly Stereo[];
  readonly references: readonly Stereo[];
  /** Of all of the reference, dBTP; null where it is not known. */
  readonly referencePeakDbtp: number | null;
}

/** How much further the excerpts' highest sample stands over their level behind the chain than in the reference, dB. */
async function higherDb({ engine, sampleRate, targets, references }: PeakCeiling, style: Style): Promise<number> {
  const rendered = await renderStages(engine, sampleRate, style, BODY_STAGES, targets);
  return crestDb(rendered) - crestDb(references);
}

function crestDb(excerpts: readonly Stereo[]): number {
  let [peak, energy, frames] = [1e-9, 1e-18, 0];
  for (const excerpt of excerpts) {
    for (const row of excerpt) {
      frames += row.length;
      for (let i = 0; i < row.length; i += 1) {
        const x = Math.abs(row[i]!);
        peak = Math.max(peak, x);
        energy += x * x;
      }
    }
  }
  return 20 * Math.log10(peak) - 10 * Math.log10(energy / frames);
}

/**
 * Lowers a ceiling that is nothing but one to where the reference's peaks end, if the result's would pass them.
 * @param untouched distance of doing nothing: a chain that is nearer stays nearer
 */
export async function endPeaks(style: Style, chain: WholeChain, untouched: number, evidence: PeakCeiling): Promise<void> {
  const { modules } = style;
  const { referencePeakDbtp } = evidence;
  if (modules.limiter.reason.code !== 'limiter/ceiling-only' || referencePeakDbtp === null) return;
  if (!BODY_STAGES.some((name) => modules[name].enabled)) return;
  const excessDb = await higherDb(evidence, style);
  if (excessDb < AS_HIGH_DB) return;
  const asIs = modules.limiter.values;
  const expectedDbtp = Math.min(asIs.tpDb, referencePeakDbtp + excessDb);
  const body = await chain.body(style);
  const distance = chain.distanceOf(body, asIs);
  const furthest = Math.min(Math.max(AS_NEAR * distance, distance + UNHEARD), BETTER * untouched);
  const lowest = clampTo(limiter.parameters.tpDb, Math.max(referencePeakDbtp + IN_HAND_DB, expectedDbtp - MOST_REDUCTION_DB));
  for (let tpDb = lowest; tpDb < expectedDbtp; tpDb += STEP_DB) {
    const values: LimiterValues = { ...asIs, tpDb };
    if (chain.distanceOf(body, values) > furthest) continue;
    modules.limiter = estimated(values, 1, { code: 'limiter/reference-peaks', args: { tpDb: rounded(tpDb) } });
    return;
  }
}
