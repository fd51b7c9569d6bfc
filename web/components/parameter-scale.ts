/** How a slider's travel and a number field show a parameter; every range comes from its schema. */
import { clampTo } from '../../shared/params/effect.ts';
import type { NumberParameter } from '../../shared/params/effect.ts';

/** Steps of a logarithmic slider's travel. */
export const TRAVEL = 1000;

/** Fractions are shown as percent. */
const factorOf = (parameter: NumberParameter): number => (parameter.unit === 'fraction' ? 100 : 1);

const decimalsOf = (step: number): number => (step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step) - 1e-9)));

/** Decimals a value is shown with: those of its step. */
export const shownDecimals = (parameter: NumberParameter): number => decimalsOf(parameter.step * factorOf(parameter));

export const toShown = (parameter: NumberParameter, value: number): number => Number((value * factorOf(parameter)).toFixed(shownDecimals(parameter)));

/** From what was typed; within the range, on the step. */
export const fromShown = (parameter: NumberParameter, shown: number): number => toStep(parameter, shown / factorOf(parameter));

export const shownRange = (parameter: NumberParameter): { readonly min: number; readonly max: number; readonly step: number } => ({
  min: toShown(parameter, parameter.min),
  max: toShown(parameter, parameter.max),
  step: Number((parameter.step * factorOf(parameter)).toFixed(4)),
});

/** The nearest allowed value. */
export function toStep(parameter: NumberParameter, value: number): number {
  const stepped = Math.round(value / parameter.step) * parameter.step;
  return clampTo(parameter, Number(stepped.toFixed(decimalsOf(parameter.step))));
}

/** Place on the slider, 0 to TRAVEL. */
export function toTravel(parameter: NumberParameter, value: number): number {
  const share =
    parameter.scale === 'log'
      ? Math.log(clampTo(parameter, value) / parameter.min) / Math.log(parameter.max / parameter.min)
      : (value - parameter.min) / (parameter.max - parameter.min);
  return Math.round(share * TRAVEL);
}

export function fromTravel(parameter: NumberParameter, travel: number): number {
  const share = travel / TRAVEL;
  const value = parameter.scale === 'log' ? parameter.min * (parameter.max / parameter.min) ** share : parameter.min + share * (parameter.max - parameter.min);
  return toStep(parameter, value);
}
