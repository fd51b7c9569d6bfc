import type { Effect, ValuesOf } from './effect.ts';

/** Harmonic exciter: the band above `fHz` through a saturator, harmonics added back; oversampled. */
export const exciter = {
  name: 'exciter',
  parameters: {
    fHz: { unit: 'Hz', min: 20, max: 12000, default: 4000, scale: 'log', step: 1 },
    /** Gain into the saturator. */
    driveDb: { unit: 'dB', min: 0, max: 36, default: 12, scale: 'linear', step: 0.1 },
    /** 0: odd harmonics only (symmetric); 1: strongly even (asymmetric). */
    even: { unit: 'fraction', min: 0, max: 1, default: 0.3, scale: 'linear', step: 0.01 },
    /** Amplitude of the added harmonics against the band itself. */
    amount: { unit: 'fraction', min: 0, max: 2, default: 0.25, neutral: 0, scale: 'linear', step: 0.01 },
  },
} as const satisfies Effect;

export type ExciterValues = ValuesOf<typeof exciter>;

export const scaleExciter = (values: ExciterValues, intensity: number): ExciterValues => ({
  ...values,
  amount: values.amount * intensity,
});
