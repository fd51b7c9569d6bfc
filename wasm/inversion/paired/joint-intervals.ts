/** How well a joint fit knows its values: from the curvature of the distance at its minimum. */
import type { Interval } from '../../../shared/style.ts';
import type { JointFit } from './joint-fit.ts';
import { type Knob, type Stage, unitsOf } from './knobs.ts';
import { NINETY_PERCENT } from './modules.ts';

/**
 * Standard deviations in roots of (distance times inverse curvature). Spectral values are anything but independent and
 * what is left is the model's error, not noise, so that their number says nothing: the factor is the one with which the
 * truth lay in nine of ten intervals of twelve seeded chains of other makers (201 to 213 of `npm run bench -- identify`).
 */
const FACTOR = 0.5;

/**
 * How far another maker's knob stands from ours at the same sound: knees, detectors and attacks follow conventions, and
 * each takes part of what another calls threshold or ratio. Standard deviations over eleven compressors of six makers
 * (`npm run bench -- identify`): dB, and the slope 1 - 1 / ratio.
 */
const MAKERS: Partial<Record<string, number>> = { thresholdDb: 2, ratio: 0.09 };

const nameOf = (knob: Knob): string => knob.keys[0]!.split('.').at(-1)!;

/** 90 % intervals by stage and by the names that modules have for them. */
export function intervalsOf({ knobs, values, softness, after }: JointFit): Partial<Record<Stage, Record<string, Interval>>> {
  const all: Partial<Record<Stage, Record<string, Interval>>> = {};
  knobs.forEach((knob, i) => {
    const name = nameOf(knob);
    const deviation = Math.hypot(FACTOR * Math.sqrt(after * softness[i]!), knob.stage === 'dynamics' ? (MAKERS[name] ?? 0) : 0);
    const reach = NINETY_PERCENT * deviation;
    const [low, high] = [values[i]! - reach, values[i]! + reach].map((v) => unitsOf(knob, Math.min(knob.max, Math.max(knob.min, v)))) as [number, number];
    const sheet = (all[knob.stage] ??= {});
    for (const key of knob.keys) sheet[key] = [low, high];
  });
  return all;
}
