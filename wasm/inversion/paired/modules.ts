/** The ways a module of a style comes out of an inverter. */
import type { Reason } from '../../../shared/reasons.ts';
import type { Interval, Module } from '../../../shared/style.ts';

/** Two-sided 90 % of a normal distribution, in standard deviations. */
export const NINETY_PERCENT = 1.645;

export const estimated = <V>(values: V, confidence: number, reason: Reason, intervals: Record<string, Interval> = {}): Module<V> => ({
  enabled: true,
  intensity: 1,
  values,
  intervals,
  status: 'estimated',
  confidence: Math.min(1, Math.max(0, confidence)),
  reason,
});

/** Measured, and there is nothing to change. */
export const unchanged = <V>(values: V, confidence: number): Module<V> => ({
  enabled: false,
  intensity: 1,
  values,
  intervals: {},
  status: 'neutral',
  confidence: Math.min(1, Math.max(0, confidence)),
  reason: { code: 'module/neutral', args: {} },
});

export const notIdentifiable = <V>(values: V): Module<V> => ({
  enabled: false,
  intensity: 1,
  values,
  intervals: {},
  status: 'not-identifiable',
  confidence: 0,
  reason: { code: 'module/not-identifiable', args: {} },
});

export const rounded = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;
