/** Pitch of another recording, only when asked for: the interval between the median F0 of both. */
import type { Features } from '../../../shared/features.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { pitchShift, type PitchShiftValues } from '../../../shared/params/pitch-shift.ts';
import type { Module } from '../../../shared/style.ts';
import { ratioToSemitones } from '../../../shared/units.ts';
import { estimated, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';

/** A voice or a solo instrument: most active frames must have a pitch. */
const LEAST_VOICED = 0.25;
const SAME_SEMITONES = 0.1;

export function pitchModule(reference: Features, target: Features): Module<PitchShiftValues> {
  const [to, from] = [reference.f0, target.f0];
  if (!to?.medianHz || !from?.medianHz || Math.min(to.voicedShare, from.voicedShare) < LEAST_VOICED) {
    return notIdentifiable({ semitones: 0 });
  }
  const interval = ratioToSemitones(to.medianHz / from.medianHz);
  if (Math.abs(interval) < SAME_SEMITONES) return unchanged({ semitones: 0 }, 0.8);
  const semitones = clampTo(pitchShift.parameters.semitones, interval);
  const isWithin = semitones === interval;
  return estimated(
    { semitones: rounded(semitones, 2) },
    isWithin ? 0.7 : 0.3,
    { code: 'pitch/median', args: { cents: Math.round(interval * 100) } },
    { semitones: [clampTo(pitchShift.parameters.semitones, semitones - 0.5), clampTo(pitchShift.parameters.semitones, semitones + 0.5)] },
  );
}
