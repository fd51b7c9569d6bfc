/**
 * A compressor in a few lines, on levels instead of samples: good enough to tell which of a thousand settings are near,
 * so that the engine's own compressor has to be run for a few only.
 */
import type { Stereo } from './excerpts.ts';
import type { GainTrace } from './gain-trace.ts';

/** Level of the louder channel per step of a trace, dB; peak and mean square. */
export function levels(signal: Stereo, hopFrames: number): { peakDb: Float64Array; rmsDb: Float64Array } {
  const count = Math.max(1, Math.floor(signal[0].length / hopFrames));
  const peakDb = new Float64Array(count);
  const rmsDb = new Float64Array(count);
  for (let k = 0; k < count; k += 1) {
    let peak = 0;
    const sums = [0, 0];
    for (const c of [0, 1] as const) {
      const channel = signal[c];
      for (let i = k * hopFrames; i < (k + 1) * hopFrames; i += 1) {
        const x = channel[i]!;
        sums[c]! += x * x;
        peak = Math.max(peak, Math.abs(x));
      }
    }
    peakDb[k] = 20 * Math.log10(peak + 1e-6);
    rmsDb[k] = 10 * Math.log10(Math.max(sums[0]!, sums[1]!) / hopFrames + 1e-12);
  }
  return { peakDb, rmsDb };
}

export interface CoarseCompressor {
  readonly thresholdDb: number;
  /** 1 - 1 / ratio: dB of reduction per dB over the threshold; negative expands. */
  readonly slope: number;
  readonly attackMs: number;
  readonly releaseMs: number;
  readonly usesRms: boolean;
  /** Gain where nothing is over the threshold. */
  readonly gainDb: number;
  /** Weighted mean square error, dB^2. */
  readonly error: number;
}

const ATTACKS_MS = [1, 4, 12, 35, 100, 280];
const RELEASES_MS = [15, 45, 110, 250, 600, 1400, 3000];
const KNEE_DB = 4;

/** How far over the threshold, with a quadratic knee. */
function over(levelDb: number, thresholdDb: number): number {
  const x = levelDb - thresholdDb;
  if (x <= -KNEE_DB / 2) return 0;
  return x >= KNEE_DB / 2 ? x : (x + KNEE_DB / 2) ** 2 / (2 * KNEE_DB);
}

/**
 * Settings whose gain follows a trace best; the slope and the gain in closed form for every threshold, attack, release
 * and detector of a grid.
 *
 * @returns up to `count` settings, the best first, no two alike
 * Cost: about 50 ms for 10 s at steps of 2.5 ms.
 * Source: D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 2012 (smooth, decoupled).
 */
export function coarseCompressors(input: readonly Stereo[], traces: readonly GainTrace[], sampleRate: number, count: number): CoarseCompressor[] {
  const hop = traces[0]!.hopFrames;
  const stepMs = (1000 * hop) / sampleRate;
  const measured = input.map((signal) => levels(signal, hop));
  return compressorsOn([{ usesRms: true, levelsDb: measured.map((m) => smoothed(m.rmsDb, stepMs)) }, { usesRms: false, levelsDb: measured.map((m) => m.peakDb) }], traces, stepMs, count);
}

/** Levels as a detector would hear them, one row per trace. */
export interface Detected {
  readonly usesRms: boolean;
  readonly levelsDb: readonly Float64Array[];
}

/** The same on levels that are measured already, in `stepMs`. */
export function compressorsOn(detected: readonly Detected[], traces: readonly GainTrace[], stepMs: number, count: number): CoarseCompressor[] {
  const all: CoarseCompressor[] = [];
  for (const { usesRms, levelsDb: rows } of detected) {
    const sorted = rows.flatMap((row) => [...row]).filter((l) => l > -80).sort((a, b) => a - b);
    if (sorted.length < 50) continue;
    const high = sorted[Math.floor(0.98 * sorted.length)]!;
    const low = Math.max(high - 45, sorted[Math.floor(0.1 * sorted.length)]!);
    for (let t = 0; t < 14; t += 1) {
      const thresholdDb = low + ((high - low) * (t + 0.5)) / 14;
      const overs = rows.map((row) => row.map((l) => over(l, thresholdDb)));
      for (const attackMs of ATTACKS_MS) {
        for (const releaseMs of RELEASES_MS) {
          const rise = Math.exp(-stepMs / attackMs);
          const fall = Math.exp(-stepMs / releaseMs);
          let [w, x, y, xx, xy, yy] = [1e-30, 0, 0, 0, 0, 0];
          overs.forEach((row, e) => {
            const { gainDb, weight } = traces[e]!;
            let held = 0;
            for (let k = 0; k < row.length; k += 1) {
              const now = row[k]!;
              held = now > held ? now + (held - now) * rise : now + (held - now) * fall;
              const wk = weight[k] ?? 0;
              w += wk;
              x += wk * held;
              y += wk * gainDb[k]!;
              xx += wk * held * held;
              xy += wk * held * gainDb[k]!;
              yy += wk * gainDb[k]! * gainDb[k]!;
            }
          });
          const sxx = xx - (x * x) / w;
          const sxy = xy - (x * y) / w;
          if (sxx < 1e-9 * w) continue;
          const slope = Math.min(0.98, Math.max(-1, -sxy / sxx));
          const error = (yy - (y * y) / w + 2 * slope * sxy + slope * slope * sxx) / w;
          all.push({ thresholdDb, slope, attackMs, releaseMs, usesRms, gainDb: y / w + (slope * x) / w, error });
        }
      }
    }
  }
  all.sort((a, b) => a.error - b.error);
  const chosen: CoarseCompressor[] = [];
  for (const c of all) {
    const isNew = chosen.every((d) => d.usesRms !== c.usesRms || Math.abs(Math.log(d.releaseMs / c.releaseMs)) + Math.abs(Math.log(d.attackMs / c.attackMs)) > 1);
    if (isNew) chosen.push(c);
    if (chosen.length >= count) break;
  }
  return chosen;
}

/** Mean square over about 10 ms. */
function smoothed(rmsDb: Float64Array, stepMs: number): Float64Array {
  const keep = Math.exp(-stepMs / 10);
  let power = 0;
  return rmsDb.map((l) => {
    power = power * keep + 10 ** (l / 10) * (1 - keep);
    return 10 * Math.log10(power + 1e-12);
  });
}
