/**
 * By how much the counterpart is out of step with the result: where a stretch of one lies in the other.
 *
 * Source: C. H. Knapp and G. C. Carter, The generalized correlation method for estimation of time delay, IEEE Trans. ASSP
 * 24(4), 1976. Departs from it: both are whitened by short linear prediction, and what counts at a lag is the share of
 * the stretch that the counterpart there explains, so that a loud stroke beside it draws nothing to itself.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { addAutocorrelation, predictionError, residual } from './linear-prediction.ts';

const ORDER = 12;
/** Of the stretch that is looked for, and how far either way: 43 ms. Frames, times the scale. */
const FRAMES = 2048;
const REACH = 2048;
const FFT_SIZE = 8192;
/** A counterpart that explains so many times more elsewhere than where it should be is out of step. */
const TIMES_MORE = 4;
/** Full scale squared; silence explains nothing. */
const LEAST_ENERGY = 1e-12;

export class LagSearch {
  /** Frames of the stretch that is looked for. */
  readonly frames: number;
  readonly #reach: number;
  readonly #fft: RealFft;
  readonly #mine: Float32Array;
  readonly #theirs: Float32Array;
  readonly #products: Float32Array;
  readonly #a: Spectrum;
  readonly #b: Spectrum;

  constructor(engine: Engine, scale: number) {
    [this.frames, this.#reach] = [FRAMES * scale, REACH * scale];
    this.#fft = new RealFft(engine, FFT_SIZE * scale);
    this.#mine = new Float32Array(this.frames);
    this.#theirs = new Float32Array(this.frames + 2 * this.#reach);
    this.#products = new Float32Array(this.#fft.size);
    [this.#a, this.#b] = [spectrumOf(this.#fft.size), spectrumOf(this.#fft.size)];
  }

  /**
   * Frames by which the counterpart's index is larger for the same sound; 0 where it is in step, or nothing tells.
   * @param from index at which the stretch of `mine` begins; the reach and the order must be there on either side of it in `theirs`
   */
  lagAt(mine: Float32Array, theirs: Float32Array, from: number): number {
    const reach = this.#reach;
    if (!whiten(mine, from, this.#mine) || !whiten(theirs, from - reach, this.#theirs)) return 0;
    this.#correlate();
    let energy = LEAST_ENERGY;
    for (let i = 0; i < this.frames; i += 1) energy += this.#theirs[i]! ** 2;
    let [most, lag, inStep] = [0, 0, 0];
    for (let at = 0; at <= 2 * reach; at += 1) {
      const explained = this.#products[at]! ** 2 / energy;
      if (explained > most) [most, lag] = [explained, at - reach];
      if (at === reach) inStep = explained;
      energy = Math.max(LEAST_ENERGY, energy + (this.#theirs[at + this.frames] ?? 0) ** 2 - this.#theirs[at]! ** 2);
    }
    return most > TIMES_MORE * inStep ? lag : 0;
  }

  /** Writes the sums of products, from the farthest lag back to the farthest ahead. */
  #correlate(): void {
    const [a, b] = [this.#a, this.#b];
    this.#fft.forward(this.#mine, a.re, a.im);
    this.#fft.forward(this.#theirs, b.re, b.im);
    for (let k = 0; k < a.re.length; k += 1) {
      const [ar, ai, br, bi] = [a.re[k]!, a.im[k]!, b.re[k]!, b.im[k]!];
      b.re[k] = ar * br + ai * bi;
      b.im[k] = ar * bi - ai * br;
    }
    this.#fft.inverse(b.re, b.im, this.#products);
  }
}

interface Spectrum {
  readonly re: Float32Array;
  readonly im: Float32Array;
}

const spectrumOf = (size: number): Spectrum => ({ re: new Float32Array(size / 2 + 1), im: new Float32Array(size / 2 + 1) });

/** @returns false for silence */
function whiten(samples: Float32Array, from: number, out: Float32Array): boolean {
  const correlation = new Float64Array(ORDER + 1);
  addAutocorrelation(samples, from, from + out.length, correlation);
  const filter = predictionError(correlation);
  if (filter) residual(samples, from, from + out.length, filter, out);
  return filter !== null;
}
