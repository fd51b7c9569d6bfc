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

export class LoudnessProbe {
  readonly #loudness: Meter;
  readonly #truePeak: Meter;
  readonly #blocks: number[] = [];

  constructor(engine: Engine, sampleRate: number) {
    this.#loudness = engine.createMeter('loudness', sampleRate);
    this.#truePeak = engine.createMeter('true-peak', sampleRate);
  }

  /** Frames in order, mono or stereo; mono counts as dual mono. */
  add(channels: readonly Float32Array[]): void {
    const left = channels[0]!;
    const right = channels[1] ?? left;
    this.#loudness.process(left, right, (energies) => this.#blocks.push(...energies));
    this.#truePeak.process(left, right);
  }

  finish(): OutputLoudness {
    const peak = this.#truePeak.finish()[0]!;
    return { integratedLufs: programmeLoudness(this.#blocks).integratedLufs, truePeakDbtp: peak > 0 ? gainToDb(peak) : null };
  }
}
