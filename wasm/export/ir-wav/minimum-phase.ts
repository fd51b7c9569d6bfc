/**
 * The causal response with a given magnitude and the least delay.
 *
 * Folds the real cepstrum of the magnitude onto positive time.
 * Source: Oppenheim & Schafer, "Discrete-Time Signal Processing", ch. 13: homomorphic minimum-phase reconstruction.
 */
import type { RealFft } from '../../host/fft.ts';

/** Magnitudes under the strongest by more than this are lifted to it: a logarithm of nothing rings for ever. */
const FLOOR_DB = -100;

/**
 * @param magnitude size / 2 + 1 values, linear
 * @returns `fft.size` samples; time-aliasing is negligible where the response rings less than half that long
 */
export function minimumPhase(fft: RealFft, magnitude: Float32Array): Float32Array<ArrayBuffer> {
  const { size } = fft;
  const half = size / 2;
  const floor = Math.max(1e-12, magnitude.reduce((a, b) => Math.max(a, b), 0) * 10 ** (FLOOR_DB / 20));
  const logRe = magnitude.map((value) => Math.log(Math.max(value, floor)));
  const im = new Float32Array(half + 1);
  const cepstrum = new Float32Array(size);
  fft.inverse(logRe, im, cepstrum);
  for (let i = 1; i < half; i += 1) cepstrum[i]! *= 2;
  cepstrum.fill(0, half + 1);
  const re = new Float32Array(half + 1);
  fft.forward(cepstrum, re, im);
  for (let k = 0; k <= half; k += 1) {
    const gain = Math.exp(re[k]!);
    const phase = im[k]!;
    re[k] = gain * Math.cos(phase);
    im[k] = gain * Math.sin(phase);
  }
  const response = new Float32Array(size);
  fft.inverse(re, im, response);
  return response;
}
