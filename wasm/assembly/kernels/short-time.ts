/**
 * Short-time spectra of many frames in one call: what analysis and inversion do most. `frames` frames, `hop` apart,
 * each multiplied by a window and transformed. Rows of size / 2 + 1 values lie close together.
 *
 * Work: one frame of `size` floats, then two spectra as the FFT lays them out (re[0 .. n], im[0 .. n], n = size / 2).
 */
import { fftForwardReal } from './fft';

// @ts-ignore: decorator
@inline
function spectrumBytes(size: i32): usize {
  return (<usize>size + 8) << 2;
}

export function shortTimeBytes(size: i32): usize {
  return (<usize>size << 2) + 2 * spectrumBytes(size);
}

function windowed(signal: usize, window: usize, frame: usize, size: i32): void {
  for (let at: usize = 0, end = <usize>size << 2; at < end; at += 16) {
    v128.store(frame + at, f32x4.mul(v128.load(signal + at), v128.load(window + at)));
  }
}

/** Magnitudes, row after row. */
export function shortTimeMagnitudes(plan: usize, window: usize, work: usize, size: i32, hop: i32, signal: usize, frames: i32, out: usize): void {
  const spectrum = work + (<usize>size << 2);
  const half = size >> 1;
  const im = (<usize>half + 4) << 2;
  for (let f = 0; f < frames; f++) {
    windowed(signal, window, work, size);
    fftForwardReal(plan, work, spectrum);
    const end = <usize>half << 2;
    for (let at: usize = 0; at < end; at += 16) {
      const r = v128.load(spectrum + at);
      const i = v128.load(spectrum + im + at);
      v128.store(out + at, f32x4.sqrt(f32x4.add(f32x4.mul(r, r), f32x4.mul(i, i))));
    }
    const r = load<f32>(spectrum + end);
    const i = load<f32>(spectrum + im + end);
    store<f32>(out + end, sqrt<f32>(r * r + i * i));
    out += end + 4;
    signal += <usize>hop << 2;
  }
}

/** Adds two f32 products' lanes to four f64 sums: [at] += low, [at + 16] += high. */
// @ts-ignore: decorator
@inline
function accumulate(sums: usize, values: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(values)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3))), 16);
}

/**
 * Adds to four rows of n + 4 f64 (n = size / 2; n + 1 count): power of x, power of y, real and imaginary part of
 * conj(X) Y.
 */
export function shortTimeCross(plan: usize, window: usize, work: usize, size: i32, hop: i32, x: usize, y: usize, frames: i32, sums: usize): void {
  const first = work + (<usize>size << 2);
  const second = first + spectrumBytes(size);
  const half = size >> 1;
  const im = (<usize>half + 4) << 2;
  const row = (<usize>half + 4) << 3;
  for (let f = 0; f < frames; f++) {
    windowed(x, window, work, size);
    fftForwardReal(plan, work, first);
    windowed(y, window, work, size);
    fftForwardReal(plan, work, second);
    for (let at: usize = 0, end = <usize>half << 2; at < end; at += 16) {
      const xr = v128.load(first + at);
      const xi = v128.load(first + im + at);
      const yr = v128.load(second + at);
      const yi = v128.load(second + im + at);
      const to = sums + (at << 1);
      accumulate(to, f32x4.add(f32x4.mul(xr, xr), f32x4.mul(xi, xi)));
      accumulate(to + row, f32x4.add(f32x4.mul(yr, yr), f32x4.mul(yi, yi)));
      accumulate(to + 2 * row, f32x4.add(f32x4.mul(xr, yr), f32x4.mul(xi, yi)));
      accumulate(to + 3 * row, f32x4.sub(f32x4.mul(xr, yi), f32x4.mul(xi, yr)));
    }
    // The last bin is real.
    const a = <f64>load<f32>(first + (<usize>half << 2));
    const b = <f64>load<f32>(second + (<usize>half << 2));
    const to = sums + (<usize>half << 3);
    store<f64>(to, load<f64>(to) + a * a);
    store<f64>(to + row, load<f64>(to + row) + b * b);
    store<f64>(to + 2 * row, load<f64>(to + 2 * row) + a * b);
    x += <usize>hop << 2;
    y += <usize>hop << 2;
  }
}
