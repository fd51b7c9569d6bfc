/**
 * Clicks: single wrong samples, short bursts, steps and splices. With or without the clean counterpart.
 *
 * Second differences name candidates (a peak over their level in the 5 ms before and after). For each, linear prediction is
 * learnt on the 20 ms on either side, and what it cannot predict is looked at: a click is a peak far over a level that is
 * the same before and after (an attack goes on, a click does not), and the only one (a pulse of a buzzing sound comes
 * again).
 * With the clean counterpart, candidates may be fainter, and one that the counterpart has too is left out.
 *
 * Source: S. V. Vaseghi and P. J. W. Rayner, Detection and suppression of impulsive noise in speech communication systems,
 * IEE Proc. I 137(1), 1990; S. J. Godsill and P. J. W. Rayner, Digital Audio Restoration, Springer 1998, chapter 5.
 * Departs from it: prediction is learnt beside the candidate, not over it, and only where there is one.
 */
import { type Finder, type Finding, type Stretch, windowScale } from './finding.ts';
import { addAutocorrelation, predictionError, residual } from './linear-prediction.ts';

const BLOCK_FRAMES = 256;
const ORDER = 32;
/** On either side of a candidate, times the scale: what belongs to it, what is learnt from. */
const OWN_FRAMES = 64;
const SIDE_FRAMES = 1024;
/** Where the level of the error is read, frames from the peak times the scale. A click leaves it as it was: an attack does not. */
const BESIDE = [[-512, -256], [-256, -40], [40, 104], [104, 256], [256, 512]] as const;
/** Full scale; far under 16 bits. */
const LEAST_LEVEL = 1e-7;

interface ClickLimits {
  /** A second difference over the RMS of the blocks around, to be looked at. */
  readonly screen: number;
  /** The peak of the error over its level around, times how steady that level is. */
  readonly overLevel: number;
  /** The peak of the error over its next largest on either side. */
  readonly overNext: number;
}

/** Chosen on half an hour of game music, where a limit of 20 took 7 attacks for clicks; at 24 they were not counted again. */
const ALONE: ClickLimits = { screen: 4.5, overLevel: 24, overNext: 1.5 };
const COMPARED: ClickLimits = { screen: 4, overLevel: 18, overNext: 1.5 };
/** A peak of the clean counterpart this near, and this large beside ours, is the same. */
const SAME_SHARE = 0.3;
/** Smallest error, re full scale: -54 dB. */
const LEAST = 0.002;
/** Clicks closer than this are one, frames times the scale. */
const APART_FRAMES = 512;

interface Peak {
  /** Index of the largest error. */
  readonly at: number;
  readonly size: number;
  readonly overLevel: number;
  readonly overNext: number;
}

export class ClickFinder implements Finder {
  readonly #scale: number;
  readonly #error: Float32Array;
  #last: Finding | null = null;

  constructor(sampleRate: number) {
    this.#scale = windowScale(sampleRate);
    this.#error = new Float32Array(2 * SIDE_FRAMES * this.#scale);
  }

  read(stretch: Stretch): Finding[] {
    const { result, clean, base } = stretch;
    const found: Finding[] = [];
    const limits = clean ? COMPARED : ALONE;
    const channels = result[0] === result[1] ? 1 : 2;
    for (let channel = 0; channel < channels; channel += 1) {
      for (const candidate of this.#candidates(result[channel]!, stretch, limits.screen)) {
        // The recording's own start and end are none.
        const frame = base + candidate;
        if (frame < SIDE_FRAMES * this.#scale || frame > stretch.frames - SIDE_FRAMES * this.#scale) continue;
        const peak = this.#peak(result[channel]!, candidate);
        if (!peak || peak.size < LEAST || peak.overLevel < limits.overLevel || peak.overNext < limits.overNext) continue;
        if (clean) {
          const same = this.#peak(clean[channel]!, candidate);
          if (same && same.overLevel > SAME_SHARE * peak.overLevel) continue;
        }
        found.push({ kind: 'click', frame: base + peak.at, frames: 1, size: 20 * Math.log10(peak.overLevel) });
      }
    }
    return this.#apart(found.toSorted((a, b) => a.frame - b.frame));
  }

  finish(): Finding[] {
    return [];
  }

  /** One finding for what both channels, or two neighbouring blocks, show. */
  #apart(found: readonly Finding[]): Finding[] {
    return found.filter((finding) => {
      const isNew = !this.#last || finding.frame - this.#last.frame > APART_FRAMES * this.#scale;
      if (isNew) this.#last = finding;
      return isNew;
    });
  }

  /** Indices of the largest second difference of each block that stands out. */
  #candidates(samples: Float32Array, { base, from, to }: Stretch, screen: number): number[] {
    const block = BLOCK_FRAMES * this.#scale;
    const found: number[] = [];
    let [before, here, peakHere, atHere] = [0, 0, 0, 0];
    for (let start = from - base - block, n = 0; start < to - base + block; start += block, n += 1) {
      let [energy, peak, at] = [0, 0, start];
      let x2 = samples[start - 2]!;
      let x1 = samples[start - 1]!;
      for (let i = start; i < start + block; i += 1) {
        const x = samples[i]!;
        const difference = x - 2 * x1 + x2;
        x2 = x1;
        x1 = x;
        const square = difference * difference;
        energy += square;
        if (square > peak) {
          peak = square;
          at = i;
        }
      }
      // The block before is judged once this one is known.
      if (n >= 2 && peakHere > (screen * screen * (before + energy)) / (2 * block)) found.push(atHere - 1);
      [before, here, peakHere, atHere] = [here, energy, peak, at];
    }
    return found;
  }

  #peak(samples: Float32Array, centre: number): Peak | null {
    const side = SIDE_FRAMES * this.#scale;
    const own = OWN_FRAMES * this.#scale;
    const correlation = new Float64Array(ORDER + 1);
    addAutocorrelation(samples, centre - side, centre - own, correlation);
    addAutocorrelation(samples, centre + own, centre + side, correlation);
    const filter = predictionError(correlation);
    if (!filter) return null;
    const error = this.#error;
    residual(samples, centre - side, centre + side, filter, error);
    let [size, at] = [0, side];
    for (let i = side - own; i < side + own; i += 1) {
      if (Math.abs(error[i]!) > size) [size, at] = [Math.abs(error[i]!), i];
    }
    let next = 0;
    for (let i = 0; i < side - own; i += 1) {
      next = Math.max(next, Math.abs(error[i]!), Math.abs(error[2 * side - 1 - i]!));
    }
    let [highest, lowest] = [0, Infinity];
    for (const [from, to] of BESIDE) {
      let sum = 0;
      for (let i = at + from * this.#scale; i < at + to * this.#scale; i += 1) sum += error[i]! ** 2;
      const level = Math.sqrt(sum / ((to - from) * this.#scale)) + LEAST_LEVEL;
      highest = Math.max(highest, level);
      lowest = Math.min(lowest, level);
    }
    return { at: centre - side + at, size, overLevel: (size / highest) * Math.sqrt(lowest / highest), overNext: size / (next + LEAST_LEVEL) };
  }
}
