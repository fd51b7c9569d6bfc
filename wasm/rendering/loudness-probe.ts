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
      let peak = this.#peak;
      for (let i = at; i < end; i += 1) peak = Math.max(peak, Math.abs(left[i]!), Math.abs(right[i]!));
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
