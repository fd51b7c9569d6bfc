/**
 * Where a click may be: moments that stand out of a whitened sound by several times its level around. Cheap; what is named
 * here is judged in clicks.ts.
 *
 * With the counterpart, the error of a short model of it (counterpart-model.ts), learnt over the part they lie in: beside a
 * stroke that both have, a click as small as the stroke's own attack is seen, and the stroke is not looked at.
 * Alone, two whitenings, and what either shows is looked at: second differences, and linear prediction learnt over the part.
 * Among hats and strokes of drums, whose differences are loud, a click is seen in the second only.
 *
 * Source: S. V. Vaseghi and P. J. W. Rayner, Detection and suppression of impulsive noise in speech communication systems,
 * IEE Proc. I 137(1), 1990.
 */
import { CounterpartModel, NARROW } from './counterpart-model.ts';
import type { Stretch } from './finding.ts';
import { addAutocorrelation, predictionError, residual } from './linear-prediction.ts';

/** Frames, times the scale. */
const BLOCK_FRAMES = 256;
/** The model is learnt anew on parts of this length and what lies on either side. */
const PART_FRAMES = 1024;
const BESIDE_FRAMES = 256;
const SECOND_DIFFERENCE = new Float64Array([1, -2, 1]);
/** Of the prediction alone, and what it is learnt from on either side of the part, frames times the scale. */
const ORDER = 16;
const LEARNT_BESIDE_FRAMES = 512;
/** Candidates of both whitenings closer than this are one. */
const SAME_FRAMES = 4;
/** What belongs to a peak, times the scale. */
export const BURST_FRAMES = 24;
/** Full scale; far under 16 bits. */
export const LEAST_LEVEL = 1e-7;
/**
 * Smallest error, re full scale, where the counterpart shows that it is none of the music's: -72 dB. Alone, the smallest wrong
 * sample, not error: -56.5 dB is the threshold in quiet of one (ITU-R BS.1387, full scale at 92 dB SPL).
 */
export const LEAST_COMPARED = 0.000_25;
export const LEAST_ALONE = 0.0015;
/** Smallest error alone that is looked at: what a burst or a step leaves may be less than it. */
const LOOKED_AT_ALONE = 0.000_3;
/** An error over the RMS of the blocks around, to be looked at. */
const SCREEN_DIFFERENCE = 4.5;
const SCREEN_PREDICTION = 10;
const SCREEN_COMPARED = 5;

export class ClickScreen {
  readonly #scale: number;
  readonly #model = new CounterpartModel(1, NARROW);
  #error = new Float32Array(0);

  constructor(scale: number) {
    this.#scale = scale;
  }

  /** Indices of the largest error of each block that stands out over the blocks around, in order. */
  candidates(samples: Float32Array, counterpart: Float32Array | null, { base, from, to }: Stretch): number[] {
    const block = BLOCK_FRAMES * this.#scale;
    const first = from - base - block;
    const frames = to - from + 2 * block;
    if (this.#error.length < frames) this.#error = new Float32Array(frames);
    if (counterpart) {
      this.#whitenCompared(samples, counterpart, first, frames);
      return this.#outstanding(frames, SCREEN_COMPARED, LEAST_COMPARED, true).map((at) => first + at);
    }
    residual(samples, first, first + frames, SECOND_DIFFERENCE, this.#error);
    // The middle of a second difference lies a frame before.
    const found = this.#outstanding(frames, SCREEN_DIFFERENCE, LOOKED_AT_ALONE, false).map((at) => first + at - 1);
    this.#whitenAlone(samples, first, frames);
    const predicted = this.#outstanding(frames, SCREEN_PREDICTION, LOOKED_AT_ALONE, false).map((at) => first + at);
    return [...found, ...predicted.filter((at) => !found.some((other) => Math.abs(other - at) < SAME_FRAMES * this.#scale))].toSorted((a, b) => a - b);
  }

  /** Of the errors. @param isSteep an onset beside it raises the blocks around: what is beside the peak may be less */
  #outstanding(frames: number, screen: number, least: number, isSteep: boolean): number[] {
    const block = BLOCK_FRAMES * this.#scale;
    const burst = BURST_FRAMES * this.#scale;
    const found: number[] = [];
    const energies = [0, 0, 0];
    let [peakHere, atHere, besideHere] = [0, 0, 0];
    for (let start = 0, n = 0; start < frames; start += block, n += 1) {
      let [energy, peak, at] = [0, 0, start];
      for (let i = start; i < start + block; i += 1) {
        const square = this.#error[i]! ** 2;
        energy += square;
        if (square > peak) [peak, at] = [square, i];
      }
      energies.push(energy);
      energies.shift();
      let expected = (energies[0]! + energies[2]!) / 2;
      if (isSteep) expected = Math.min(expected, besideHere);
      // The block before is judged once this one is known.
      if (n >= 2 && peakHere > least ** 2 && peakHere > (screen * screen * expected) / block) found.push(atHere);
      besideHere = isSteep ? energy - energyOf(this.#error, Math.max(start, at - burst), Math.min(start + block, at + burst)) : 0;
      [peakHere, atHere] = [peak, at];
    }
    return found;
  }

  /** Calls for each part of the errors, with where it lies in the samples. */
  #parts(first: number, frames: number, whiten: (at: number, end: number, error: Float32Array) => void): void {
    for (let at = first; at < first + frames; at += PART_FRAMES * this.#scale) {
      const end = Math.min(first + frames, at + PART_FRAMES * this.#scale);
      whiten(at, end, this.#error.subarray(at - first, end - first));
    }
  }

  #whitenCompared(samples: Float32Array, counterpart: Float32Array, first: number, frames: number): void {
    const beside = BESIDE_FRAMES * this.#scale;
    this.#parts(first, frames, (at, end, error) => {
      if (this.#learn(samples, counterpart, at - beside, end + beside)) this.#model.error(samples, [counterpart, counterpart], at, end, error);
      else residual(samples, at, end, SECOND_DIFFERENCE, error);
    });
  }

  #whitenAlone(samples: Float32Array, first: number, frames: number): void {
    const beside = LEARNT_BESIDE_FRAMES * this.#scale;
    this.#parts(first, frames, (at, end, error) => {
      const correlation = new Float64Array(ORDER + 1);
      addAutocorrelation(samples, at - beside, end + beside, correlation);
      const filter = predictionError(correlation);
      if (filter) residual(samples, at, end, filter, error);
      else error.fill(0);
    });
  }

  #learn(samples: Float32Array, counterpart: Float32Array, from: number, to: number): boolean {
    this.#model.clear();
    this.#model.learn(samples, [counterpart, counterpart], from, to);
    return this.#model.solve();
  }
}

function energyOf(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += samples[i]! ** 2;
  return sum;
}
