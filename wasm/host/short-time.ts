/** Short-time spectra of long signals by the engine: many frames a call. */
import type { Engine } from './engine.ts';

/** Frames that are brought to the engine at once. */
const FRAMES_AT_ONCE = 32;

/** Sums over frames, size / 2 + 1 bins each. */
export interface CrossSpectra {
  /** Power of the input and of the output. */
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  /** conj(X) Y. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly frames: number;
}

export class ShortTimeTransform {
  readonly size: number;
  readonly bins: number;
  readonly #hop: number;
  readonly #engine: Engine;
  readonly #plan: number;
  readonly #window: number;
  readonly #work: number;
  readonly #signals: readonly [number, number];
  readonly #out: number;
  readonly #sums: number;

  /**
   * @param size power of two, 32 to 131 072
   * @param hop  frames of the signal from one transform to the next; a multiple of 4
   * @param window `size` weights
   */
  constructor(engine: Engine, size: number, hop: number, window: Float32Array) {
    const { raw } = engine;
    this.size = size;
    this.bins = size / 2 + 1;
    this.#hop = hop;
    this.#engine = engine;
    this.#plan = raw.allocate(raw.fftPlanBytes(size));
    this.#window = raw.allocate(size * 4);
    this.#work = raw.allocate(raw.shortTimeWorkBytes(size));
    const held = (FRAMES_AT_ONCE - 1) * hop + size;
    this.#signals = [raw.allocate(held * 4), raw.allocate(held * 4)];
    this.#out = raw.allocate(FRAMES_AT_ONCE * this.bins * 4 + 16);
    this.#sums = raw.allocate(4 * (size / 2 + 4) * 8);
    raw.fftPlan(this.#plan, size);
    engine.f32(this.#window, size).set(window);
  }

  /** Whole frames in a signal. */
  frames(length: number): number {
    return Math.max(0, Math.floor((length - this.size) / this.#hop) + 1);
  }

  /** Places for runs of frames: first frame and how many. */
  *#runs(length: number): Generator<readonly [frame: number, frames: number], void, undefined> {
    const count = this.frames(length);
    for (let frame = 0; frame < count; frame += FRAMES_AT_ONCE) yield [frame, Math.min(FRAMES_AT_ONCE, count - frame)];
  }

  #bring(to: number, signal: Float32Array, frame: number, frames: number): void {
    const from = frame * this.#hop;
    const length = (frames - 1) * this.#hop + this.size;
    this.#engine.f32(to, length).set(signal.subarray(from, from + length));
  }

  /** @param out at least frames x bins values from `at` on: magnitudes, frame after frame */
  magnitudes(signal: Float32Array, out: Float32Array, at = 0): void {
    const { raw } = this.#engine;
    for (const [frame, frames] of this.#runs(signal.length)) {
      this.#bring(this.#signals[0], signal, frame, frames);
      raw.magnitudesOf(this.#plan, this.#window, this.#work, this.size, this.#hop, this.#signals[0], frames, this.#out);
      out.set(this.#engine.f32(this.#out, frames * this.bins), at + frame * this.bins);
    }
  }

  /** @param y as long as `x` */
  crossSpectra(x: Float32Array, y: Float32Array): CrossSpectra {
    const { raw } = this.#engine;
    const row = this.size / 2 + 4;
    this.#engine.f64(this.#sums, 4 * row).fill(0);
    for (const [frame, frames] of this.#runs(x.length)) {
      this.#bring(this.#signals[0], x, frame, frames);
      this.#bring(this.#signals[1], y, frame, frames);
      raw.addCrossSpectra(this.#plan, this.#window, this.#work, this.size, this.#hop, this.#signals[0], this.#signals[1], frames, this.#sums);
    }
    const [xx, yy, re, im] = [0, 1, 2, 3].map((r) => this.#engine.f64(this.#sums + 8 * r * row, this.bins).slice()) as [Float64Array, Float64Array, Float64Array, Float64Array];
    return { xx, yy, re, im, frames: this.frames(x.length) };
  }
}
