import type { Effect, ValuesOf } from './effect.ts';

/** Pitch shift with formants kept. */
export const pitchShift = {
  name: 'pitch-shift',
  parameters: {
    semitones: { unit: 'semitones', min: -3, max: 3, default: 0, neutral: 0, scale: 'linear', step: 0.01 },
  },
} as const satisfies Effect;

export type PitchShiftValues = ValuesOf<typeof pitchShift>;

export const scalePitchShift = (values: PitchShiftValues, intensity: number): PitchShiftValues => ({
  semitones: values.semitones * intensity,
});
