/** Arithmetic on long rows of numbers by the engine, a piece that fits a core's cache at a time. */
import type { Engine } from './engine.ts';

const PIECE = 2048;
/** Rows that a Gram matrix is made of, at most. */
const MOST_ROWS = 64;

export class Rows {
  readonly #engine: Engine;
  /** A piece of each row; the last two: weights, and work. */
  readonly #pieces: number;
  readonly #matrix: number;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#pieces = engine.raw.allocate((MOST_ROWS + 2) * PIECE * 4);
    this.#matrix = engine.raw.allocate(MOST_ROWS * MOST_ROWS * 8);
  }

  #at = (row: number): number => this.#pieces + row * PIECE * 4;

  /** Brings values [from, until) to a row's piece, zeros up to a multiple of four. @returns how many it holds */
  #bring(row: number, values: Float32Array, from: number, until: number): number {
    const count = Math.ceil((until - from) / 4) * 4;
    const piece = this.#engine.f32(this.#at(row), count);
    piece.set(values.subarray(from, until));
    piece.fill(0, until - from);
    return count;
  }

  /** Natural logarithms of values that are raised to `floor` (positive) first; error under 3e-7 near 0, else a step of f32. */
  logarithms(values: Float32Array, floor: number, out: Float32Array): void {
    for (let from = 0; from < values.length; from += PIECE) {
      const until = Math.min(values.length, from + PIECE);
      const count = this.#bring(0, values, from, until);
      this.#engine.raw.logarithms(this.#at(0), floor, this.#at(1), count);
      out.set(this.#engine.f32(this.#at(1), until - from), from);
    }
  }

  /** @returns the sum of squares and the sum of sizes of what lies between two rows */
  difference(a: Float32Array, b: Float32Array): { squares: number; sizes: number } {
    let [squares, sizes] = [0, 0];
    for (let from = 0; from < a.length; from += PIECE) {
      const until = Math.min(a.length, from + PIECE);
      const count = this.#bring(0, a, from, until);
      this.#bring(1, b, from, until);
      squares += this.#engine.raw.squaredDifference(this.#at(0), this.#at(1), count);
      sizes += this.#engine.raw.absoluteDifference(this.#at(0), this.#at(1), count);
    }
    return { squares, sizes };
  }

  /**
   * @param rows at most 64, of the same length as `weights`
   * @returns sums of weight times the product of every two rows, row by row
   */
  gram(rows: readonly Float32Array[], weights: Float32Array): Float64Array[] {
    const n = rows.length;
    const weight = MOST_ROWS;
    this.#engine.f64(this.#matrix, n * n).fill(0);
    for (let from = 0; from < weights.length; from += PIECE) {
      const until = Math.min(weights.length, from + PIECE);
      const count = this.#bring(weight, weights, from, until);
      rows.forEach((row, r) => this.#bring(r, row, from, until));
      this.#engine.raw.addGram(this.#at(0), n, PIECE * 4, this.#at(weight), this.#at(weight + 1), count, this.#matrix);
    }
    const lower = this.#engine.f64(this.#matrix, n * n);
    return rows.map((_, i) => Float64Array.from({ length: n }, (_value, j) => lower[j <= i ? i * n + j : j * n + i]!));
  }
}
