/**
 * Real FFT beyond the engine's longest: a transform of 2 n is two of n, joined by one butterfly stage here.
 * Source: J. W. Cooley, J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';

/** Longest transform of the engine. */
const ENGINE_SIZE = 131_072;

export interface Spectrum {
  readonly re: Float32Array;
  readonly im: Float32Array;
}

export const emptySpectrum = (size: number): Spectrum => ({
  re: new Float32Array(size / 2 + 1),
  im: new Float32Array(size / 2 + 1),
});

/** Smallest power of two that holds `length` values, at least 32. */
export const transformSize = (length: number): number => 2 ** Math.max(5, Math.ceil(Math.log2(length)));

export class LongFft {
  readonly size: number;
  readonly #direct: RealFft | null;
  readonly #half: LongFft | null;
  readonly #cos: Float32Array;
  readonly #sin: Float32Array;
  readonly #rows: Float32Array[];

  /** @param size power of two, 32 to 2^24 */
  constructor(engine: Engine, size: number) {
    this.size = size;
    this.#direct = size <= ENGINE_SIZE ? new RealFft(engine, size) : null;
    this.#half = size <= ENGINE_SIZE ? null : new LongFft(engine, size / 2);
    const count = this.#half ? size / 4 + 1 : 0;
    this.#cos = Float32Array.from({ length: count }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float32Array.from({ length: count }, (_, k) => Math.sin((2 * Math.PI * k) / size));
    const row = () => new Float32Array(this.#half ? size / 4 + 1 : 0);
    const samples = () => new Float32Array(this.#half ? size / 2 : 0);
    this.#rows = [row(), row(), row(), row(), samples(), samples()];
  }

  /** @param input at most `size` values; the rest counts as zero */
  forward(input: Float32Array, into: Spectrum): void {
    if (this.#direct) return this.#direct.forward(input, into.re, into.im);
    const [evenRe, evenIm, oddRe, oddIm, even, odd] = this.#rows as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    const quarter = this.size / 4;
    even.fill(0);
    odd.fill(0);
    for (let i = 0; i < input.length; i += 2) {
      even[i >> 1] = input[i]!;
      odd[i >> 1] = i + 1 < input.length ? input[i + 1]! : 0;
    }
    this.#half!.forward(even, { re: evenRe, im: evenIm });
    this.#half!.forward(odd, { re: oddRe, im: oddIm });
    const { re, im } = into;
    for (let k = 0; k <= quarter; k += 1) {
      const c = this.#cos[k]!;
      const s = this.#sin[k]!;
      const tr = c * oddRe[k]! + s * oddIm[k]!;
      const ti = c * oddIm[k]! - s * oddRe[k]!;
      // The upper half of the lower bins follows from the symmetry of real input.
      re[2 * quarter - k] = evenRe[k]! - tr;
      im[2 * quarter - k] = ti - evenIm[k]!;
      re[k] = evenRe[k]! + tr;
      im[k] = evenIm[k]! + ti;
    }
  }

  /** Inverse, scaled by 1 / size; `output` may be shorter than `size`. */
  inverse(from: Spectrum, output: Float32Array): void {
    if (this.#direct) return this.#direct.inverse(from.re, from.im, output);
    const [evenRe, evenIm, oddRe, oddIm, even, odd] = this.#rows as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    const quarter = this.size / 4;
    const { re, im } = from;
    for (let k = 0; k <= quarter; k += 1) {
      const ar = re[k]!;
      const ai = im[k]!;
      const br = re[2 * quarter - k]!;
      const bi = -im[2 * quarter - k]!;
      const dr = (ar - br) / 2;
      const di = (ai - bi) / 2;
      const c = this.#cos[k]!;
      const s = this.#sin[k]!;
      evenRe[k] = (ar + br) / 2;
      evenIm[k] = (ai + bi) / 2;
      oddRe[k] = c * dr - s * di;
      oddIm[k] = c * di + s * dr;
    }
    this.#half!.inverse({ re: evenRe, im: evenIm }, even);
    this.#half!.inverse({ re: oddRe, im: oddIm }, odd);
    for (let i = 0; i < output.length; i += 1) output[i] = i & 1 ? odd[i >> 1]! : even[i >> 1]!;
  }
}

/** Cross-correlation in the frequency domain: into = conj(a) b. */
export function multiplyConjugate(a: Spectrum, b: Spectrum, into: Spectrum): void {
  for (let k = 0; k < into.re.length; k += 1) {
    const ar = a.re[k]!;
    const ai = a.im[k]!;
    const br = b.re[k]!;
    const bi = b.im[k]!;
    into.re[k] = ar * br + ai * bi;
    into.im[k] = ar * bi - ai * br;
  }
}

/** Convolution in the frequency domain: into += a b. */
export function addProduct(a: Spectrum, b: Spectrum, into: Spectrum): void {
  for (let k = 0; k < into.re.length; k += 1) {
    const ar = a.re[k]!;
    const ai = a.im[k]!;
    const br = b.re[k]!;
    const bi = b.im[k]!;
    into.re[k]! += ar * br - ai * bi;
    into.im[k]! += ar * bi + ai * br;
  }
}
