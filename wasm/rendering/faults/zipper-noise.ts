/**
 * Zipper noise: parameters that move in steps, heard as a buzz at the rate of the steps. Needs the clean counterpart:
 * without it a pulse of a synthesiser is the same thing.
 *
 * What neither the result's past nor the counterpart tells (counterpart-model.ts) stands out for a moment where a gain or a
 * filter steps. These moments, as a train of impulses, are looked through for a period by their autocorrelation at three
 * multiples. A period that the counterpart's own moments have, or its flattened spectrum, is its beat or its pitch: a drive
 * that brings it out makes no steps.
 *
 * Source: J. Dattorro, Effect design, part 1, J. Audio Eng. Soc. 45(9), 1997 (zipper noise, and that a smoothed parameter has none);
 * the counterpart's own moments by linear prediction as in clicks.ts; pitch from the autocorrelation of a compressed spectrum,
 * T. Tolonen and M. Karjalainen, A computationally efficient multipitch analysis model, IEEE Trans. Speech Audio Process. 8(6),
 * 2000. The limits are ours.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { CounterpartModel, NARROW } from './counterpart-model.ts';
import { type Finder, type Finding, type Rows, type Stretch, windowScale } from './finding.ts';
import { addAutocorrelation, predictionError, residual } from './linear-prediction.ts';

const WINDOW_FRAMES = 16384;
const HOP_FRAMES = 8192;
/** Prediction and gain are learnt anew on parts of this length. */
const PART_FRAMES = 2048;
const ORDER = 32;
/** An error's square counts from this many times its median on, up to that many. */
const DEPARTURE = [25, 400] as const;
/** And over so many times the counterpart's, within so many frames: its onsets are told but for what a room adds. */
const OVER_COUNTERPART = 3;
const SAME_FRAMES = 16;
const SHORTEST_PERIOD = 48;
const LONGEST_PERIOD = 1200;
/**
 * The mean autocorrelation at a period, twice and three times it, over its spread for a random train. This and the share
 * were chosen on composed pieces (seeds 50 to 60 of the bench): 9 and 0.10 gave two false alarms in 0.08 h.
 */
const OVER_SPREAD = 10;
/** And as a share of the power: steps that come regularly. */
const REGULAR_SHARE = 0.15;
/**
 * The same of the counterpart, whose moments count from a lower limit on: enough to take the period for its own; and so much of
 * the result's share. Chosen on a development half: the beat of music behind ordinary processing had 0.5 and more, steps 0.35 at most.
 */
const THEIR_DEPARTURE = 6;
const THEIR_SHARE = 0.08;
const OF_REGULAR = 0.4;
/**
 * The period is a pitch of the counterpart, give or take so many frames: a tone that is driven or limited is distorted at the
 * same place of every period. In spreads of the autocorrelation of its flattened spectrum, power to this exponent: over music and
 * chains looked at while this was made, pitches taken for steps had 2.9 to 12, steps at most 1.9.
 */
const PITCH_FRAMES = 2;
const THEIR_PITCH = 2.5;
const FLATTENED = 0.25;
const FEWEST_STEPS = 7;
/** A buzz goes on: windows in a row that agree on the rate. One alone is chance. */
const FEWEST_WINDOWS = 2;
const SAME_RATE = 0.02;
/** Mean square of the counterpart, -60 dBFS. */
const LIVE_POWER = 1e-6;

export class ZipperFinder implements Finder {
  readonly #sampleRate: number;
  readonly #scale: number;
  readonly #fft: RealFft;
  readonly #train: Float32Array;
  readonly #theirTrain: Float32Array;
  readonly #theirSound: Float32Array;
  readonly #mine: Float32Array;
  readonly #theirs: Float32Array;
  readonly #re: Float32Array;
  readonly #im: Float32Array;
  readonly #correlation: Float32Array;
  readonly #mono = new CounterpartModel(1, NARROW);
  readonly #stereo = new CounterpartModel(2, NARROW);
  #open: { frame: number; end: number; hz: number; windows: number } | null = null;

  constructor(engine: Engine, sampleRate: number) {
    this.#sampleRate = sampleRate;
    this.#scale = windowScale(sampleRate);
    const size = 2 * WINDOW_FRAMES * this.#scale;
    this.#fft = new RealFft(engine, size);
    this.#train = new Float32Array(WINDOW_FRAMES * this.#scale);
    this.#theirTrain = new Float32Array(WINDOW_FRAMES * this.#scale);
    this.#theirSound = new Float32Array(WINDOW_FRAMES * this.#scale);
    [this.#mine, this.#theirs] = [new Float32Array(PART_FRAMES * this.#scale), new Float32Array(PART_FRAMES * this.#scale)];
    [this.#re, this.#im] = [new Float32Array(size / 2 + 1), new Float32Array(size / 2 + 1)];
    this.#correlation = new Float32Array(size);
  }

  read({ base, from, to, result, clean }: Stretch): Finding[] {
    if (!clean) return [];
    const found: Finding[] = [];
    const part = PART_FRAMES * this.#scale;
    const hop = HOP_FRAMES * this.#scale;
    for (let frame = from; frame < to; frame += hop) {
      // The window is the hop before and this one.
      this.#train.copyWithin(0, hop);
      this.#theirTrain.copyWithin(0, hop);
      this.#theirSound.copyWithin(0, hop);
      for (let i = 0; i < hop; i += 1) this.#theirSound[this.#theirSound.length - hop + i] = clean[0][frame - base + i]! + clean[1][frame - base + i]!;
      for (let at = 0; at < hop; at += part) this.#departures(result, clean, frame - base + at, this.#train.length - hop + at);
      const hz = this.#rate();
      const start = Math.max(0, frame - hop);
      const isSame = hz !== null && this.#open !== null && Math.abs(hz / this.#open.hz - 1) < SAME_RATE && start <= this.#open.end;
      if (isSame) {
        this.#open!.end = frame + hop;
        this.#open!.windows += 1;
      } else if (hz !== null) {
        found.push(...this.finish());
        this.#open = { frame: start, end: frame + hop, hz, windows: 1 };
      }
    }
    return found;
  }

  finish(): Finding[] {
    const open = this.#open;
    this.#open = null;
    return open && open.windows >= FEWEST_WINDOWS ? [{ kind: 'zipper', frame: open.frame, frames: open.end - open.frame, size: open.hz }] : [];
  }

  /** Writes one part of the train: the square root of how far the result stands out by itself, 0 where it does not. */
  #departures(result: Stretch['result'], clean: Stretch['result'], start: number, into: number): void {
    const frames = PART_FRAMES * this.#scale;
    const train = this.#train.subarray(into, into + frames).fill(0);
    const theirTrain = this.#theirTrain.subarray(into, into + frames).fill(0);
    for (let channel = 0; channel < (result[0] === result[1] ? 1 : 2); channel += 1) {
      if (!this.#untold(result[channel]!, clean, start, this.#mine) || !this.#whiten(clean[channel]!, start, this.#theirs)) continue;
      // Where the counterpart stands out, the result may, a few frames earlier or later.
      for (let i = 0; i < frames; i += 1) {
        if (this.#theirs[i]! > THEIR_DEPARTURE) theirTrain[i] = Math.max(theirTrain[i]!, Math.sqrt(Math.min(DEPARTURE[1], this.#theirs[i]!)));
        const departure = this.#mine[i]!;
        if (departure < DEPARTURE[0]) continue;
        let theirs = 0;
        for (let k = Math.max(0, i - SAME_FRAMES); k <= Math.min(frames - 1, i + SAME_FRAMES); k += 1) theirs = Math.max(theirs, this.#theirs[k]!);
        if (departure > OVER_COUNTERPART * theirs) train[i] = Math.max(train[i]!, Math.sqrt(Math.min(DEPARTURE[1], departure)));
      }
    }
  }

  /** The square of what cannot be told, over its median. @returns false for silence */
  #untold(samples: Float32Array, clean: Rows, start: number, out: Float32Array): boolean {
    const frames = out.length;
    const power = powerOf(samples, start, frames);
    if (power < LIVE_POWER) return false;
    const model = clean[0] === clean[1] ? this.#mono : this.#stereo;
    model.clear();
    model.learn(samples, clean, start - frames / 4, start + frames + frames / 4);
    if (!model.solve()) return false;
    model.error(samples, clean, start, start + frames, out);
    overMedian(out, power);
    return true;
  }

  /** The prediction error's square over its median. @returns false for silence */
  #whiten(samples: Float32Array, start: number, out: Float32Array): boolean {
    const frames = out.length;
    const power = powerOf(samples, start, frames);
    if (power < LIVE_POWER) return false;
    const correlation = new Float64Array(ORDER + 1);
    addAutocorrelation(samples, start - frames / 2, start + frames + frames / 2, correlation);
    const filter = predictionError(correlation);
    if (!filter) return false;
    residual(samples, start, start + frames, filter, out);
    overMedian(out, power);
    return true;
  }

  /** Steps per second, or null where there is no train of steps. */
  #rate(): number | null {
    const frames = this.#train.length;
    let steps = 0;
    for (let i = 1; i < frames; i += 1) if (this.#train[i]! > 0 && this.#train[i - 1] === 0) steps += 1;
    if (steps < FEWEST_STEPS) return null;
    this.#correlate(this.#train);
    const power = this.#correlation[0]!;
    const [shortest, longest] = [SHORTEST_PERIOD * this.#scale, LONGEST_PERIOD * this.#scale];
    let [sum, squares, count] = [0, 0, 0];
    const at = (lag: number) => this.#correlation[lag]!;
    let [best, period] = [0, 0];
    for (let lag = shortest; lag <= longest; lag += 1) {
      const value = (at(lag) + at(2 * lag) + at(3 * lag)) / 3;
      sum += value;
      squares += value * value;
      count += 1;
      if (value > best) [best, period] = [value, lag];
    }
    const mean = sum / count;
    const spread = Math.sqrt(Math.max(0, squares / count - mean * mean)) + 1e-9;
    if (best - mean <= OVER_SPREAD * spread || best - mean <= REGULAR_SHARE * power) return null;
    const theirs = Math.max(THEIR_SHARE, (OF_REGULAR * (best - mean)) / power);
    return this.#theirShare(period) > theirs || this.#pitch(period) > THEIR_PITCH ? null : this.#sampleRate / period;
  }

  /** How regularly the counterpart's own moments come at this period, give or take a few frames: a share of their power. */
  #theirShare(period: number): number {
    this.#correlate(this.#theirTrain);
    const correlation = this.#correlation;
    const around = (lag: number): number => {
      let most = 0;
      for (let k = Math.max(1, Math.round(lag) - 3); k <= Math.round(lag) + 3; k += 1) most = Math.max(most, correlation[k]!);
      return most;
    };
    return (around(period) + around(2 * period) + around(3 * period)) / 3 / (correlation[0]! + 1e-9);
  }

  /** How far this period stands out of the counterpart's autocorrelation, in spreads. Its spectrum is flattened: every overtone counts. */
  #pitch(period: number): number {
    this.#correlate(this.#theirSound, FLATTENED);
    const correlation = this.#correlation;
    const [shortest, longest] = [SHORTEST_PERIOD * this.#scale, LONGEST_PERIOD * this.#scale];
    let [sum, squares] = [0, 0];
    for (let lag = shortest; lag <= longest; lag += 1) {
      sum += correlation[lag]!;
      squares += correlation[lag]! ** 2;
    }
    const mean = sum / (longest - shortest + 1);
    const spread = Math.sqrt(Math.max(0, squares / (longest - shortest + 1) - mean * mean)) + 1e-30;
    let most = -Infinity;
    for (let lag = period - PITCH_FRAMES * this.#scale; lag <= period + PITCH_FRAMES * this.#scale; lag += 1) most = Math.max(most, correlation[lag]!);
    return (most - mean) / spread;
  }

  /** Autocorrelation of a train about its average, or of a sound; with its power spectrum raised to an exponent. */
  #correlate(train: Float32Array, exponent = 1): void {
    const average = train.reduce((a, b) => a + b, 0) / train.length;
    this.#fft.forward(train.map((x) => x - average), this.#re, this.#im);
    for (let bin = 0; bin < this.#re.length; bin += 1) {
      this.#re[bin] = (this.#re[bin]! ** 2 + this.#im[bin]! ** 2) ** exponent;
      this.#im[bin] = 0;
    }
    this.#fft.inverse(this.#re, this.#im, this.#correlation);
  }
}

function powerOf(samples: Float32Array, from: number, frames: number): number {
  let power = 0;
  for (let i = from; i < from + frames; i += 1) power += samples[i]! * samples[i]!;
  return power / frames;
}

/** Squares, over their median. Rounding is no departure: 90 dB under the sound itself. */
function overMedian(error: Float32Array, power: number): void {
  for (let i = 0; i < error.length; i += 1) error[i] = error[i]! * error[i]!;
  const median = error.toSorted()[error.length >> 1]! + 1e-9 * power;
  for (let i = 0; i < error.length; i += 1) error[i]! /= median;
}
