import type { Peaks } from './contract.ts';

/** Fewer columns of the same duration each; asking for more than there are answers what there is, repeated. */
export function foldPeaks({ min, max }: Peaks, columns: number): Peaks {
  const wanted = Math.max(1, Math.floor(columns));
  const folded = { min: new Float32Array(wanted), max: new Float32Array(wanted) };
  for (let column = 0; column < wanted; column += 1) {
    const from = Math.min(min.length - 1, Math.floor((column * min.length) / wanted));
    const to = Math.max(from + 1, Math.ceil(((column + 1) * min.length) / wanted));
    let [low, high] = [Infinity, -Infinity];
    for (let i = from; i < Math.min(to, min.length); i += 1) {
      low = Math.min(low, min[i]!);
      high = Math.max(high, max[i]!);
    }
    folded.min[column] = low;
    folded.max[column] = high;
  }
  return folded;
}
