/** Comparing audio: never ask the test runner to print two long arrays. */

export interface Difference {
  readonly lengths: readonly [number, number];
  /** First index at which the samples differ; -1 where none does. */
  readonly first: number;
  readonly largest: number;
}

export function difference(a: ArrayLike<number>, b: ArrayLike<number>): Difference {
  let first = -1;
  let largest = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const error = Math.abs(a[i]! - b[i]!);
    if (error === 0 || (Number.isNaN(a[i]!) && Number.isNaN(b[i]!))) continue;
    if (first < 0) first = i;
    largest = Math.max(largest, Number.isNaN(error) ? Infinity : error);
  }
  return { lengths: [a.length, b.length], first, largest };
}

/** Level of the difference in dB re full scale; -Infinity where the arrays are equal. */
export const nullDb = (a: ArrayLike<number>, b: ArrayLike<number>): number => 20 * Math.log10(difference(a, b).largest);

export function rmsDb(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += samples[i]! ** 2;
  return 10 * Math.log10(sum / Math.max(1, samples.length));
}
