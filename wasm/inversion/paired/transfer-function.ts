/**
 * The linear part between two aligned signals: averaged cross-spectra, transfer function and coherence.
 * Source: P. D. Welch, 1967; J. S. Bendat, A. G. Piersol, "Random data", the H1 estimator and magnitude-squared coherence.
 */
import type { Engine } from '../../host/engine.ts';
import { ShortTimeTransform } from '../../host/short-time.ts';

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

/** One transform per engine and size: its plan and its buffers are made once. */
const transforms = new WeakMap<Engine, Map<number, ShortTimeTransform>>();

function transformOf(engine: Engine, size: number): ShortTimeTransform {
  const known = transforms.get(engine) ?? new Map<number, ShortTimeTransform>();
  transforms.set(engine, known);
  const transform = known.get(size) ?? new ShortTimeTransform(engine, size, size / 4, hann(size));
  known.set(size, transform);
  return transform;
}

/**
 * @param input  frames, full scale ±1
 * @param output same length, aligned
 * @param size   FFT size; hop is a quarter
 *
 * Cost: two transforms a frame.
 */
export function transferFunction(engine: Engine, input: Float32Array, output: Float32Array, size: number): TransferFunction {
  const { xx, yy, re, im, frames } = transformOf(engine, size).crossSpectra(input, output);
  const bins = size / 2 + 1;
  const of = (compute: (k: number) => number) => {
    const row = new Float32Array(bins);
    for (let k = 0; k < bins; k += 1) row[k] = compute(k);
    return row;
  };
  return {
    size,
    re: of((k) => re[k]! / Math.max(xx[k]!, 1e-20)),
    im: of((k) => im[k]! / Math.max(xx[k]!, 1e-20)),
    coherence: of((k) => Math.min(1, (re[k]! ** 2 + im[k]! ** 2) / Math.max(xx[k]! * yy[k]!, 1e-30))),
    inputPower: of((k) => xx[k]! / Math.max(1, frames)),
    outputPower: of((k) => yy[k]! / Math.max(1, frames)),
    frames,
  };
}
