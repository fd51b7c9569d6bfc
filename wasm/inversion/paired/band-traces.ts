/** The gain over time in bands, and where the bands end that move as one. */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import type { Stereo } from './excerpts.ts';
import type { GainTrace } from './gain-trace.ts';
import { hann } from './transfer-function.ts';

const SIZE = 1024;
export const BAND_HOP = 256;

export interface BandTrace {
  readonly trace: GainTrace;
  /** Mean square of the louder channel in the band, dB, step by step, of what enters the compressor. */
  readonly levelDb: Float64Array;
}

/**
 * @param input  what enters the compressor
 * @param before what the chain would give if it moved no level
 * @param after  the reference, aligned with it
 * @param edgesHz n + 1 edges of n bands, ascending
 * @returns per band; least squares per frame over the band's bins of both channels
 */
export function bandTraces(engine: Engine, input: Stereo, before: Stereo, after: Stereo, edgesHz: readonly number[], sampleRate: number): BandTrace[] {
  const fft = new RealFft(engine, SIZE);
  const window = hann(SIZE);
  const bins = SIZE / 2 + 1;
  const row = () => new Float32Array(bins);
  const [xr, xi, yr, yi] = [row(), row(), row(), row()];
  const frame = new Float32Array(SIZE);
  const count = Math.max(0, Math.floor((before[0].length - SIZE) / BAND_HOP) + 1);
  const bands = edgesHz.length - 1;
  const bandOf = Int8Array.from({ length: bins }, (_, k) => edgesHz.findLastIndex((edge) => edge <= (k * sampleRate) / SIZE));
  const table = () => Array.from({ length: bands }, () => new Float64Array(count));
  const [own, shared, other, level] = [table(), table(), table(), table()];
  // One-sided power of a Hann window (mean square 3/8) to the signal's mean square.
  const perPower = 2 / (SIZE * SIZE * 0.375);
  const spectrum = (signal: Float32Array, at: number, re: Float32Array, im: Float32Array) => {
    for (let i = 0; i < SIZE; i += 1) frame[i] = signal[at + i]! * window[i]!;
    fft.forward(frame, re, im);
  };
  for (const c of [0, 1] as const) {
    for (let f = 0; f < count; f += 1) {
      const at = f * BAND_HOP;
      spectrum(before[c], at, xr, xi);
      spectrum(after[c], at, yr, yi);
      for (let k = 1; k < bins; k += 1) {
        const b = bandOf[k]!;
        if (b < 0 || b >= bands) continue;
        own[b]![f]! += xr[k]! ** 2 + xi[k]! ** 2;
        shared[b]![f]! += xr[k]! * yr[k]! + xi[k]! * yi[k]!;
        other[b]![f]! += yr[k]! ** 2 + yi[k]! ** 2;
      }
      spectrum(input[c], at, xr, xi);
      const powers = new Float64Array(bands);
      for (let k = 1; k < bins; k += 1) if (bandOf[k]! >= 0 && bandOf[k]! < bands) powers[bandOf[k]!]! += xr[k]! ** 2 + xi[k]! ** 2;
      powers.forEach((p, b) => (level[b]![f] = Math.max(level[b]![f]!, p * perPower)));
    }
  }
  return own.map((x, b) => {
    const loud = x.slice().sort()[Math.floor(count * 0.95)] ?? 0;
    const gainDb = new Float64Array(count);
    const weight = new Float64Array(count);
    let held = 0;
    for (let f = 0; f < count; f += 1) {
      const [xx, xy, yy] = [x[f]!, shared[b]![f]!, other[b]![f]!];
      if (xx > loud * 1e-6 && xy > 0 && yy > 0) {
        held = 20 * Math.log10(xy / xx);
        weight[f] = Math.min(1, xx / loud) ** 0.4 * ((xy * xy) / (xx * yy)) ** 2;
      }
      gainDb[f] = held;
    }
    return { trace: { hopFrames: BAND_HOP, gainDb, weight }, levelDb: level[b]!.map((p) => 10 * Math.log10(p + 1e-12)) };
  });
}

/** A partition of a row of bands, and the mean square that is left around the groups' own traces, dB^2. */
export interface Partition {
  /** Index of the first band of each group but the first. */
  readonly cuts: readonly number[];
  readonly error: number;
}

/**
 * The best partitions of neighbouring bands into 1 to `most` groups whose gains move as one, a band's mean set aside.
 * @returns one per number of groups
 * Source: W. D. Fisher, "On grouping for maximum homogeneity", 1958 (exact, by dynamic programming).
 */
export function partitions(traces: readonly GainTrace[], most: number): Partition[] {
  const n = traces.length;
  const steps = traces[0]?.gainDb.length ?? 0;
  const total = traces.reduce((sum, t) => sum + t.weight.reduce((a, b) => a + b, 0), 1e-30);
  const means = traces.map((t) => t.gainDb.reduce((sum, g, k) => sum + g * t.weight[k]!, 0) / Math.max(1e-30, t.weight.reduce((a, b) => a + b, 0)));
  /** Error of bands i to j as one group. */
  const costs = traces.map((_, i) => {
    const [w, wg, wgg] = [new Float64Array(steps), new Float64Array(steps), new Float64Array(steps)];
    return traces.slice(i).map((trace, d) => {
      let cost = 0;
      for (let k = 0; k < steps; k += 1) {
        const [weight, g] = [trace.weight[k]!, trace.gainDb[k]! - means[i + d]!];
        w[k]! += weight;
        wg[k]! += weight * g;
        wgg[k]! += weight * g * g;
        if (w[k]! > 1e-12) cost += wgg[k]! - wg[k]! ** 2 / w[k]!;
      }
      return cost / total;
    });
  });
  let rows: Partition[] = Array.from({ length: n + 1 }, (_, end) => ({ cuts: [], error: end === 0 ? 0 : costs[0]![end - 1]! }));
  const found = [rows[n]!];
  for (let groups = 2; groups <= Math.min(most, n); groups += 1) {
    const before = rows;
    rows = before.map((same, end) => {
      let best = same;
      for (let cut = groups - 1; cut < end; cut += 1) {
        const error = before[cut]!.error + costs[cut]![end - 1 - cut]!;
        if (error < best.error) best = { cuts: [...before[cut]!.cuts, cut], error };
      }
      return best;
    });
    found.push(rows[n]!);
  }
  return found;
}
