import type { Effect, ValuesOf } from './effect.ts';

/** Convolution reverb: dry + mix x (pre-delay, impulse response). Mono, stereo or true-stereo IR. */
export const reverb = {
  name: 'reverb',
  parameters: {
    irKey: { asset: 'ir' },
    /** Gain of the wet path; the dry path stays at 1. */
    mix: { unit: 'fraction', min: 0, max: 2, default: 0.2, neutral: 0, scale: 'linear', step: 0.005 },
    preDelayMs: { unit: 'ms', min: 0, max: 250, default: 10, scale: 'linear', step: 0.1 },
    /** How long the tail is kept after the end of the recording; it ends sooner where the response does. The whole tail at most. */
    ringOutSeconds: { unit: 's', min: 0, max: 30, default: 30, scale: 'linear', step: 0.01 },
  },
} as const satisfies Effect;

export type ReverbValues = ValuesOf<typeof reverb>;

export const scaleReverb = (values: ReverbValues, intensity: number): ReverbValues => ({
  ...values,
  mix: values.mix * intensity,
});
