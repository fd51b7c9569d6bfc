/**
 * How a block of one channel is best told in FLAC: which predictor, and with which Rice parameters what it leaves.
 * Source: RFC 9639, "Free Lossless Audio Codec (FLAC)"; numbers in brackets name its sections.
 */
import type { BitWriter } from './bit-writer.ts';

const MOST_FIXED_ORDER = 4;
/** [9.2.7] As finely as the reference encoder's best presets divide (-r 6). */
const MOST_PARTITION_ORDER = 6;
const MOST_RICE = 30;
/** [9.2.6] Linear prediction of the order the reference encoder has by default (-l 8). */
const LPC_ORDER = 8;
const LPC_PRECISION = 14;
const MOST_SHIFT = 15;

export interface Prediction {
  /** Bits of the whole subframe. */
  readonly bits: number;
  write(out: BitWriter): void;
}

interface Partitions {
  readonly order: number;
  readonly parameters: Uint8Array;
  readonly bits: number;
}

const zigzag = (residual: number): number => (residual << 1) ^ (residual >> 31);

/** [9.2.7] The division into partitions, and the parameter of each, that takes the fewest bits. */
function bestPartitions(residual: Int32Array, order: number): Partitions {
  const frames = residual.length;
  let finest = MOST_PARTITION_ORDER;
  while (finest > 0 && (frames % 2 ** finest !== 0 || frames / 2 ** finest <= order)) finest -= 1;
  let sums = new Float64Array(2 ** finest);
  const width = frames / sums.length;
  for (let i = order; i < frames; i += 1) sums[Math.floor(i / width)]! += zigzag(residual[i]!) >>> 0;
  let best: Partitions | null = null;
  for (let depth = finest; depth >= 0; depth -= 1) {
    const parameters = new Uint8Array(sums.length);
    let bits = 6;
    for (let part = 0; part < sums.length; part += 1) {
      const count = frames / sums.length - (part === 0 ? order : 0);
      // The mean tells the parameter within one (Golomb 1966); exact costs are not worth another pass.
      const mean = sums[part]! / Math.max(1, count);
      const parameter = Math.min(MOST_RICE, Math.max(0, Math.ceil(Math.log2((mean + 1) * 0.6931))));
      parameters[part] = parameter;
      bits += 5 + count * (1 + parameter) + sums[part]! / 2 ** parameter;
    }
    if (!best || bits < best.bits) best = { order: depth, parameters, bits };
    sums = Float64Array.from({ length: sums.length >> 1 }, (_, i) => sums[2 * i]! + sums[2 * i + 1]!);
  }
  return best!;
}

function writeResidual(out: BitWriter, residual: Int32Array, order: number, { order: depth, parameters }: Partitions): void {
  // Method 1: parameters of five bits, which samples of 24 bits need.
  out.write(1, 2);
  out.write(depth, 4);
  const width = residual.length / parameters.length;
  for (let part = 0, at = order; part < parameters.length; part += 1) {
    const parameter = parameters[part]!;
    out.write(parameter, 5);
    for (const end = (part + 1) * width; at < end; at += 1) {
      const folded = zigzag(residual[at]!) >>> 0;
      out.unary(parameter === 0 ? folded : folded >>> parameter);
      if (parameter > 0) out.write(folded & (2 ** parameter - 1), parameter);
    }
  }
}

const writeHead = (out: BitWriter, type: number): void => {
  out.write(0, 1);
  out.write(type, 6);
  out.write(0, 1);
};

/** [9.2.5] The differences of one order from those of the order before, in place from `order` on. */
function difference(residual: Int32Array, order: number): void {
  for (let i = residual.length - 1; i >= order; i -= 1) residual[i] = residual[i]! - residual[i - 1]!;
}

function fixed(samples: Int32Array, width: number): Prediction {
  const row = samples.slice();
  let [best, bestSum] = [0, Infinity];
  for (let order = 0; order <= Math.min(MOST_FIXED_ORDER, samples.length - 1); order += 1) {
    if (order > 0) difference(row, order);
    let sum = 0;
    for (let i = MOST_FIXED_ORDER; i < row.length; i += 1) sum += Math.abs(row[i]!);
    if (sum < bestSum) [best, bestSum] = [order, sum];
  }
  const residual = samples.slice();
  for (let order = 1; order <= best; order += 1) difference(residual, order);
  return predicted(samples, residual, best, width, 8 + best, () => undefined, 0);
}

/** [9.2.6] Coefficients by the autocorrelation method (Levinson 1947, Durbin 1960) of the block under a Welch window. */
function linear(samples: Int32Array, width: number): Prediction | null {
  const frames = samples.length;
  if (frames <= 4 * LPC_ORDER) return null;
  const windowed = Float64Array.from(samples, (sample, i) => sample * (1 - ((2 * i) / (frames - 1) - 1) ** 2));
  const auto = new Float64Array(LPC_ORDER + 1);
  for (let lag = 0; lag <= LPC_ORDER; lag += 1) for (let i = lag; i < frames; i += 1) auto[lag]! += windowed[i]! * windowed[i - lag]!;
  if (!(auto[0]! > 0)) return null;
  const coefficients = new Float64Array(LPC_ORDER);
  let error = auto[0]!;
  for (let order = 0; order < LPC_ORDER; order += 1) {
    let reflection = auto[order + 1]!;
    for (let j = 0; j < order; j += 1) reflection -= coefficients[j]! * auto[order - j]!;
    reflection /= error;
    const before = coefficients.slice(0, order);
    for (let j = 0; j < order; j += 1) coefficients[j] = before[j]! - reflection * before[order - 1 - j]!;
    coefficients[order] = reflection;
    error *= 1 - reflection * reflection;
    if (!(error > 0)) return null;
  }
  const most = Math.max(...coefficients.map(Math.abs));
  const shift = Math.min(MOST_SHIFT, LPC_PRECISION - 2 - Math.floor(Math.log2(most)));
  if (shift < 0) return null;
  const limit = 2 ** (LPC_PRECISION - 1);
  const whole = Int32Array.from(coefficients, (value) => Math.min(limit - 1, Math.max(-limit, Math.round(value * 2 ** shift))));
  const scale = 2 ** shift;
  const residual = samples.slice();
  for (let i = LPC_ORDER; i < frames; i += 1) {
    // 14 bits times 25 bits times eight do not fit 32: counted in doubles, exact to 53.
    let sum = 0;
    for (let j = 0; j < LPC_ORDER; j += 1) sum += whole[j]! * samples[i - 1 - j]!;
    const left = samples[i]! - Math.floor(sum / scale);
    if (left > 0x3fff_ffff || left < -0x4000_0000) return null;
    residual[i] = left;
  }
  const writeCoefficients = (out: BitWriter) => {
    out.write(LPC_PRECISION - 1, 4);
    out.write(shift, 5);
    for (const value of whole) out.write(value, LPC_PRECISION);
  };
  return predicted(samples, residual, LPC_ORDER, width, 32 + LPC_ORDER - 1, writeCoefficients, 9 + LPC_ORDER * LPC_PRECISION);
}

function predicted(samples: Int32Array, residual: Int32Array, order: number, width: number, type: number, middle: (out: BitWriter) => void, middleBits: number): Prediction {
  const partitions = bestPartitions(residual, order);
  return {
    bits: 8 + order * width + middleBits + partitions.bits,
    write(out) {
      writeHead(out, type);
      for (let i = 0; i < order; i += 1) out.write(samples[i]!, width);
      middle(out);
      writeResidual(out, residual, order, partitions);
    },
  };
}

/**
 * The shortest of the ways this encoder knows.
 *
 * @param samples  of one channel, or a difference of two; at most 25 bits
 * @param width  bits of a sample, 1 to 25
 */
export function bestPrediction(samples: Int32Array, width: number): Prediction {
  if (samples.every((sample) => sample === samples[0])) {
    return {
      bits: 8 + width,
      write(out) {
        writeHead(out, 0);
        out.write(samples[0] ?? 0, width);
      },
    };
  }
  const ways = [fixed(samples, width), linear(samples, width)].filter((way) => way !== null);
  const shortest = ways.reduce((best, way) => (way.bits < best.bits ? way : best));
  const verbatimBits = 8 + samples.length * width;
  if (shortest.bits < verbatimBits) return shortest;
  return {
    bits: verbatimBits,
    write(out) {
      writeHead(out, 1);
      for (const sample of samples) out.write(sample, width);
    },
  };
}
