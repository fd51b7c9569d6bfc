import type { Effect, ValuesOf } from './effect.ts';

/** Residual match filter on top of the equalizer: linear-phase FIR for mid and side (two-channel asset). */
export const matchFir = {
  name: 'match-fir',
  parameters: {
    irKey: { asset: 'ir' },
    /** 0: off; 1: the whole residual. The engine blends a centred impulse with the filter. */
    amount: { unit: 'fraction', min: 0, max: 1, default: 1, neutral: 0, scale: 'linear', step: 0.01 },
  },
} as const satisfies Effect;

export type MatchFirValues = ValuesOf<typeof matchFir>;

export const scaleMatchFir = (values: MatchFirValues, intensity: number): MatchFirValues => ({
  ...values,
  amount: values.amount * intensity,
});
