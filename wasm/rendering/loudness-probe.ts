/** Loudness and true peak of what flows by. */
import { gainToDb } from '../../shared/units.ts';
import { integratedLoudness } from '../analysis/programme-loudness.ts';
import type { Engine } from '../host/engine.ts';
import type { Meter } from '../host/meters.ts';

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

/** What was measured of a stretch; stretches in a row make a whole. */
export interface MeasuredPiece extends LoudnessProfile {
  /** Gain, 0 for silence. */
  readonly truePeak: number;
}

/** Stretches that follow each other, as one. */
export const joinedPieces = (pieces: readonly MeasuredPiece[]): MeasuredPiece => ({
  energies: pieces.flatMap(({ energies }) => energies),
  peaks: pieces.flatMap(({ peaks }) => peaks),
  truePeak: pieces.reduce((high, { truePeak }) => Math.max(high, truePeak), 0),
});

export const loudnessOf = ({ energies, truePeak }: MeasuredPiece): OutputLoudness => ({
  integratedLufs: integratedLoudness(energies),
  truePeakDbtp: truePeak > 0 ? gainToDb(truePeak) : null,
});

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
  readonly #sampleRate: number;
  readonly #withPeaks: boolean;
  readonly #energies: number[] = [];
  readonly #peaks: number[] = [];
  #peak = 0;
  #frames = 0;

  /** @param withPeaks false: the pieces come without `peaks` */
  constructor(engine: Engine, sampleRate: number, withPeaks = true) {
    this.#loudness = engine.createMeter('loudness', sampleRate);
    this.#truePeak = engine.createMeter('true-peak', sampleRate);
    this.#sampleRate = sampleRate;
    this.#withPeaks = withPeaks;
  }

  /** Frames in order, mono or stereo; mono counts as dual mono. */
  add(channels: readonly Float32Array[]): void {
    const left = channels[0]!;
    const right = channels[1] ?? left;
    this.#loudness.process(left, right, (energies) => this.#energies.push(...energies));
    this.#truePeak.process(left, right);
    if (!this.#withPeaks) return;
    for (let at = 0; at < left.length; ) {
      // The steps of the loudness meter.
      const boundary = Math.round(((this.#peaks.length + 1) * this.#sampleRate) / 10);
      const end = Math.min(left.length, at + boundary - this.#frames);
      this.#peak = Math.max(this.#peak, highest(left, at, end), right === left ? 0 : highest(right, at, end));
      this.#frames += end - at;
      at = end;
      if (this.#frames < boundary) continue;
      this.#peaks.push(this.#peak);
      this.#peak = 0;
    }
  }

  /**
   * Ends the measurement.
   * @param dropSteps  100 ms steps at the start that do not count
   * @param isLast  silence follows: the peak of the last 24 frames is known only then, or from the piece that follows
   */
  piece(dropSteps = 0, isLast = true): MeasuredPiece {
    const peaks = this.#truePeak.finish();
    return { energies: this.#energies.slice(dropSteps), peaks: this.#peaks.slice(dropSteps), truePeak: peaks[isLast ? 0 : 1]! };
  }
}
