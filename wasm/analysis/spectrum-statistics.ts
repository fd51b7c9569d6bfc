/** STFT and mel statistics, onsets and bandwidth from meter `spectrum`. */
import type { Features, SpectrumStatistics } from '../../shared/features.ts';
import { powerToDb } from '../../shared/units.ts';
import { percentile } from './programme-loudness.ts';

export const STFT_SIZE = 2048;
export const STFT_HOP_FRAMES = 512;
export const MEL_BANDS = 128;
const BINS = STFT_SIZE / 2 + 1;
const FLOOR_POWER = 1e-12;

export interface Spectra {
  readonly stft: Features['stft'];
  readonly mel: Features['mel'];
  readonly bandwidthHz: number;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** @param finished what the meter's `finish` answers: frame count, then five values per row */
export function spectraOf(finished: Float64Array, sampleRate: number): Spectra {
  const rows = (first: number, count: number): SpectrumStatistics => {
    const column = (k: number) => Array.from({ length: count }, (_, row) => rounded(finished[1 + 5 * (first + row) + k]!));
    return {
      meanDb: Array.from({ length: count }, (_, row) => rounded(powerToDb(finished[1 + 5 * (first + row)]! + FLOOR_POWER))),
      stdDb: column(1),
      p10Db: column(2),
      p50Db: column(3),
      p95Db: column(4),
    };
  };
  const stft = rows(0, BINS);
  return {
    stft: { ...stft, fftSize: STFT_SIZE, hopFrames: STFT_HOP_FRAMES, frameCount: finished[0]! },
    mel: { ...rows(BINS, MEL_BANDS), bands: MEL_BANDS },
    bandwidthHz: bandwidth(stft.p95Db, sampleRate),
  };
}

/**
 * Highest frequency with content: the last bin, from above, whose loud moments lie within 55 dB of the upper midrange's
 * and over the noise that rounding leaves. A codec's low-pass shows as a cliff.
 */
function bandwidth(p95Db: readonly number[], sampleRate: number): number {
  const binHz = sampleRate / STFT_SIZE;
  const middle = p95Db.slice(Math.floor(500 / binHz), Math.max(Math.floor(500 / binHz) + 1, Math.floor(4000 / binHz)));
  const loud = percentile(middle.toSorted((a, b) => a - b), 0.75);
  const limit = Math.max(loud - 55, -105);
  for (let bin = BINS - 2; bin > 1; bin -= 1) {
    if (p95Db[bin]! > limit && p95Db[bin - 1]! > limit) return (bin + 0.5) * binHz;
  }
  return 0;
}

export class Onsets {
  readonly #flux: number[] = [];
  readonly #power: number[] = [];

  add(values: Float64Array): void {
    for (let at = 0; at + 1 < values.length; at += 2) {
      this.#power.push(values[at]!);
      this.#flux.push(values[at + 1]!);
    }
  }

  /**
   * Peaks of spectral flux over a moving median, per second of audible material.
   * Source: Dixon, Onset detection revisited, DAFx 2006 (peak picking on half-wave rectified flux).
   */
  perSecond(sampleRate: number): number {
    const frameSeconds = STFT_HOP_FRAMES / sampleRate;
    const reach = Math.max(2, Math.round(0.03 / frameSeconds));
    const context = Math.round(0.1 / frameSeconds);
    const loudest = this.#power.reduce((high, power) => Math.max(high, power), 0);
    let [count, audible, last] = [0, 0, -Infinity];
    for (let i = 0; i < this.#flux.length; i += 1) {
      if (this.#power[i]! < loudest * 1e-4) continue;
      audible += 1;
      const flux = this.#flux[i]!;
      if ((i - last) * frameSeconds <= 0.04 || !this.#isHighest(i, reach)) continue;
      const around = this.#flux.slice(Math.max(0, i - context), i + context + 1).toSorted((a, b) => a - b);
      if (flux <= percentile(around, 0.5) + 0.12) continue;
      count += 1;
      last = i;
    }
    return audible === 0 ? 0 : count / (audible * frameSeconds);
  }
  #isHighest(at: number, reach: number): boolean {
    const flux = this.#flux[at]!;
    const end = Math.min(this.#flux.length, at + reach + 1);
    for (let i = Math.max(0, at - reach); i < end; i += 1) if (this.#flux[i]! > flux) return false;
    return true;
  }
}
