import { describe, expect, test } from 'vitest';
import { fitLeastSquares } from '../../../wasm/inversion/least-squares.ts';
import { randomNumbers } from '../../support/signals.ts';

const decay = (a: number, b: number) => Float64Array.from({ length: 60 }, (_, i) => a * Math.exp(-b * i));

describe('least squares', () => {
  test('amplitude and decay of an exponential are found, and their deviations cover the error', () => {
    const random = randomNumbers(1);
    const data = decay(3, 0.1).map((x) => x + 0.02 * (random() - 0.5));
    const fit = fitLeastSquares(
      [
        { start: 1, min: 0, max: 10, step: 1e-4 },
        { start: 0.5, min: 0, max: 1, step: 1e-5 },
      ],
      ([a, b]) => decay(a!, b!).map((x, i) => x - data[i]!),
    );
    expect(Math.abs(fit.values[0]! - 3)).toBeLessThan(4 * fit.deviations[0]!);
    expect(Math.abs(fit.values[1]! - 0.1)).toBeLessThan(4 * fit.deviations[1]!);
    expect(fit.deviations[0]!).toBeLessThan(0.02);
  });

  test('values stay in their bounds, and the others still reach their best', () => {
    const fit = fitLeastSquares(
      [
        { start: 1, min: 0, max: 2, step: 1e-4 },
        { start: 0, min: -5, max: 5, step: 1e-4 },
      ],
      ([x, y]) => Float64Array.of(x! - 3, y! - 1),
    );
    expect(fit.values[0]).toBe(2);
    expect(fit.values[1]).toBeCloseTo(1, 4);
  });

  test('a value that nothing depends on has no finite deviation', () => {
    const fit = fitLeastSquares(
      [
        { start: 1, min: -5, max: 5, step: 1e-3 },
        { start: 1, min: -5, max: 5, step: 1e-3 },
      ],
      ([x]) => Float64Array.of(x! - 2, x! - 2.01),
    );
    expect(fit.deviations[1]! > 1e3).toBe(true);
  });
});
