/** Loudness and true peak of what flows by. */
import { gainToDb } from '../../shared/units.ts';
import { programmeLoudness } from '../analysis/programme-loudness.ts';
import type { Engine, Meter } from '../host/engine.ts';

export interface OutputLoudness {
  /** ITU-R BS.1770, gated; null where nothing passes the gate. */
  readonly integratedLufs: number | null;
  /** Null for silence. */
  readonly truePeakDbtp: number | null;
}

/** What a guess at the loudness behind a limiter needs, one value per 100 ms. */
export interface LoudnessProfile {
  /** K-weighted mean square, left plus right. */
  readonly energies: readonly number[];
  /** Highest sample of both channels. */
  readonly peaks: readonly number[];
}

/** Highest magnitude of a stretch. Two comparisons and no `Math.max`, which asks after NaN and the sign of zero each time. */
function highest(row: Float32Array, from: number, end: number): number {
  let [top, bottom] = [0, 0];
  for (let i = from; i < end; i += 1) {
    const x = row[i]!;
    if (x > top) top = x;
    else if (x < bottom) bottom = x;
  }
  return Math.max(top, -bottom);
}

export class LoudnessProbe {
  readonly #loudness: Meter;
  readonly #truePeak: Meter;
  readonly #stepFrames: number;
  readonly #energies: number[] = [];
  readonly #peaks: number[] = [];
  #peak = 0;
  #filled = 0;

  constructor(engine: Engine, sampleRate: number) {
    this.#loudness = engine.createMeter('loudness', sampleRate);
    this.#truePeak = engine.createMeter('true-peak', sampleRate);
    this.#stepFrames = Math.round(sampleRate / 10);
  }

  /** Frames in order, mono or stereo; mono counts as dual mono. */
  add(channels: readonly Float32Array[]): void {
    const left = channels[0]!;
    const right = channels[1] ?? left;
    this.#loudness.process(left, right, (energies) => this.#energies.push(...energies));
    this.#truePeak.process(left, right);
    for (let at = 0; at < left.length; ) {
      const end = Math.min(left.length, at + this.#stepFrames - this.#filled);
      const peak = Math.max(this.#peak, highest(left, at, end), right === left ? 0 : highest(right, at, end));
      this.#filled += end - at;
      this.#peak = peak;
      at = end;
      if (this.#filled < this.#stepFrames) continue;
      this.#peaks.push(peak);
      this.#peak = 0;
      this.#filled = 0;
    }
  }

  finish(): OutputLoudness {
    const peak = this.#truePeak.finish()[0]!;
    return { integratedLufs: programmeLoudness(this.#energies).integratedLufs, truePeakDbtp: peak > 0 ? gainToDb(peak) : null };
  }

  get profile(): LoudnessProfile {
    return { energies: this.#energies, peaks: this.#peaks };
  }
}
