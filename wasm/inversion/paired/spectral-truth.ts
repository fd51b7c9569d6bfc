/**
 * A reference's short-time spectra, and how those of a render differ from them: the multi-resolution STFT distance as a
 * sum of squares, so that many values at once can be turned towards its minimum.
 */
import type { Engine } from '../../host/engine.ts';
import { Rows } from '../../host/rows.ts';
import { ShortTimeTransform } from '../../host/short-time.ts';
import { extentOf } from './distance.ts';
import type { Stereo } from './excerpts.ts';
import { hann } from './transfer-function.ts';

/** A short and a long window of the four that the distance has, frame beside frame: the same minimum at a twelfth of the cost. */
const SIZES = [512, 2048] as const;
/** 100 dB under the reference's strongest bin (amplitude). */
const FLOOR = 1e-5;
/** Nepers under which a difference counts as a square, not as its size: 0.4 dB. */
const ROUNDED = 0.05;

/** All magnitudes and their logarithms (nepers): size after size, channel after channel, piece, frame, bin. */
export interface Spectra {
  readonly linear: Float32Array;
  readonly log: Float32Array;
}

/** A quadratic that touches the distance at one render and lies above it elsewhere, by spectral value. */
export interface Quadratic {
  readonly curvature: Float32Array;
  readonly slope: Float32Array;
}

interface Group {
  readonly from: number;
  readonly until: number;
  readonly floor: number;
  readonly norm: number;
}

export class SpectralTruth {
  /** Frequencies, Hz, that the values belong to: all bins of the first size, then of the next. */
  readonly gridHz: Float64Array;
  /** Place in `gridHz` by value. */
  readonly cell: Uint16Array;
  readonly #transforms: readonly ShortTimeTransform[];
  readonly #rows: Rows;
  readonly #groups: readonly Group[];
  readonly #truth: Spectra;

  /** @param references the compared pieces of the reference, each at least 2048 frames long */
  constructor(engine: Engine, references: readonly Stereo[], sampleRate: number) {
    this.#transforms = SIZES.map((size) => new ShortTimeTransform(engine, size, size, hann(size)));
    this.#rows = new Rows(engine);
    this.gridHz = Float64Array.from(SIZES.flatMap((size) => Array.from({ length: size / 2 + 1 }, (_, k) => (k * sampleRate) / size)));
    const groups: { from: number; until: number }[] = [];
    const cells: number[] = [];
    let offset = 0;
    for (const size of SIZES) {
      for (const c of [0, 1] as const) {
        const from = cells.length;
        for (const piece of references) for (let f = Math.floor(piece[c].length / size); f > 0; f -= 1) for (let k = 0; k <= size / 2; k += 1) cells.push(offset + k);
        groups.push({ from, until: cells.length });
      }
      offset += size / 2 + 1;
    }
    this.cell = Uint16Array.from(cells);
    const linear = this.#magnitudes(references);
    this.#groups = groups.map(({ from, until }) => {
      const { largest, squares } = extentOf(linear.subarray(from, until));
      return { from, until, floor: FLOOR * Math.max(1e-12, largest), norm: squares + 1e-20 };
    });
    this.#truth = { linear, log: this.#logarithms(linear) };
  }

  #magnitudes(pieces: readonly Stereo[]): Float32Array {
    const all = new Float32Array(this.cell.length);
    let at = 0;
    for (const transform of this.#transforms) {
      for (const c of [0, 1] as const) {
        for (const piece of pieces) {
          transform.magnitudes(piece[c], all, at);
          at += transform.frames(piece[c].length) * transform.bins;
        }
      }
    }
    return all;
  }

  #logarithms(linear: Float32Array): Float32Array {
    const log = new Float32Array(linear.length);
    for (const { from, until, floor } of this.#groups) this.#rows.logarithms(linear.subarray(from, until), floor, log.subarray(from, until));
    return log;
  }

  /** @param renders the same pieces as the references', each as long */
  spectra(renders: readonly Stereo[]): Spectra {
    const linear = this.#magnitudes(renders);
    return { linear, log: this.#logarithms(linear) };
  }

  /** Of a group: the root of the convergence's share, and the mean size of the log difference. */
  #parts({ linear, log }: Spectra, { from, until, norm }: Group): { convergence: number; logs: number } {
    const of = (row: Float32Array, truth: Float32Array) => this.#rows.difference(row.subarray(from, until), truth.subarray(from, until));
    return { convergence: Math.sqrt(of(linear, this.#truth.linear).squares / norm), logs: of(log, this.#truth.log).sizes / Math.max(1, until - from) };
  }

  /** Sums of values (times weights) by frequency, in the order of `gridHz`. */
  pooled(values: Float32Array, weights: Float32Array | null = null): Float64Array {
    const sums = new Float64Array(this.gridHz.length);
    const { cell } = this;
    if (weights) for (let i = 0; i < values.length; i += 1) sums[cell[i]!]! += values[i]! * weights[i]!;
    else for (let i = 0; i < values.length; i += 1) sums[cell[i]!]! += values[i]!;
    return sums;
  }

  /** Spectral convergence and mean size of the log difference, averaged over channels and sizes. */
  distance(of: Spectra): number {
    let total = 0;
    for (const group of this.#groups) {
      const { convergence, logs } = this.#parts(of, group);
      total += convergence + logs;
    }
    return total / this.#groups.length;
  }

  /** Sums of a curvature times the product of every two rows of values. */
  gram(rows: readonly Float32Array[], curvature: Float32Array): Float64Array[] {
    return this.#rows.gram(rows, curvature);
  }

  /**
   * The quadratic in the logarithms whose descent is the distance's: |r| <= |r0| / 2 + r^2 / (2 |r0|), and the same for
   * the root of the convergence's sum.
   * Source: D. R. Hunter, K. Lange, "A tutorial on MM algorithms", 2004; for absolute values, iteratively reweighted
   * least squares.
   */
  quadratic(at: Spectra): Quadratic {
    const [curvature, slope] = [new Float32Array(at.log.length), new Float32Array(at.log.length)];
    for (const group of this.#groups) {
      const perLog = 1 / (this.#groups.length * Math.max(1, group.until - group.from));
      const perLinear = 1 / (this.#groups.length * Math.max(0.01, this.#parts(at, group).convergence) * group.norm);
      for (let i = group.from; i < group.until; i += 1) {
        const difference = at.log[i]! - this.#truth.log[i]!;
        const weight = perLog / Math.max(ROUNDED, Math.abs(difference));
        const x = at.linear[i]!;
        curvature[i] = weight + perLinear * x * x;
        slope[i] = weight * difference + perLinear * x * (x - this.#truth.linear[i]!);
      }
    }
    return { curvature, slope };
  }
}
