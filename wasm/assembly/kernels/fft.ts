/**
 * Real FFT of a power of two, 32 to 131 072 points, f32, SIMD.
 *
 * A real transform of N points is a complex one of n = N / 2 (even samples real, odd imaginary) and a pass that
 * unpacks it. The complex one is Stockham's autosort form, radix 4, planar: no bit reversal, every access in runs.
 * Stage 1 runs across its points with a 4x4 transpose; the later ones run across independent columns with splat twiddles.
 * Source: Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, sections 1.7 and 2.4.
 *
 * Spectrum layout: re[0 .. n], then im[0 .. n], each row n + 4 floats long so that both start at multiples of 16 bytes.
 * Plan: i32 n, then (16-byte aligned) stage twiddles, unpacking twiddles, two work buffers of 2 n floats.
 */
import { reversed, stageEight, stageFour, stageFourUnpacked, stageTwo, unpackPair } from './fft-last-stages';
import { stageMany, stageOne } from './fft-stages';

const HEADER: usize = 16;

/**
 * Bytes by which the imaginary parts and the second buffer are moved out of step. Lines that lie a multiple of 4 096 bytes
 * apart fall into one set of a core's first cache, which holds eight or twelve: the four rows that a stage reads of
 * each part are such lines, and those of all parts together would throw each other out.
 */
const SKEW: usize = 1088;

/** Longer ones have too many rows in one set for a stage that reads eight of them: measured 0.8 times as fast at n = 8 192. */
const MOST_FOR_EIGHT: i32 = 2048;

/** Bytes from one part of a work buffer to the next. */
// @ts-ignore: decorator
@inline
function partBytes(n: i32): usize {
  return (<usize>n << 2) + SKEW;
}

// @ts-ignore: decorator
@inline
function rowBytes(n: i32): usize {
  return (<usize>n << 2) + 16;
}

/** Floats of stage twiddles: six per point of every radix-4 stage. */
function stageFloats(n: i32): i32 {
  let floats = 0;
  for (let length = n; length >= 4; length >>= 2) floats += 6 * (length >> 2);
  return (floats + 3) & ~3;
}

// @ts-ignore: decorator
@inline
function unpackStart(plan: usize, n: i32): usize {
  return plan + HEADER + (<usize>stageFloats(n) << 2);
}

// @ts-ignore: decorator
@inline
function workStart(plan: usize, n: i32): usize {
  return unpackStart(plan, n) + 2 * rowBytes(n);
}

export function fftBytes(size: i32): i32 {
  const n = size >> 1;
  return <i32>(workStart(0, n) + 4 * partBytes(n));
}

export function fftPrepare(plan: usize, size: i32): void {
  const n = size >> 1;
  store<i32>(plan, n);
  let at = plan + HEADER;
  let isFirst = true;
  for (let length = n; length >= 4; length >>= 2) {
    const quarter = length >> 2;
    for (let p = 0; p < quarter; p++) {
      for (let power = 1; power <= 3; power++) {
        const angle = (-2.0 * Math.PI * <f64>(power * p)) / <f64>length;
        // first stage: six planar rows, read four points at a time; later: six values per point
        const re = isFirst ? (power - 1) * 2 * quarter + p : p * 6 + (power - 1) * 2;
        const im = isFirst ? re + quarter : re + 1;
        store<f32>(at + (<usize>re << 2), <f32>Math.cos(angle));
        store<f32>(at + (<usize>im << 2), <f32>Math.sin(angle));
      }
    }
    at += <usize>(6 * quarter) << 2;
    isFirst = false;
  }
  const unpack = unpackStart(plan, n);
  for (let k = 0; k <= n; k++) {
    const angle = (-Math.PI * <f64>k) / <f64>n;
    store<f32>(unpack + (<usize>k << 2), <f32>Math.cos(angle));
    store<f32>(unpack + rowBytes(n) + (<usize>k << 2), <f32>Math.sin(angle));
  }
}

/** A last stage of four points, which a forward real transform fuses with its unpacking; others end in eight or two. */
// @ts-ignore: decorator
@inline
function endsInFour(n: i32): bool {
  return (ctz(n) & 1) == 0;
}

/**
 * Complex transform of n interleaved points. Answers the work buffer with the result: real parts, imaginary ones `partBytes`
 * on.
 * @param leavesFour where `endsInFour`: what the last stage would read is answered
 */
function complexTransform(plan: usize, n: i32, input: usize, leavesFour: bool): usize {
  const bytes = partBytes(n);
  let to = workStart(plan, n);
  let from = to + 2 * bytes;
  let twiddles = plan + HEADER;
  stageOne(twiddles, n, input, to, to + bytes);
  twiddles += (<usize>(6 * (n >> 2))) << 2;
  let columns = 4;
  let length = n >> 2;
  for (; length >= 4; length >>= 2) {
    if (length == 4 && leavesFour) return to;
    const other = from;
    from = to;
    to = other;
    if (length == 8 && n <= MOST_FOR_EIGHT) {
      stageEight(twiddles, n, from, from + bytes, to, to + bytes);
      return to;
    }
    if (length == 4) stageFour(n, from, from + bytes, to, to + bytes);
    else stageMany(twiddles, length, columns, from, from + bytes, to, to + bytes);
    twiddles += (<usize>(6 * (length >> 2))) << 2;
    columns <<= 2;
  }
  if (length == 1) return to;
  stageTwo(n, to, to + bytes, from, from + bytes);
  return from;
}

// @ts-ignore: decorator
@inline
function storeExchanged(to: usize, re: v128, im: v128): void {
  v128.store(to, v128.shuffle<f32>(im, re, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<f32>(im, re, 2, 6, 3, 7), 16);
}

/** @param input 2 n floats; @param output spectrum, 2 (n + 4) floats */
export function fftForwardReal(plan: usize, input: usize, output: usize): void {
  const n = load<i32>(plan);
  const bytes = <usize>n << 2;
  const row = rowBytes(n);
  const outI = output + row;
  const wr = unpackStart(plan, n);
  const wi = wr + row;
  const isFused = endsInFour(n) && n >= 32;
  const zr = complexTransform(plan, n, input, isFused);
  const zi = zr + partBytes(n);
  if (isFused) {
    stageFourUnpacked(n, zr, zi, wr, wi, output, outI);
    return;
  }
  for (let k = 1; k < n >> 1; k += 4) {
    const at = <usize>k << 2;
    const mirror = <usize>(n - k - 3) << 2;
    unpackPair(v128.load(zr + at), v128.load(zi + at), v128.load(zr + mirror), v128.load(zi + mirror), wr, wi, output, outI, at, mirror);
  }
  const dc = load<f32>(zr);
  const nyquist = load<f32>(zi);
  store<f32>(output, dc + nyquist);
  store<f32>(outI, 0);
  store<f32>(output + bytes, dc - nyquist);
  store<f32>(outI + bytes, 0);
}

/** @param input spectrum; @param output 2 n floats; scaled so that it undoes the forward transform */
export function fftInverseReal(plan: usize, input: usize, output: usize): void {
  const n = load<i32>(plan);
  const bytes = <usize>n << 2;
  // The second work buffer: stage one writes the first.
  const work = workStart(plan, n) + 2 * partBytes(n);
  const row = rowBytes(n);
  const inI = input + row;
  const wr = unpackStart(plan, n);
  const wi = wr + row;
  const scale = f32x4.splat(<f32>(0.5 / <f64>n));
  // E = (X[k] + X*[n-k]) / 2, P = j W*^k (X[k] - X*[n-k]) / 2; Z[k] = E + P and Z[n-k] = (E - P)*. Kept as (imaginary,
  // real): a forward transform of exchanged parts is an inverse one.
  for (let k = 1; k < n >> 1; k += 4) {
    const at = <usize>k << 2;
    const mirror = <usize>(n - k - 3) << 2;
    const ar = v128.load(input + at);
    const ai = v128.load(inI + at);
    const br = reversed(v128.load(input + mirror));
    const bi = reversed(v128.load(inI + mirror));
    const er = f32x4.mul(scale, f32x4.add(ar, br));
    const ei = f32x4.mul(scale, f32x4.sub(ai, bi));
    const dr = f32x4.mul(scale, f32x4.sub(ar, br));
    const di = f32x4.mul(scale, f32x4.add(ai, bi));
    const cr = v128.load(wr + at);
    const ci = v128.load(wi + at);
    const pr = f32x4.sub(f32x4.mul(dr, ci), f32x4.mul(di, cr));
    const pi = f32x4.add(f32x4.mul(dr, cr), f32x4.mul(di, ci));
    storeExchanged(work + (at << 1), f32x4.add(er, pr), f32x4.add(ei, pi));
    storeExchanged(work + (mirror << 1), reversed(f32x4.sub(er, pr)), reversed(f32x4.sub(pi, ei)));
  }
  const first = f32x4.extract_lane(scale, 0);
  store<f32>(work, first * (load<f32>(input) - load<f32>(input + bytes)));
  store<f32>(work, first * (load<f32>(input) + load<f32>(input + bytes)), 4);
  const zi = complexTransform(plan, n, work, false);
  const zr = zi + partBytes(n);
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(zr + at);
    const y = v128.load(zi + at);
    v128.store(output + (at << 1), v128.shuffle<f32>(x, y, 0, 4, 1, 5));
    v128.store(output + (at << 1), v128.shuffle<f32>(x, y, 2, 6, 3, 7), 16);
  }
}
