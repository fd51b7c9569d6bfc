/** The phase and the impulse response that a causal, minimum-phase filter of a given magnitude has. */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';

export class MinimumPhase {
  readonly size: number;
  readonly #fft: RealFft;

  /** @param size power of two; magnitudes have size / 2 + 1 values */
  constructor(engine: Engine, size: number) {
    this.size = size;
    this.#fft = new RealFft(engine, size);
  }

  /**
   * Phase in radians of the minimum-phase filter with these log magnitudes (natural logarithm).
   *
   * Exact up to aliasing of the cepstrum: under 0.01 rad for curves without detail finer than 8 bins.
   * Source: A. V. Oppenheim, R. W. Schafer, "Discrete-time signal processing", homomorphic processing (folded cepstrum).
   */
  phase(logMagnitude: Float32Array): Float32Array {
    const half = this.size / 2;
    const cepstrum = new Float32Array(this.size);
    this.#fft.inverse(logMagnitude, new Float32Array(half + 1), cepstrum);
    for (let i = 1; i < half; i += 1) {
      cepstrum[i]! *= 2;
      cepstrum[this.size - i] = 0;
    }
    const phase = new Float32Array(half + 1);
    this.#fft.forward(cepstrum, new Float32Array(half + 1), phase);
    return phase;
  }

  /** Impulse response of the minimum-phase filter, its first `taps` values. */
  impulseResponse(logMagnitude: Float32Array, taps: number): Float32Array {
    const phase = this.phase(logMagnitude);
    const re = phase.map((p, k) => Math.exp(logMagnitude[k]!) * Math.cos(p));
    const im = phase.map((p, k) => Math.exp(logMagnitude[k]!) * Math.sin(p));
    const response = new Float32Array(Math.min(taps, this.size));
    this.#fft.inverse(re, im, response);
    return response;
  }
}
