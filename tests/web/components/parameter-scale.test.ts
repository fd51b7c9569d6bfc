import { expect, test } from 'vitest';
import { EFFECTS } from '../../../shared/params/catalogue.ts';
import { isNumber } from '../../../shared/params/effect.ts';
import type { Effect, NumberParameter } from '../../../shared/params/effect.ts';
import { fromShown, fromTravel, shownRange, toShown, toStep, toTravel, TRAVEL } from '../../../web/components/parameter-scale.ts';

const parameters = EFFECTS.flatMap((effect: Effect) =>
  Object.entries({ ...effect.parameters, ...effect.bands?.parameters }).flatMap(([name, parameter]) => (isNumber(parameter) ? [{ name: `${effect.name} ${name}`, parameter }] : [])),
);

test.each(parameters)('$name: both ends of the slider are the ends of the range', ({ parameter }) => {
  expect(fromTravel(parameter, 0)).toBeCloseTo(parameter.min, 9);
  expect(fromTravel(parameter, TRAVEL)).toBeCloseTo(parameter.max, 9);
});

test.each(parameters)('$name: what the field shows is what it gives back', ({ parameter }) => {
  for (const share of [0, 0.13, 0.5, 0.77, 1]) {
    const value = toStep(parameter, parameter.min + share * (parameter.max - parameter.min));
    expect(fromShown(parameter, toShown(parameter, value))).toBeCloseTo(value, 9);
  }
});

test.each(parameters)('$name: the slider never leaves the range and stands still on its own value', ({ parameter }) => {
  for (let travel = 0; travel <= TRAVEL; travel += 37) {
    const value = fromTravel(parameter, travel);
    expect(value >= parameter.min && value <= parameter.max).toBe(true);
    expect(Math.abs(toTravel(parameter, value) - travel)).toBeLessThanOrEqual(Math.max(1, travelOfStep(parameter, value)));
  }
});

/** How far the slider moves in one step of the value. */
const travelOfStep = (parameter: NumberParameter, value: number) => Math.abs(toTravel(parameter, Math.min(parameter.max, value + parameter.step)) - toTravel(parameter, Math.max(parameter.min, value - parameter.step)));

test('what is typed beyond the range is brought back to it', () => {
  const parameter: NumberParameter = { unit: 'fraction', min: 0, max: 2, default: 1, scale: 'linear', step: 0.01 };
  expect(fromShown(parameter, 900)).toBe(2);
  expect(fromShown(parameter, -4)).toBe(0);
  expect(shownRange(parameter)).toEqual({ min: 0, max: 200, step: 1 });
});
