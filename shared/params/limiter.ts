import type { Effect, ValuesOf } from './effect.ts';
import { towards } from './effect.ts';

/** True-peak look-ahead limiter: never over its ceiling when measured with 4x oversampling. */
export const limiter = {
  name: 'limiter',
  parameters: {
    tpDb: { unit: 'dBTP', min: -24, max: 0, default: -1, scale: 'linear', step: 0.1 },
    lookaheadMs: { unit: 'ms', min: 0.5, max: 10, default: 3, scale: 'log', step: 0.1 },
    releaseMs: { unit: 'ms', min: 1, max: 2000, default: 120, scale: 'log', step: 1 },
  },
} as const satisfies Effect;

export type LimiterValues = ValuesOf<typeof limiter>;

/** The ceiling is a promise and holds at every intensity; only the timing moves towards the default. */
export const scaleLimiter = (values: LimiterValues, intensity: number): LimiterValues => ({
  tpDb: values.tpDb,
  lookaheadMs: towards(limiter.parameters.lookaheadMs.default, values.lookaheadMs, intensity),
  releaseMs: towards(limiter.parameters.releaseMs.default, values.releaseMs, intensity),
});
