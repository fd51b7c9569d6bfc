/**
 * Splits a stream into five bands (< 120, 120-500, 500-2k, 2k-6k, > 6k Hz) without shifting phases, by overlap-save.
 *
 * Each band has the magnitude of a Butterworth filter run forwards and backwards: fourth order for the outer bands,
 * second order per edge for the others, bilinear. Their responses have died away by 100 dB an eighth of a block from the middle,
 * which is what each end of a block throws away. Low bands come out decimated, with a rate of at least twelve times
 * their upper edge (less where the recording itself has less).
 * Source: Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd ed., sections 7.3 and 8.7.
 *
 * Block: i32 size, filled; five decimation shifts (i32); one FFT plan per shift 0 to 4; five rows of gains; left line,
 * right line; spectrum, product, output.
 */
import { fftBytes, fftForwardReal, fftInverseReal, fftPrepare } from './fft';

export const SPLIT_BANDS: i32 = 5;
const SHIFTS: i32 = 5;
const PLANS: usize = 32;

// @ts-ignore: decorator
@inline
function sizeFor(sampleRate: f64): i32 {
  return 1 << <i32>Math.round(Math.log2(sampleRate / 3));
}

function planStart(block: usize, size: i32, shift: i32): usize {
  let at = block + PLANS;
  for (let k = 0; k < shift; k++) at += (<usize>fftBytes(size >> k) + 15) & ~15;
  return at;
}

/** Bytes of one row over the bins; a spectrum has two. */
// @ts-ignore: decorator
@inline
function rowBytes(size: i32): usize {
  return <usize>((size >> 1) + 4) << 2;
}

function gainStart(block: usize, size: i32, band: i32): usize {
  return planStart(block, size, SHIFTS) + <usize>band * rowBytes(size);
}

function lineStart(block: usize, size: i32): usize {
  return gainStart(block, size, SPLIT_BANDS);
}

function spectrumStart(block: usize, size: i32): usize {
  return lineStart(block, size) + 2 * (<usize>size << 2);
}

export function bandSplitBytes(sampleRate: f64): i32 {
  const size = sizeFor(sampleRate);
  return <i32>(spectrumStart(0, size) + 4 * rowBytes(size) + (<usize>size << 2));
}

export function bandEdgeHz(edge: i32): f64 {
  return edge == 0 ? 120 : edge == 1 ? 500 : edge == 2 ? 2000 : 6000;
}

/** The band's gain at a bin: the squared magnitude, because the filter runs both ways. */
function gainAt(band: i32, warped: f64, sampleRate: f64): f64 {
  if (band == 0 || band == 4) {
    const edge = Math.tan((Math.PI * Math.min(bandEdgeHz(band == 0 ? 0 : 3), 0.49 * sampleRate)) / sampleRate);
    if (band == 4 && warped <= 0) return 0;
    return 1 / (1 + Math.pow(band == 0 ? warped / edge : edge / warped, 8));
  }
  if (warped <= 0) return 0;
  const low = Math.tan((Math.PI * Math.min(bandEdgeHz(band - 1), 0.45 * sampleRate)) / sampleRate);
  const high = Math.tan((Math.PI * Math.min(bandEdgeHz(band), 0.49 * sampleRate)) / sampleRate);
  const x = (warped * warped - low * high) / (warped * (high - low));
  return 1 / (1 + x * x * x * x);
}

/** Largest shift that leaves a rate of twelve times (of the upper midrange: eleven times) the band's upper edge. */
function shiftFor(band: i32, sampleRate: f64): i32 {
  if (band == 4) return 0;
  const least = (band == 2 ? 11.0 : 12.0) * bandEdgeHz(band);
  let shift = 0;
  while (shift < SHIFTS - 1 && sampleRate / <f64>(1 << (shift + 1)) >= least) shift++;
  return shift;
}

export function bandSplitReset(block: usize, sampleRate: f64): void {
  const size = sizeFor(sampleRate);
  store<i32>(block, size);
  // The first block's discarded start is silence.
  store<i32>(block, size >> 3, 4);
  memory.fill(lineStart(block, size), 0, 2 * (<usize>size << 2));
  for (let shift = 0; shift < SHIFTS; shift++) fftPrepare(planStart(block, size, shift), size >> shift);
  for (let band = 0; band < SPLIT_BANDS; band++) {
    const shift = shiftFor(band, sampleRate);
    store<i32>(block + (<usize>band << 2), shift, 8);
    const last = size >> (shift + 1);
    const gains = gainStart(block, size, band);
    memory.fill(gains, 0, rowBytes(size));
    for (let bin = 0; bin <= last; bin++) {
      if (shift > 0 && bin == last) break;
      const gain = gainAt(band, Math.tan((Math.PI * <f64>bin) / <f64>size), sampleRate) / <f64>(1 << shift);
      store<f32>(gains + (<usize>bin << 2), <f32>gain);
    }
  }
}

/** Takes frames until a block is whole; answers how many were taken. */
export function bandSplitFill(block: usize, left: usize, right: usize, frames: i32): i32 {
  const size = load<i32>(block);
  const filled = load<i32>(block, 4);
  const run = min(frames, size - filled);
  const line = lineStart(block, size) + (<usize>filled << 2);
  memory.copy(line, left, <usize>run << 2);
  memory.copy(line + (<usize>size << 2), right, <usize>run << 2);
  store<i32>(block, filled + run, 4);
  return run;
}

/** Fills the block up with silence. */
export function bandSplitPad(block: usize): void {
  const size = load<i32>(block);
  const filled = load<i32>(block, 4);
  const line = lineStart(block, size) + (<usize>filled << 2);
  memory.fill(line, 0, <usize>(size - filled) << 2);
  memory.fill(line + (<usize>size << 2), 0, <usize>(size - filled) << 2);
  store<i32>(block, size, 4);
}

// @ts-ignore: decorator
@inline
export function bandSplitIsWhole(block: usize): bool {
  return load<i32>(block, 4) == load<i32>(block);
}

/** Frames that a whole block adds to what is known. */
// @ts-ignore: decorator
@inline
export function bandSplitHop(block: usize): i32 {
  return (load<i32>(block) >> 2) * 3;
}

/** One value of the band stands for 2^shift frames. */
// @ts-ignore: decorator
@inline
export function bandSplitShift(block: usize, band: i32): i32 {
  return load<i32>(block + (<usize>band << 2), 8);
}

/** Address of the block's frames as they came, one channel. */
export function bandSplitInput(block: usize, channel: i32): usize {
  const size = load<i32>(block);
  return lineStart(block, size) + <usize>channel * (<usize>size << 2) + (<usize>(size >> 3) << 2);
}

/** Transforms one channel of a whole block; `bandSplitOutput` follows. */
export function bandSplitTransform(block: usize, channel: i32): void {
  const size = load<i32>(block);
  const line = lineStart(block, size) + <usize>channel * (<usize>size << 2);
  fftForwardReal(block + PLANS, line, spectrumStart(block, size));
}

/** Address of one band of the channel transformed last. */
export function bandSplitOutput(block: usize, band: i32): usize {
  const size = load<i32>(block);
  const shift = bandSplitShift(block, band);
  const spectrum = spectrumStart(block, size);
  const imaginary = spectrum + rowBytes(size);
  const gains = gainStart(block, size, band);
  const product = spectrum + 2 * rowBytes(size);
  const productIm = product + rowBytes(size >> shift);
  const output = spectrum + 4 * rowBytes(size);
  for (let at: usize = 0, end = rowBytes(size >> shift); at < end; at += 16) {
    const gain = v128.load(gains + at);
    v128.store(product + at, f32x4.mul(gain, v128.load(spectrum + at)));
    v128.store(productIm + at, f32x4.mul(gain, v128.load(imaginary + at)));
  }
  fftInverseReal(planStart(block, size, shift), product, output);
  return output + (<usize>(size >> (3 + shift)) << 2);
}

export function bandSplitAdvance(block: usize): void {
  const size = load<i32>(block);
  const hop = <usize>bandSplitHop(block) << 2;
  const line = lineStart(block, size);
  const bytes = <usize>size << 2;
  memory.copy(line, line + hop, bytes - hop);
  memory.copy(line + bytes, line + bytes + hop, bytes - hop);
  store<i32>(block, size >> 2, 4);
}
