/** The engine's real FFT for analysis and inversion in TypeScript. */
import type { Engine } from './engine.ts';

/**
 * Real FFT of one size. Spectra are packed as the engine has them: `re` and `im` have size / 2 + 1 values.
 * Forward is unscaled; inverse divides by the size, so that inverse(forward(x)) is x.
 */
export class RealFft {
  readonly size: number;
  readonly #engine: Engine;
  readonly #plan: number;
  readonly #input: number;
  readonly #output: number;

  /** @param size power of two, 32 to 131 072 */
  constructor(engine: Engine, size: number) {
    this.size = size;
    this.#engine = engine;
    const { raw } = engine;
    this.#plan = raw.allocate(raw.fftPlanBytes(size));
    this.#input = raw.allocate(size * 4);
    this.#output = raw.allocate((size + 8) * 4);
    raw.fftPlan(this.#plan, size);
  }

  /** @param input at most `size` values; the rest counts as zero */
  forward(input: Float32Array, re: Float32Array, im: Float32Array): void {
    const half = this.size / 2;
    const padded = this.#engine.f32(this.#input, this.size);
    padded.fill(0);
    padded.set(input.subarray(0, this.size));
    this.#engine.raw.fftForward(this.#plan, this.#input, this.#output);
    // Layout: re[0 .. half], then im[0 .. half], each row half + 4 long to keep 16-byte steps.
    const out = this.#engine.f32(this.#output, this.size + 8);
    re.set(out.subarray(0, half + 1));
    im.set(out.subarray(half + 4, half + 4 + half + 1));
  }

  inverse(re: Float32Array, im: Float32Array, output: Float32Array): void {
    const half = this.size / 2;
    const spectrum = this.#engine.f32(this.#output, this.size + 8);
    spectrum.set(re.subarray(0, half + 1), 0);
    spectrum.set(im.subarray(0, half + 1), half + 4);
    this.#engine.raw.fftInverse(this.#plan, this.#output, this.#input);
    output.set(this.#engine.f32(this.#input, this.size).subarray(0, output.length));
  }
}
