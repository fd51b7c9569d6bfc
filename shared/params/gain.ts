import type { Effect, ValuesOf } from './effect.ts';

/** Plain gain; the renderer sets it so that the result reaches the style's loudness target. */
export const gain = {
  name: 'gain',
  parameters: {
    gainDb: { unit: 'dB', min: -72, max: 72, default: 0, neutral: 0, scale: 'linear', step: 0.1 },
  },
} as const satisfies Effect;

export type GainValues = ValuesOf<typeof gain>;
