/** Brings a render to the time of the right answer, as far as that makes the two more alike. */
import { emptySpectrum, LongFft, transformSize } from '../../../wasm/inversion/paired/long-fft.ts';
import type { Engine } from '../../../wasm/host/engine.ts';
import { mrstft } from './short-time.ts';
import type { Stereo } from './spectrum.ts';

const LOOK_SECONDS = 30;
const REACH_SECONDS = 0.5;
/** A peak must stand this far over the rest of the correlation. */
const LEAST_CONFIDENCE = 6;
/** Moving must pay. */
const PRICE = 0.002;

/** Frames by which the render is late, from the cross-correlation whitened by its square root; null: not sure. */
function delayOf(engine: Engine, out: Stereo, truth: Stereo, sampleRate: number): number | null {
  const frames = Math.min(out[0].length, truth[0].length, LOOK_SECONDS * sampleRate);
  const fft = new LongFft(engine, transformSize(2 * frames));
  const mono = ([left, right]: Stereo) => left.subarray(0, frames).map((l, i) => (l + right[i]!) / 2);
  const [a, b] = [emptySpectrum(fft.size), emptySpectrum(fft.size)];
  fft.forward(mono(out), a);
  fft.forward(mono(truth), b);
  const size = a.re.map((_, k) => Math.hypot(a.re[k]!, a.im[k]!) * Math.hypot(b.re[k]!, b.im[k]!));
  const least = size.reduce((high, x) => Math.max(high, x), 0) * 1e-9;
  if (least === 0) return null;
  const cross = emptySpectrum(fft.size);
  for (let k = 0; k < size.length; k += 1) {
    const weight = 1 / Math.sqrt(size[k]! + least);
    cross.re[k] = (a.re[k]! * b.re[k]! + a.im[k]! * b.im[k]!) * weight;
    cross.im[k] = (a.im[k]! * b.re[k]! - a.re[k]! * b.im[k]!) * weight;
  }
  const row = new Float32Array(fft.size);
  fft.inverse(cross, row);
  const reach = Math.round(REACH_SECONDS * sampleRate);
  const near = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => row[(i - reach + fft.size) % fft.size]!);
  const best = near.reduce((high, x, i) => (x > near[high]! ? i : high), 0);
  const rms = Math.sqrt(near.reduce((sum, x) => sum + x * x, 0) / near.length);
  if (near[best]! / rms < LEAST_CONFIDENCE) return null;
  const [y0, y1, y2] = [near[best - 1] ?? 0, near[best]!, near[best + 1] ?? 0];
  const bend = y0 - 2 * y1 + y2;
  return best - reach + (Math.abs(bend) > 1e-12 ? (0.5 * (y0 - y2)) / bend : 0);
}

const SINC_REACH = 32;

/** Earlier by `frames`: whole ones by moving, the rest by a windowed sinc. */
function advanced(row: Float32Array, frames: number): Float32Array {
  const whole = Math.round(frames);
  const part = frames - whole;
  const moved = Float32Array.from({ length: Math.max(0, row.length - whole) }, (_, i) => row[i + whole] ?? 0);
  if (Math.abs(part) < 0.02) return moved;
  const taps = Float64Array.from({ length: 2 * SINC_REACH + 1 }, (_, j) => {
    const x = part - (j - SINC_REACH);
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / (SINC_REACH + 1)));
  });
  return moved.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < taps.length; j += 1) sum += taps[j]! * (moved[i + j - SINC_REACH] ?? 0);
    return sum;
  });
}

/** Both as long as the shorter. */
export function aligned(engine: Engine, out: Stereo, truth: Stereo, sampleRate: number): { readonly out: Stereo; readonly truth: Stereo } {
  const found = delayOf(engine, out, truth, sampleRate);
  const cut = (stereo: Stereo, from: number, to: number): Stereo => [stereo[0].subarray(from, to), stereo[1].subarray(from, to)];
  let best: { score: number; out: Stereo; truth: Stereo } | null = null;
  for (const delay of new Set(found === null ? [0] : [0, Math.round(found), found])) {
    const moved: Stereo = delay === 0 ? out : [advanced(out[0], delay), advanced(out[1], delay)];
    const frames = Math.min(moved[0].length, truth[0].length);
    const [from, to] = [Math.max(0, Math.floor(frames / 2) - 5 * sampleRate), Math.min(frames, Math.floor(frames / 2) + 5 * sampleRate)];
    const score = mrstft(engine, cut(moved, from, to), cut(truth, from, to), [1024]) + (delay === 0 ? 0 : PRICE);
    if (!best || score < best.score) best = { score, out: cut(moved, 0, frames), truth: cut(truth, 0, frames) };
  }
  return best!;
}
