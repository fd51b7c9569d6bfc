/**
 * What neither the result's own past nor the clean counterpart around it tells: the prediction error of a linear model
 * with the counterpart's channels as its input (ARX). A filter, a gain, a width, an onset of the music are told by it; a click,
 * a step of a gain, a noise are not.
 *
 * Exact least squares over the frames that are learnt from (the covariance method): sums of products for one lag give those
 * for the next but for the ends.
 * Source: L. Ljung, System Identification, 2nd ed. 1999, chapters 4.2 and 7.3; the recursion, J. Makhoul, Linear
 * prediction: a tutorial review, Proc. IEEE 63(4), 1975.
 */
import type { Rows } from './finding.ts';

/** What the model looks at, frames. */
export interface Reach {
  /** Of the result's own past. */
  readonly own: number;
  /** Of the counterpart, ahead of the result and behind it: ahead by what a limiter's or a filter's centre may be off. */
  readonly ahead: number;
  readonly behind: number;
}

/** Enough for eight bands of an equaliser. */
export const WIDE: Reach = { own: 32, ahead: 4, behind: 20 };
/** For a third of the cost. */
export const NARROW: Reach = { own: 16, ahead: 2, behind: 10 };

/** Added to the diagonal, as a share of it: the past and the counterpart may tell the same. */
const RIDGE = 1e-9;

export class CounterpartModel {
  readonly #channels: 1 | 2;
  readonly #own: number;
  readonly #ahead: number;
  readonly #taps: number;
  readonly #size: number;
  /** Rows and columns: the result at lags 0 to `own`, then each channel of the counterpart from `ahead` on. */
  readonly #gram: Float64Array;
  readonly #factor: Float64Array;
  readonly #weights: Float64Array;

  constructor(channels: 1 | 2, { own, ahead, behind }: Reach) {
    this.#channels = channels;
    [this.#own, this.#ahead, this.#taps] = [own, ahead, ahead + behind + 1];
    this.#size = own + 1 + channels * this.#taps;
    this.#gram = new Float64Array(this.#size ** 2);
    this.#factor = new Float64Array(this.#size ** 2);
    this.#weights = new Float64Array(this.#size);
  }

  clear(): void {
    this.#gram.fill(0);
  }

  /** Learns from indices `from` to `to` of both, at a weight; as many more as the lags must be there. */
  learn(result: Float32Array, clean: Rows, from: number, to: number, weight = 1): void {
    const blocks = [{ at: 0, count: this.#own + 1, lag: 0, samples: result }, ...clean.slice(0, this.#channels).map((samples, c) => ({ at: this.#own + 1 + c * this.#taps, count: this.#taps, lag: -this.#ahead, samples }))];
    blocks.forEach((a, i) => {
      for (const b of blocks.slice(i)) this.#products(a, b, from, to, weight);
    });
  }

  /** @returns false where there is nothing to learn from */
  solve(): boolean {
    const [size, gram, factor, weights] = [this.#size, this.#gram, this.#factor, this.#weights];
    if (!(gram[0]! > 0)) return false;
    // Cholesky of everything but the first row, which is what is to be told; then two substitutions.
    for (let i = 1; i < size; i += 1) {
      for (let j = 1; j <= i; j += 1) {
        let sum = gram[j * size + i]!;
        if (i === j) sum += RIDGE * (sum + gram[0]!);
        for (let k = 1; k < j; k += 1) sum -= factor[i * size + k]! * factor[j * size + k]!;
        if (i === j) {
          if (!(sum > 0)) return false;
          factor[i * size + i] = Math.sqrt(sum);
        } else factor[i * size + j] = sum / factor[j * size + j]!;
      }
    }
    for (let i = 1; i < size; i += 1) {
      let sum = gram[i]!;
      for (let k = 1; k < i; k += 1) sum -= factor[i * size + k]! * weights[k]!;
      weights[i] = sum / factor[i * size + i]!;
    }
    for (let i = size - 1; i > 0; i -= 1) {
      let sum = weights[i]!;
      for (let k = i + 1; k < size; k += 1) sum -= factor[k * size + i]! * weights[k]!;
      weights[i] = sum / factor[i * size + i]!;
    }
    return true;
  }

  /** Writes the error at indices `from` to `to`. */
  error(result: Float32Array, clean: Rows, from: number, to: number, out: Float32Array): void {
    this.told(clean, from, to, out);
    const [weights, own] = [this.#weights, this.#own];
    for (let i = from; i < to; i += 1) {
      let sum = result[i]! - out[i - from]!;
      for (let k = 1; k <= own; k += 1) sum -= weights[k]! * result[i - k]!;
      out[i - from] = sum;
    }
  }

  /** The filter that the result goes through before what the counterpart tells is taken off: the own past's share, first coefficient 1. */
  predictionError(): Float64Array {
    return this.#weights.slice(0, this.#own + 1).map((weight, lag) => (lag === 0 ? 1 : -weight));
  }

  /** Writes the counterpart's share in the prediction at indices `from` to `to`. */
  told(clean: Rows, from: number, to: number, out: Float32Array): void {
    const [weights, ahead, taps] = [this.#weights, this.#ahead, this.#taps];
    out.fill(0, 0, to - from);
    for (let c = 0; c < this.#channels; c += 1) {
      const [row, first] = [clean[c]!, this.#own + 1 + c * taps];
      for (let i = from; i < to; i += 1) {
        let sum = out[i - from]!;
        for (let k = 0; k < taps; k += 1) sum += weights[first + k]! * row[i + ahead - k]!;
        out[i - from] = sum;
      }
    }
  }

  #products(a: Block, b: Block, from: number, to: number, weight: number): void {
    const [size, gram] = [this.#size, this.#gram];
    const [x, y] = [a.samples, b.samples];
    const along = (i: number, j: number): void => {
      let p = from - a.lag - i;
      let q = from - b.lag - j;
      const frames = to - from;
      let sum = dot(x, p, y, q, frames);
      for (; i < a.count && j < b.count; i += 1, j += 1) {
        gram[(a.at + i) * size + b.at + j]! += weight * sum;
        p -= 1;
        q -= 1;
        sum += x[p]! * y[q]! - x[p + frames]! * y[q + frames]!;
      }
    };
    for (let j = 0; j < b.count; j += 1) along(0, j);
    if (a !== b) for (let i = 1; i < a.count; i += 1) along(i, 0);
  }
}

interface Block {
  /** Its first row of the matrix, and how many. */
  readonly at: number;
  readonly count: number;
  /** Of its first row, frames. */
  readonly lag: number;
  readonly samples: Float32Array;
}

/** Sum of products of `count` samples from two places on. Four sums at once, for each addition waits for the one before; three times as fast. */
function dot(a: Float32Array, atA: number, b: Float32Array, atB: number, count: number): number {
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  const fours = atA + count - (count % 4);
  let i = atA;
  let k = atB;
  for (; i < fours; i += 4, k += 4) {
    s += a[i]! * b[k]!;
    t += a[i + 1]! * b[k + 1]!;
    u += a[i + 2]! * b[k + 2]!;
    v += a[i + 3]! * b[k + 3]!;
  }
  for (; i < atA + count; i += 1, k += 1) s += a[i]! * b[k]!;
  return s + t + (u + v);
}
