import type { Effect, ValuesOf } from './effect.ts';

/** Integrated loudness the result is brought to (ITU-R BS.1770). The renderer turns it into a gain. */
export const loudness = {
  name: 'loudness',
  parameters: {
    targetDb: { unit: 'LUFS', min: -60, max: 0, default: -16, scale: 'linear', step: 0.1 },
  },
} as const satisfies Effect;

export type LoudnessValues = ValuesOf<typeof loudness>;

/** Towards the loudness the recording has without the module. */
export const scaleLoudness = (values: LoudnessValues, intensity: number, untouchedLufs: number): LoudnessValues => ({
  targetDb: untouchedLufs + (values.targetDb - untouchedLufs) * intensity,
});
