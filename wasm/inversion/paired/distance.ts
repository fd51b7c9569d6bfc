/** How far a render is from the reference as it is heard: the multi-resolution STFT distance, both channels. */
import type { Engine } from '../../host/engine.ts';
import { Rows } from '../../host/rows.ts';
import { ShortTimeTransform } from '../../host/short-time.ts';
import type { Stereo } from './excerpts.ts';
import { hann } from './transfer-function.ts';

const SIZES = [512, 1024, 2048, 4096] as const;
/** 100 dB under the reference's strongest bin (amplitude). */
const FLOOR = 1e-5;

interface Prepared {
  readonly transform: ShortTimeTransform;
  /** Per channel: the reference's magnitudes and the logarithms of them, floored. */
  readonly truth: readonly { readonly linear: Float32Array; readonly log: Float32Array; readonly norm: number; readonly floor: number }[];
}

/**
 * Compares renders with one reference again and again.
 * Cost: about 25 ms for 6 s of stereo.
 * Source: S. O. Arik et al., 2019; R. Yamamoto et al., "Parallel WaveGAN", 2020.
 */
export class SpectralDistance {
  readonly #rows: Rows;
  readonly #sizes: readonly Prepared[];

  constructor(engine: Engine, reference: Stereo) {
    const rows = new Rows(engine);
    this.#rows = rows;
    this.#sizes = SIZES.map((size) => {
      const transform = new ShortTimeTransform(engine, size, size / 4, hann(size));
      const truth = reference.map((channel) => {
        const linear = magnitudes(transform, channel);
        const { largest, squares } = extentOf(linear);
        const floor = FLOOR * Math.max(1e-12, largest);
        const log = new Float32Array(linear.length);
        rows.logarithms(linear, floor, log);
        return { linear, log, floor, norm: squares };
      });
      return { transform, truth };
    });
  }

  of(render: Stereo): number {
    let total = 0;
    for (const { transform, truth } of this.#sizes) {
      truth.forEach(({ linear, log, norm, floor }, c) => {
        const mine = magnitudes(transform, render[c]!);
        const { squares } = this.#rows.difference(mine, linear);
        this.#rows.logarithms(mine, floor, mine);
        total += Math.sqrt(squares / Math.max(1e-20, norm)) + this.#rows.difference(mine, log).sizes / Math.max(1, mine.length);
      });
    }
    return total / (2 * SIZES.length);
  }
}

/** Of magnitudes: the largest, and the sum of their squares. A loop: they are millions. */
export function extentOf(values: Float32Array): { largest: number; squares: number } {
  let [largest, squares] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i]!;
    if (x > largest) largest = x;
    squares += x * x;
  }
  return { largest, squares };
}

/** Magnitudes of all frames, frame after frame. */
function magnitudes(transform: ShortTimeTransform, signal: Float32Array): Float32Array {
  const all = new Float32Array(transform.frames(signal.length) * transform.bins);
  transform.magnitudes(signal, all);
  return all;
}
