/** The loudness to reach is the reference's own. */
import type { Features } from '../../../shared/features.ts';
import { loudness, type LoudnessValues } from '../../../shared/params/loudness.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import type { Module } from '../../../shared/style.ts';
import { estimated, notIdentifiable, rounded } from './modules.ts';

export function loudnessModule(reference: Features): Module<LoudnessValues> {
  const { integratedLufs } = reference.loudness;
  if (integratedLufs === null) return notIdentifiable({ targetDb: loudness.parameters.targetDb.default });
  const targetDb = clampTo(loudness.parameters.targetDb, integratedLufs);
  return estimated({ targetDb }, 1, { code: 'lufs/reference', args: { lufs: rounded(targetDb) } }, { targetDb: [targetDb - 0.05, targetDb + 0.05] });
}
