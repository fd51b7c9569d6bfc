/**
 * Pre-echo: something new is heard shortly before an onset. Needs the clean counterpart, whose onsets these are: music
 * has grace notes and reversed cymbals.
 *
 * Before every onset of the counterpart, what the result has in the 24 to 4 ms before it is told from what came before and
 * from the counterpart (counterpart-model.ts), learnt on the 75 ms before that. What cannot be told, in steps of 2.7 ms, is a
 * pre-echo where it rises over what could not be told earlier (a room's tail), and is not small beside what could (the
 * music that goes on, which masks). Nearer than 4 ms it is not heard, and a limiter may be ahead of its onset.
 *
 * Source: T. Painter and A. Spanias, Perceptual coding of digital audio, Proc. IEEE 88(4), 2000 (pre-echo); H. Fastl and
 * E. Zwicker, Psychoacoustics, 3rd ed. 2007, chapter 4.4 (pre-masking). The limits are ours.
 */
import { CounterpartModel, WIDE } from './counterpart-model.ts';
import { type Finder, type Finding, type Rows, type Stretch, windowScale } from './finding.ts';

/** Times the scale; what follows counts in hops of 2.7 ms. */
const HOP_FRAMES = 128;
const LEARN = 36;
const PRE = 9;
const NEAREST = 1.5;
/** Of the onset, from its beginning on. */
const ONSET = 10;
/** Hops averaged. */
const LONG = 2;
/** An onset: the power of first differences over so many hops before, 9 dB. */
const QUIETER_HOPS = 9;
const ONSET_RATIO = 8;
/** The hop before belongs to it from here on. */
const BEGUN_RATIO = 1.5;
/** Power of an onset's first differences, full scale: -60 dBFS. */
const LIVE_POWER = 1e-6;
/** What is new, over what could not be told earlier: over its median and its highest. */
const OVER_EARLIER = 4;
const OVER_HIGHEST = 2;
/** Over what is told in the same moment: -20 dB; and by how much the model is wrong at the onset, which a limiter moves: 6 dB. */
const OF_TOLD = 0.01;
/** Where the model is that sure (what is new is 30 dB over the highest error and over what it is wrong by), a fainter one is heard as well: -32 dB. */
const SURE = 1000;
const OF_TOLD_SURE = 6e-4;
/** Of the limit, that the moment before must have as well. */
const BESIDE = 0.5;
const OVER_WRONG = 4;
/** Where the counterpart itself has something new, by 6 dB, the model has hardly learnt it: what is new must then be over -5 dB. */
const NEWS = 4;
const OF_NEWS = 0.3;
/** And over what the onset itself tells: -50 dB. */
const LEAST_OF_ONSET = 1e-5;
const APART_HOPS = 11;

export class PreEchoFinder implements Finder {
  readonly #hop: number;
  readonly #mono = new CounterpartModel(1, WIDE);
  readonly #stereo = new CounterpartModel(2, WIDE);
  readonly #error: Float32Array;
  readonly #told: Float32Array;
  /** Powers of the hops so far, the last ones only: the counterpart's and the result's. */
  readonly #powers: number[][] = [];
  #last = -Infinity;

  constructor(sampleRate: number) {
    this.#hop = HOP_FRAMES * windowScale(sampleRate);
    this.#error = new Float32Array((LEARN + PRE + ONSET) * this.#hop);
    this.#told = new Float32Array((LEARN + PRE + ONSET) * this.#hop);
  }

  read({ base, from, to, result, clean }: Stretch): Finding[] {
    if (!clean) return [];
    const found: Finding[] = [];
    for (let frame = from; frame < to; frame += this.#hop) {
      const powers = [clean, result].map((rows) => differencePower(rows, frame - base, this.#hop));
      const rises = this.#powers.length > QUIETER_HOPS ? powers.map((power, k) => this.#rise(k, power)) : [];
      this.#powers.push(powers);
      if (this.#powers.length > QUIETER_HOPS + 1) this.#powers.shift();
      const isOnset = rises.some((rise) => rise > 0);
      const hops = Math.max(0, ...rises);
      if (!isOnset || frame - this.#last < APART_HOPS * this.#hop || frame < (LEARN + PRE + 1) * this.#hop) continue;
      const sizes = (result[0] === result[1] ? [0] : [0, 1]).map((channel) => this.#sizeDb(result[channel]!, clean, frame - base - (hops - 1) * this.#hop));
      const size = Math.max(...sizes);
      if (size === -Infinity) continue;
      this.#last = frame;
      found.push({ kind: 'pre-echo', frame: Math.max(0, frame - PRE * this.#hop), frames: PRE * this.#hop, size });
    }
    return found;
  }

  finish(): Finding[] {
    return [];
  }

  /** Hops, this one included, in which an onset has begun; 0: none. One that begins late in a hop is seen in the next. */
  #rise(row: number, power: number): number {
    const quieter = Math.max(...this.#powers.slice(0, QUIETER_HOPS).map((powers) => powers[row]!));
    if (power < LIVE_POWER || power < ONSET_RATIO * quieter) return 0;
    return this.#powers.at(-1)![row]! > BEGUN_RATIO * quieter ? 2 : 1;
  }

  /** dB by which what is new before an onset exceeds what is told there; -Infinity: nothing new. */
  #sizeDb(result: Float32Array, clean: Rows, onset: number): number {
    const hop = this.#hop;
    const model = clean[0] === clean[1] ? this.#mono : this.#stereo;
    const start = onset - (LEARN + PRE) * hop;
    const [pre, on, end] = [LEARN * hop, (LEARN + PRE) * hop, (LEARN + PRE + ONSET) * hop];
    model.clear();
    // Before, the music may be one tone, which tells nothing of others: the onset is learnt from too, both count alike.
    for (const [from, to] of [[0, pre], [on, end]] as const) model.learn(result, clean, start + from, start + to, 1 / (meanSquare(result, start + from, start + to) + LIVE_POWER));
    if (!model.solve()) return -Infinity;
    model.error(result, clean, start, start + end, this.#error);
    model.told(clean, start, start + end, this.#told);
    const inHops = (from: number, to: number) =>
      Array.from({ length: (to - from) / LONG }, (_, k) => {
        const [first, last] = [(from + k * LONG) * hop, (from + (k + 1) * LONG) * hop];
        return { error: meanSquare(this.#error, first, last), told: meanSquare(this.#told, first, last) };
      });
    const before = inHops(0, LEARN);
    const earlier = before.map(({ error }) => error).toSorted((a, b) => a - b);
    const earlierTold = before.map(({ told }) => told).toSorted((a, b) => a - b)[before.length >> 1]!;
    const begun = inHops(LEARN + PRE, LEARN + PRE + ONSET);
    const wrong = Math.max(...begun.map(({ error, told }) => error / (told + 1e-30)));
    const least = Math.max(OVER_EARLIER * earlier[earlier.length >> 1]!, OVER_HIGHEST * earlier.at(-1)!, LEAST_OF_ONSET * Math.max(...begun.map(({ told }) => told)));
    let [size, isBeside] = [-Infinity, false];
    for (let at = LEARN; at + LONG + NEAREST <= LEARN + PRE; at += 1) {
      const extra = meanSquare(this.#error, at * hop, (at + LONG) * hop);
      const told = meanSquare(this.#told, at * hop, (at + LONG) * hop);
      const isNews = told > NEWS * earlierTold;
      const isSure = extra > SURE * Math.max(earlier.at(-1)!, wrong * told);
      const limit = Math.max(least, Math.max(isSure ? OF_TOLD_SURE : isNews ? OF_NEWS : OF_TOLD, OVER_WRONG * wrong) * told);
      // One moment alone, just before the onset, is what a limiter or a compressor makes of it.
      if (extra > limit && isBeside) size = Math.max(size, 10 * Math.log10(extra / (told + 1e-3 * extra)));
      isBeside = extra > BESIDE * limit;
    }
    return size;
  }
}

function meanSquare(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += samples[i]! ** 2;
  return sum / (to - from);
}

/** Power of the first differences, both channels. */
function differencePower([left, right]: Rows, from: number, frames: number): number {
  let sum = 0;
  for (let i = from; i < from + frames; i += 1) sum += (left[i]! - left[i - 1]!) ** 2 + (right[i]! - right[i - 1]!) ** 2;
  return sum / (2 * frames);
}
