import type { Effect, ValuesOf } from './effect.ts';

/** Side gain in three bands; 1 leaves the width alone, 0 is mono. */
export const stereoWidth = {
  name: 'stereo-width',
  parameters: {
    crossover1Hz: { unit: 'Hz', min: 60, max: 1000, default: 250, scale: 'log', step: 1 },
    crossover2Hz: { unit: 'Hz', min: 1000, max: 12000, default: 4000, scale: 'log', step: 1 },
    widthLow: { unit: 'ratio', min: 0, max: 4, default: 1, neutral: 1, scale: 'linear', step: 0.01 },
    widthMid: { unit: 'ratio', min: 0, max: 4, default: 1, neutral: 1, scale: 'linear', step: 0.01 },
    widthHigh: { unit: 'ratio', min: 0, max: 4, default: 1, neutral: 1, scale: 'linear', step: 0.01 },
  },
} as const satisfies Effect;

export type StereoWidthValues = ValuesOf<typeof stereoWidth>;

/** Width moves in dB towards 1; a width of 0 moves linearly. */
export function scaleStereoWidth(values: StereoWidthValues, intensity: number): StereoWidthValues {
  const scale = (width: number) => (width > 0.05 ? width ** intensity : 1 + (width - 1) * intensity);
  return {
    ...values,
    widthLow: scale(values.widthLow),
    widthMid: scale(values.widthMid),
    widthHigh: scale(values.widthHigh),
  };
}
