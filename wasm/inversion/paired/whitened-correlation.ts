/** Where a short signal lies in a longer one, by correlation of the phases alone. */
import type { Engine } from '../../host/engine.ts';
import { emptySpectrum, LongFft, multiplyConjugate, transformSize } from './long-fft.ts';

export interface CorrelationPeak {
  /** Position of the short signal's start in the long one. */
  readonly delaySeconds: number;
  /** Height of the peak over the RMS of everything else. */
  readonly score: number;
}

const LOW_HZ = 100;

/**
 * @param piece frames, the signal looked for
 * @param field frames, longer: where it is looked for
 *
 * Source: C. Knapp, G. C. Carter, 1976, phase transform. Departs from it: only above 100 Hz, where hum is not.
 */
export function correlationPeak(engine: Engine, piece: Float32Array, field: Float32Array, sampleRate: number): CorrelationPeak {
  const size = transformSize(piece.length + field.length);
  const fft = new LongFft(engine, size);
  const [x, y] = [emptySpectrum(size), emptySpectrum(size)];
  fft.forward(piece, x);
  fft.forward(field, y);
  multiplyConjugate(x, y, x);
  const lowBin = Math.ceil((LOW_HZ / sampleRate) * size);
  const highBin = Math.floor(0.46 * size);
  for (let k = 0; k < x.re.length; k += 1) {
    const magnitude = k < lowBin || k > highBin ? 0 : Math.hypot(x.re[k]!, x.im[k]!);
    const scale = magnitude > 1e-20 ? 1 / magnitude : 0;
    x.re[k]! *= scale;
    x.im[k]! *= scale;
  }
  const correlation = new Float32Array(size);
  fft.inverse(x, correlation);
  const lags = Math.max(1, field.length - Math.floor(piece.length / 2));
  const early = Math.floor(piece.length / 2);
  let best = 0;
  let sum = 0;
  // Lags from -early (the piece begins before the field) to where half of the piece still lies inside.
  for (let lag = -early; lag < lags; lag += 1) {
    const value = correlation[lag < 0 ? lag + size : lag]!;
    sum += value * value;
    if (Math.abs(value) > Math.abs(correlation[best < 0 ? best + size : best]!)) best = lag;
  }
  const peak = Math.abs(correlation[best < 0 ? best + size : best]!);
  const background = Math.sqrt(Math.max(0, sum - peak * peak) / (lags + early - 1));
  return { delaySeconds: best / sampleRate, score: background > 0 ? peak / background : 0 };
}
