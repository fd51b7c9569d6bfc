/** How far a render is from the reference as it is heard: the multi-resolution STFT distance, both channels. */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import type { Stereo } from './excerpts.ts';
import { hann } from './transfer-function.ts';

const SIZES = [512, 1024, 2048, 4096] as const;
/** 100 dB under the reference's strongest bin (amplitude). */
const FLOOR = 1e-5;

/** Magnitudes of all frames of one size, frame after frame. */
function magnitudes(fft: RealFft, window: Float32Array, signal: Float32Array): Float32Array {
  const { size } = fft;
  const bins = size / 2 + 1;
  const hop = size / 4;
  const count = Math.max(0, Math.floor((signal.length - size) / hop) + 1);
  const all = new Float32Array(count * bins);
  const [frame, re, im] = [new Float32Array(size), new Float32Array(bins), new Float32Array(bins)];
  for (let f = 0; f < count; f += 1) {
    for (let i = 0; i < size; i += 1) frame[i] = signal[f * hop + i]! * window[i]!;
    fft.forward(frame, re, im);
    for (let k = 0; k < bins; k += 1) all[f * bins + k] = Math.sqrt(re[k]! * re[k]! + im[k]! * im[k]!);
  }
  return all;
}

interface Prepared {
  readonly fft: RealFft;
  readonly window: Float32Array;
  /** Per channel: the reference's magnitudes, floored, and their logarithms. */
  readonly truth: readonly { readonly linear: Float32Array; readonly log: Float32Array; readonly norm: number; readonly floor: number }[];
}

/**
 * Compares renders with one reference again and again.
 * Cost: about 60 ms for 6 s of stereo.
 * Source: S. O. Arik et al., 2019; R. Yamamoto et al., "Parallel WaveGAN", 2020.
 */
export class SpectralDistance {
  readonly #rows: readonly Prepared[];

  constructor(engine: Engine, reference: Stereo) {
    this.#rows = SIZES.map((size) => {
      const fft = new RealFft(engine, size);
      const window = hann(size);
      const truth = reference.map((channel) => {
        const linear = magnitudes(fft, window, channel);
        const floor = FLOOR * linear.reduce((a, b) => Math.max(a, b), 1e-12);
        const log = linear.map((x) => Math.log(Math.max(x, floor)));
        return { linear, log, floor, norm: linear.reduce((sum, x) => sum + x * x, 0) };
      });
      return { fft, window, truth };
    });
  }

  of(render: Stereo): number {
    let total = 0;
    for (const { fft, window, truth } of this.#rows) {
      truth.forEach(({ linear, log, norm, floor }, c) => {
        const mine = magnitudes(fft, window, render[c]!);
        let [error, logs] = [0, 0];
        for (let i = 0; i < mine.length; i += 1) {
          const x = mine[i]!;
          error += (x - linear[i]!) ** 2;
          logs += Math.abs(Math.log(x > floor ? x : floor) - log[i]!);
        }
        total += Math.sqrt(error / Math.max(1e-20, norm)) + logs / Math.max(1, mine.length);
      });
    }
    return total / (2 * SIZES.length);
  }
}
