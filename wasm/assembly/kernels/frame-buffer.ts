/**
 * Cuts a stream into overlapping frames of mid and side, windows them (Hann) and transforms them.
 *
 * Block: i32 size, hop, filled, frames done; FFT plan; window; mid line, side line; windowed input; two spectra.
 * A frame is ready when `frameFill` answers true; then `frameTransform`, the spectra, and `frameAdvance`.
 */
import { fftBytes, fftForwardReal, fftPrepare } from './fft';

const HEADER: usize = 16;

// @ts-ignore: decorator
@inline
function windowStart(block: usize, size: i32): usize {
  return block + HEADER + ((<usize>fftBytes(size) + 15) & ~15);
}

// @ts-ignore: decorator
@inline
function lineStart(block: usize, size: i32): usize {
  return windowStart(block, size) + (<usize>size << 2);
}

/** Bytes of one spectrum: two rows of size / 2 + 4 floats. */
// @ts-ignore: decorator
@inline
function spectrumBytes(size: i32): usize {
  return <usize>(size + 8) << 2;
}

export function frameBufferBytes(size: i32): i32 {
  return <i32>(lineStart(0, size) + 3 * (<usize>size << 2) + 2 * spectrumBytes(size) + 16) & ~15;
}

export function frameBufferReset(block: usize, size: i32, hop: i32): void {
  store<i32>(block, size);
  store<i32>(block, hop, 4);
  store<i32>(block, 0, 8);
  store<i32>(block, 0, 12);
  fftPrepare(block + HEADER, size);
  const window = windowStart(block, size);
  for (let i = 0; i < size; i++) {
    // periodic Hann
    store<f32>(window + (<usize>i << 2), <f32>(0.5 - 0.5 * Math.cos((2.0 * Math.PI * <f64>i) / <f64>size)));
  }
  memory.fill(lineStart(block, size), 0, 2 * (<usize>size << 2));
}

/** Takes frames until one is whole; answers how many were taken. Broken samples count as silence. */
export function frameFill(block: usize, left: usize, right: usize, frames: i32): i32 {
  const size = load<i32>(block);
  const filled = load<i32>(block, 8);
  const run = min(frames, size - filled);
  const mid = lineStart(block, size) + (<usize>filled << 2);
  const side = mid + (<usize>size << 2);
  const half = f32x4.splat(0.5);
  let at: usize = 0;
  for (const end = (<usize>run & ~3) << 2; at < end; at += 16) {
    const l = v128.load(left + at);
    const r = v128.load(right + at);
    v128.store(mid + at, f32x4.mul(half, f32x4.add(l, r)));
    v128.store(side + at, f32x4.mul(half, f32x4.sub(l, r)));
  }
  for (const end = <usize>run << 2; at < end; at += 4) {
    const l = load<f32>(left + at);
    const r = load<f32>(right + at);
    store<f32>(mid + at, 0.5 * (l + r));
    store<f32>(side + at, 0.5 * (l - r));
  }
  store<i32>(block, filled + run, 8);
  return run;
}

// @ts-ignore: decorator
@inline
export function frameIsWhole(block: usize): bool {
  return load<i32>(block, 8) == load<i32>(block);
}

/** Address of the spectrum of the mid (re row, then im row); the side's follows when `withSide`. */
export function frameTransform(block: usize, withSide: bool): usize {
  const size = load<i32>(block);
  const line = lineStart(block, size);
  const window = windowStart(block, size);
  const bytes = <usize>size << 2;
  const windowed = line + 2 * bytes;
  const spectra = windowed + bytes;
  const channels: usize = withSide ? 2 : 1;
  for (let channel: usize = 0; channel < channels; channel++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(windowed + at, f32x4.mul(v128.load(window + at), v128.load(line + channel * bytes + at)));
    }
    fftForwardReal(block + HEADER, windowed, spectra + channel * spectrumBytes(size));
  }
  return spectra;
}

/** Address of the side's spectrum, given the mid's. */
// @ts-ignore: decorator
@inline
export function sideSpectrum(block: usize, mid: usize): usize {
  return mid + spectrumBytes(load<i32>(block));
}

/** Bytes from the re row to the im row. */
// @ts-ignore: decorator
@inline
export function imaginaryOffset(block: usize): usize {
  return <usize>((load<i32>(block) >> 1) + 4) << 2;
}

export function frameAdvance(block: usize): void {
  const size = load<i32>(block);
  const hop = load<i32>(block, 4);
  const keep = <usize>(size - hop) << 2;
  const mid = lineStart(block, size);
  const side = mid + (<usize>size << 2);
  memory.copy(mid, mid + (<usize>hop << 2), keep);
  memory.copy(side, side + (<usize>hop << 2), keep);
  store<i32>(block, size - hop, 8);
  store<i32>(block, load<i32>(block, 12) + 1, 12);
}

// @ts-ignore: decorator
@inline
export function framesDone(block: usize): i32 {
  return load<i32>(block, 12);
}

/** Fills the rest of the last frame with silence; answers whether anything waited in it. */
export function framePad(block: usize): bool {
  const size = load<i32>(block);
  const filled = load<i32>(block, 8);
  const fresh = framesDone(block) == 0 ? filled : filled - (size - load<i32>(block, 4));
  if (fresh <= 0) return false;
  const mid = lineStart(block, size);
  const rest = <usize>(size - filled) << 2;
  memory.fill(mid + (<usize>filled << 2), 0, rest);
  memory.fill(mid + (<usize>(size + filled) << 2), 0, rest);
  store<i32>(block, size, 8);
  return true;
}
