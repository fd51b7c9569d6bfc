/** Long rows of f32, four at a time: logarithms, distances, weighted products. Lengths are multiples of 4; sums are f64. */
import { log2OfFour } from './fast-math';

const LN_2: f32 = 0.69314718;

/** Natural logarithms of values, each raised to `floor` (positive) first. In place where `out` is `values`. */
export function rowsLogarithms(values: usize, floor: f32, out: usize, count: i32): void {
  const least = f32x4.splat(floor);
  const toNepers = f32x4.splat(LN_2);
  for (let at: usize = 0, end = <usize>count << 2; at < end; at += 16) {
    v128.store(out + at, f32x4.mul(log2OfFour(f32x4.max(v128.load(values + at), least)), toNepers));
  }
}

// @ts-ignore: decorator
@inline
function sumOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

// @ts-ignore: decorator
@inline
function added(sum: v128, values: v128): v128 {
  return f64x2.add(f64x2.add(sum, f64x2.promote_low_f32x4(values)), f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3)));
}

export function rowsSquaredDifference(a: usize, b: usize, count: i32): f64 {
  let sum = f64x2.splat(0);
  for (let at: usize = 0, end = <usize>count << 2; at < end; at += 16) {
    const d = f32x4.sub(v128.load(a + at), v128.load(b + at));
    sum = added(sum, f32x4.mul(d, d));
  }
  return sumOf(sum);
}

export function rowsAbsoluteDifference(a: usize, b: usize, count: i32): f64 {
  let sum = f64x2.splat(0);
  for (let at: usize = 0, end = <usize>count << 2; at < end; at += 16) sum = added(sum, f32x4.abs(f32x4.sub(v128.load(a + at), v128.load(b + at))));
  return sumOf(sum);
}

/**
 * Adds weight[k] a[k] b[k], summed over k, to the lower triangle of a matrix of f64 (`rows` by `rows`) for every two
 * of the rows a, b, which lie `stride` bytes apart.
 */
export function rowsGram(first: usize, rows: i32, stride: usize, weight: usize, work: usize, count: i32, matrix: usize): void {
  const end = <usize>count << 2;
  for (let i = 0; i < rows; i++) {
    const a = first + <usize>i * stride;
    for (let at: usize = 0; at < end; at += 16) v128.store(work + at, f32x4.mul(v128.load(a + at), v128.load(weight + at)));
    for (let j = 0; j <= i; j++) {
      const b = first + <usize>j * stride;
      let sum = f64x2.splat(0);
      for (let at: usize = 0; at < end; at += 16) sum = added(sum, f32x4.mul(v128.load(work + at), v128.load(b + at)));
      const to = matrix + ((<usize>i * <usize>rows + <usize>j) << 3);
      store<f64>(to, load<f64>(to) + sumOf(sum));
    }
  }
}
