import { expect, test } from 'vitest';
import { freshEngine } from '../../support/engine.ts';

test('peak, clipped frames, offset and broken frames are counted', async () => {
  const meter = (await freshEngine()).createMeter('peak', 48_000);
  const left = Float32Array.of(0.5, 1, -1, Number.NaN, 0.25, -0.75);
  const right = Float32Array.of(0.5, 0, 0, 0.5, Number.POSITIVE_INFINITY, 0.25);
  const broken: number[] = [];
  meter.process(left, right, (values) => broken.push(...values));
  meter.process(left.subarray(0, 2), right.subarray(0, 2), (values) => broken.push(...values));
  const [peak, squares, sumLeft, sumRight, frames, clipped, notFinite, squaresLeft, products] = meter.finish();
  expect([peak, frames, clipped, notFinite]).toEqual([1, 8, 3, 2]);
  expect(broken).toEqual([2]);
  expect([sumLeft, sumRight]).toEqual([0.5 + 1 - 1 - 0.75 + 1.5, 0.5 + 0.25 + 0.5]);
  expect(squaresLeft).toBeCloseTo(0.25 + 1 + 1 + 0.5625 + 1.25, 12);
  expect(squares).toBeCloseTo(4.0625 + 0.25 + 0.0625 + 0.25, 12);
  expect(products).toBeCloseTo(0.25 - 0.1875 + 0.25, 12);
});
