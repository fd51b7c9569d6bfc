/** The gain between two aligned signals over time: what a compressor or limiter did, moment by moment. */
import type { Stereo } from './excerpts.ts';

export interface GainTrace {
  readonly hopFrames: number;
  /** dB, one value per hop. */
  readonly gainDb: Float64Array;
  /** How far a value can be trusted: energy of the moment, compressed, times the agreement of the signals. */
  readonly weight: Float64Array;
}

/** First difference, leaky: music falls by about 6 dB an octave, so that every octave counts here. */
const EMPHASIS = 0.9;

/** A signal's first differences and their energy per step: half of a trace, kept where one signal meets many others. */
export interface TraceBase {
  readonly hopFrames: number;
  readonly differences: Stereo;
  readonly energy: Float64Array;
}

const leaky = (x: Float32Array): Float32Array => {
  const d = new Float32Array(x.length);
  for (let i = 1; i < x.length; i += 1) d[i] = x[i]! - EMPHASIS * x[i - 1]!;
  return d;
};

export function traceBase(before: Stereo, hopFrames: number): TraceBase {
  const differences: Stereo = [leaky(before[0]), leaky(before[1])];
  const energy = new Float64Array(Math.max(1, Math.floor(before[0].length / hopFrames)));
  for (const d of differences) {
    for (let k = 0; k < energy.length; k += 1) {
      let sum = 0;
      for (let i = k * hopFrames; i < Math.min(d.length, (k + 1) * hopFrames); i += 1) sum += d[i]! * d[i]!;
      energy[k]! += sum;
    }
  }
  return { hopFrames, differences, energy };
}

/**
 * @param before frames, full scale ±1
 * @param after  same length, aligned, linear filters between them taken out
 * @param hopFrames step; the window is two steps of a triangle
 *
 * Least squares per window over both channels: sum(before after) / sum(before^2). Cost: one pass.
 */
export const gainTrace = (before: Stereo, after: Stereo, hopFrames: number): GainTrace => gainTraceOn(traceBase(before, hopFrames), after);

export function gainTraceOn({ hopFrames, differences, energy }: TraceBase, after: Stereo): GainTrace {
  const count = energy.length;
  const shared = new Float64Array(count);
  const own = new Float64Array(count);
  for (const c of [0, 1] as const) {
    const dx = differences[c];
    const y = after[c];
    for (let k = 0; k < count; k += 1) {
      let [xy, yy] = [0, 0];
      for (let i = Math.max(1, k * hopFrames), end = Math.min(y.length, (k + 1) * hopFrames); i < end; i += 1) {
        const dy = y[i]! - EMPHASIS * y[i - 1]!;
        xy += dx[i]! * dy;
        yy += dy * dy;
      }
      shared[k]! += xy;
      own[k]! += yy;
    }
  }
  const gainDb = new Float64Array(count);
  const weight = new Float64Array(count);
  const around = (row: Float64Array, k: number) => 0.5 * row[k]! + 0.25 * (row[Math.max(0, k - 1)]! + row[Math.min(count - 1, k + 1)]!);
  const smoothed = Float64Array.from({ length: count }, (_, k) => around(energy, k));
  const loud = smoothed.slice().sort()[Math.floor(count * 0.95)] ?? 0;
  const floor = Math.max(1e-12 * hopFrames, loud * 1e-6);
  let held = 0;
  for (let k = 0; k < count; k += 1) {
    const xx = smoothed[k]!;
    const xy = around(shared, k);
    const yy = around(own, k);
    if (xx > floor && xy > 0) {
      const agreement = (xy * xy) / (xx * yy);
      held = 20 * Math.log10(xy / xx);
      weight[k] = Math.min(1, xx / loud) ** 0.4 * agreement ** 2;
    }
    gainDb[k] = held;
  }
  return { hopFrames, gainDb, weight };
}

/** Weighted mean and standard deviation of a trace, dB. */
export function traceStatistics(trace: GainTrace): { meanDb: number; deviationDb: number } {
  let [w, wg, wgg] = [1e-30, 0, 0];
  trace.gainDb.forEach((g, k) => {
    w += trace.weight[k]!;
    wg += trace.weight[k]! * g;
    wgg += trace.weight[k]! * g * g;
  });
  const meanDb = wg / w;
  return { meanDb, deviationDb: Math.sqrt(Math.max(0, wgg / w - meanDb ** 2)) };
}

/** A trace averaged over `reach` steps on each side, by weight, so that silence takes its neighbours' value. */
export function smoothTrace(trace: GainTrace, reach: number): Float64Array {
  const { gainDb, weight } = trace;
  const { meanDb } = traceStatistics(trace);
  return gainDb.map((_, k) => {
    let [w, wg] = [1e-6, 1e-6 * meanDb];
    for (let j = Math.max(0, k - reach); j <= Math.min(gainDb.length - 1, k + reach); j += 1) {
      w += weight[j]!;
      wg += weight[j]! * gainDb[j]!;
    }
    return wg / w;
  });
}

/** A signal with a trace's deviation from its mean divided out; between two steps the factor goes in a straight line. */
export function withoutGain(signal: Float32Array, gainDb: ArrayLike<number>, meanDb: number, hopFrames: number): Float32Array {
  const factors = Float64Array.from(gainDb, (db) => 10 ** ((meanDb - db) / 20));
  const last = factors.length - 1;
  const out = new Float32Array(signal.length);
  for (let i = 0; i < out.length; i += 1) {
    const position = i / hopFrames - 0.5;
    const k = Math.min(last, Math.max(0, Math.floor(position)));
    const mix = Math.min(1, Math.max(0, position - k));
    out[i] = signal[i]! * (factors[k]! + (factors[Math.min(last, k + 1)]! - factors[k]!) * mix);
  }
  return out;
}
