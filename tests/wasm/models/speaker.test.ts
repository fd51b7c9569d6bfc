import { expect, test } from 'vitest';
import { STATISTICS_COUNT } from '../../../wasm/analysis/voice-statistics.ts';
import { SPEAKERS } from '../../../wasm/models/speaker/corpus.ts';
import { cholesky, generalisedEigen } from '../../../wasm/models/speaker/linear-algebra.ts';
import { makeProjection } from '../../../wasm/models/speaker/train.ts';
import { equalErrorRate } from '../../bench/speakers/equal-error-rate.ts';
import { randomNumbers } from '../../support/signals.ts';

test('12 speakers are held out, and none of them is trained on', () => {
  const named = (half: string) => SPEAKERS.filter((speaker) => speaker.half === half);
  expect(named('held-out')).toHaveLength(12);
  const sources = (half: string) => named(half).flatMap(({ sources: list }) => list.map(({ debianPackage, files }) => `${debianPackage} ${files.source}`));
  expect(sources('held-out').filter((source) => sources('train').includes(source))).toEqual([]);
});

test('generalised directions solve b w = λ a w, with w a w = 1 and the largest first', () => {
  const n = 6;
  const random = randomNumbers(3);
  const positive = (): Float64Array => {
    const m = Float64Array.from({ length: n * n }, () => random() - 0.5);
    return Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = i === j ? 0.1 : 0;
      for (let k = 0; k < n; k += 1) sum += m[i * n + k]! * m[j * n + k]!;
      return sum;
    });
  };
  const [a, b] = [positive(), positive()];
  const times = (m: Float64Array, w: Float64Array) => w.map((_, i) => w.reduce((sum, value, j) => sum + m[i * n + j]! * value, 0));
  const { values, rows } = generalisedEigen(b, a, n);
  rows.forEach((w, k) => {
    const [bw, aw] = [times(b, w), times(a, w)];
    bw.forEach((value, i) => expect(value).toBeCloseTo(values[k]! * aw[i]!, 9));
    expect(w.reduce((sum, value, i) => sum + value * aw[i]!, 0)).toBeCloseTo(1, 9);
  });
  expect(values).toEqual(values.toSorted((x, y) => y - x));
  expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow('not positive');
});

test('a projection puts the statistic in which speakers differ before one in which they do not', () => {
  const random = randomNumbers(5);
  const row = (speaker: number) => Float64Array.from({ length: STATISTICS_COUNT }, (_, k) => random() + (k === 7 ? 3 * speaker : 0));
  const { rows, scale } = makeProjection([0, 1, 2, 3].map((speaker) => Array.from({ length: 8 }, () => row(speaker))));
  const first = rows[0]!.map(Math.abs);
  expect(first.indexOf(Math.max(...first))).toBe(7);
  expect(rows).toHaveLength(256);
  expect(scale.every((value) => value > 0)).toBe(true);
}, 120_000);

test('the equal-error rate is 0 where pairs lie apart, 50 where they are alike, and counts both errors between', () => {
  expect(equalErrorRate([3, 4], [1, 2])).toBe(0);
  expect(equalErrorRate([1, 3, 5, 7], [2, 4, 6, 0])).toBeCloseTo(50, 9);
  expect(equalErrorRate([4, 5, 6, 1], [0, 1.5, 2, 3])).toBeCloseTo(25, 9);
});
