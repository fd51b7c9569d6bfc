/** One channel of one FLAC frame: predictor and residual. Source: RFC 9639, section 9.2. */
import { AppError } from '../../shared/errors.ts';
import type { FlacBits } from './flac-bits.ts';

/** [9.2.5] Fixed predictors of order 0 to 4: coefficients of the samples before, nearest first. */
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]] as const;

/** @param width bits per sample, 4 to 25 */
export function decodeSubframe(bits: FlacBits, frames: number, width: number): Int32Array {
  bits.read(1);
  const type = bits.read(6);
  const wasted = bits.read(1) === 1 ? bits.readUnary() + 1 : 0;
  const depth = width - wasted;
  if (depth < 1) throw new AppError('audio/decode-failed');
  const samples = new Int32Array(frames);
  if (type === 0) samples.fill(bits.readSigned(depth));
  else if (type === 1) for (let i = 0; i < frames; i += 1) samples[i] = bits.readSigned(depth);
  else if (type >= 8 && type <= 12) decodeFixed(bits, samples, type - 8, depth);
  else if (type >= 32) decodeLinear(bits, samples, type - 31, depth);
  else throw new AppError('audio/decode-failed');
  if (wasted > 0) for (let i = 0; i < frames; i += 1) samples[i]! <<= wasted;
  return samples;
}

function decodeFixed(bits: FlacBits, samples: Int32Array, order: number, depth: number): void {
  for (let i = 0; i < order; i += 1) samples[i] = bits.readSigned(depth);
  readResidual(bits, samples, order);
  // 25 bits and coefficients that sum to 15 in magnitude
  predict(samples, FIXED[order]!, 0, true);
}

function decodeLinear(bits: FlacBits, samples: Int32Array, order: number, depth: number): void {
  for (let i = 0; i < order; i += 1) samples[i] = bits.readSigned(depth);
  const precision = bits.read(4) + 1;
  const shift = bits.readSigned(5);
  if (precision === 16 || shift < 0) throw new AppError('audio/decode-failed');
  const coefficients = Array.from({ length: order }, () => bits.readSigned(precision));
  readResidual(bits, samples, order);
  predict(samples, coefficients, shift, depth + precision + Math.ceil(Math.log2(order)) <= 32);
}

/** Adds the prediction to the residual in place. @param fits the sum of products fits 32 bits */
function predict(samples: Int32Array, coefficients: readonly number[], shift: number, fits: boolean): void {
  const order = coefficients.length;
  const taps = Int32Array.from(coefficients);
  if (fits) {
    for (let i = order; i < samples.length; i += 1) {
      let sum = 0;
      for (let k = 0; k < order; k += 1) sum = (sum + Math.imul(taps[k]!, samples[i - 1 - k]!)) | 0;
      samples[i]! += sum >> shift;
    }
    return;
  }
  // Doubles hold integers to 2^53; 25 + 15 + 5 bits fit.
  const scale = 2 ** -shift;
  for (let i = order; i < samples.length; i += 1) {
    let sum = 0;
    for (let k = 0; k < order; k += 1) sum += taps[k]! * samples[i - 1 - k]!;
    samples[i]! += Math.floor(sum * scale);
  }
}

/** [9.2.7] Rice-coded residual, in partitions. */
function readResidual(bits: FlacBits, samples: Int32Array, order: number): void {
  const method = bits.read(2);
  if (method > 1) throw new AppError('audio/decode-failed');
  const parameterBits = method === 0 ? 4 : 5;
  const escape = (1 << parameterBits) - 1;
  const partitions = 1 << bits.read(4);
  const length = samples.length / partitions;
  if (!Number.isInteger(length) || length < order) throw new AppError('audio/decode-failed');
  for (let partition = 0, i = order; partition < partitions; partition += 1) {
    const end = (partition + 1) * length;
    const parameter = bits.read(parameterBits);
    if (parameter === escape) {
      const raw = bits.read(5);
      for (; i < end; i += 1) samples[i] = raw === 0 ? 0 : bits.readSigned(raw);
      continue;
    }
    for (; i < end; i += 1) {
      const folded = (bits.readUnary() << parameter) | bits.read(parameter);
      samples[i] = (folded >>> 1) ^ -(folded & 1);
    }
  }
}
