/**
 * The linear part between two aligned signals: averaged cross-spectra, transfer function and coherence.
 * Source: P. D. Welch, 1967; J. S. Bendat, A. G. Piersol, "Random data", the H1 estimator and magnitude-squared coherence.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';

export interface TransferFunction {
  readonly size: number;
  /** H1 = Sxy / Sxx, size / 2 + 1 bins. */
  readonly re: Float32Array;
  readonly im: Float32Array;
  readonly coherence: Float32Array;
  /** Power of the input and the output per bin, averaged over frames. */
  readonly inputPower: Float32Array;
  readonly outputPower: Float32Array;
  readonly frames: number;
}

export const hann = (size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));

export interface FrameWeights {
  /** Multiplies a frame's weight in the average; by frame index. */
  readonly weight?: ArrayLike<number>;
  /** Divides the output's spectrum: the gain the frame was played at, so that level changes do not count as noise. */
  readonly gain?: ArrayLike<number>;
}

/**
 * @param input  frames, full scale ±1
 * @param output same length, aligned
 * @param size   FFT size; hop is a quarter
 *
 * Cost: two transforms a frame.
 */
export function transferFunction(engine: Engine, input: Float32Array, output: Float32Array, size: number, by: FrameWeights = {}): TransferFunction {
  const fft = new RealFft(engine, size);
  const bins = size / 2 + 1;
  const window = hann(size);
  const [xr, xi, yr, yi] = [0, 0, 0, 0].map(() => new Float32Array(bins)) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [sxx, syy, cr, ci] = [0, 0, 0, 0].map(() => new Float64Array(bins)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const frame = new Float32Array(size);
  const hop = size / 4;
  let frames = 0;
  for (let at = 0; at + size <= input.length; at += hop, frames += 1) {
    const weight = by.weight?.[frames] ?? 1;
    const gain = by.gain?.[frames] ?? 1;
    if (!(weight > 0) || !(gain > 0)) continue;
    for (let i = 0; i < size; i += 1) frame[i] = input[at + i]! * window[i]!;
    fft.forward(frame, xr, xi);
    for (let i = 0; i < size; i += 1) frame[i] = (output[at + i]! * window[i]!) / gain;
    fft.forward(frame, yr, yi);
    for (let k = 0; k < bins; k += 1) {
      sxx[k]! += weight * (xr[k]! ** 2 + xi[k]! ** 2);
      syy[k]! += weight * (yr[k]! ** 2 + yi[k]! ** 2);
      cr[k]! += weight * (xr[k]! * yr[k]! + xi[k]! * yi[k]!);
      ci[k]! += weight * (xr[k]! * yi[k]! - xi[k]! * yr[k]!);
    }
  }
  const of = (compute: (k: number) => number) => Float32Array.from({ length: bins }, (_, k) => compute(k));
  return {
    size,
    re: of((k) => cr[k]! / Math.max(sxx[k]!, 1e-20)),
    im: of((k) => ci[k]! / Math.max(sxx[k]!, 1e-20)),
    coherence: of((k) => Math.min(1, (cr[k]! ** 2 + ci[k]! ** 2) / Math.max(sxx[k]! * syy[k]!, 1e-30))),
    inputPower: of((k) => sxx[k]! / Math.max(1, frames)),
    outputPower: of((k) => syy[k]! / Math.max(1, frames)),
    frames,
  };
}

/** Number of Welch frames `transferFunction` makes of a signal. */
export const frameCountOf = (length: number, size: number): number => Math.max(0, Math.floor((length - size) / (size / 4)) + 1);
