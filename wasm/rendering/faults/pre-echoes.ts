/**
 * Pre-echo: something new is heard shortly before an onset. Needs the clean counterpart, whose onsets these are: music
 * has grace notes and reversed cymbals.
 *
 * Before every onset of the counterpart, what the result has in the 24 to 4 ms before it is told from what came before and
 * from the counterpart (counterpart-model.ts), learnt on the 75 ms before that. What cannot be told, in steps of 2.7 ms, is a
 * pre-echo where it rises over what could not be told earlier (a room's tail) by more than the counterpart itself has something
 * new (counterpart-news.ts: a grace note, and the room's answer to it), and is not small beside what could (the music that goes
 * on, which masks). Nearer than 4 ms it is not heard, and a limiter may be ahead of its onset.
 *
 * Source: T. Painter and A. Spanias, Perceptual coding of digital audio, Proc. IEEE 88(4), 2000 (pre-echo); H. Fastl and
 * E. Zwicker, Psychoacoustics, 3rd ed. 2007, chapter 4.4 (pre-masking). The limits are ours.
 */
import { CounterpartModel, WIDE } from './counterpart-model.ts';
import { meanSquare, newsOf } from './counterpart-news.ts';
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
/** What is new, over the most that could not be told earlier. */
const OVER_HIGHEST = 2;
/** And by so much more than the counterpart's own news: over the median and the highest of what was untold earlier, each as a share of the news then. */
const OVER_NEWS_MEDIAN = 6;
const OVER_NEWS_HIGHEST = 2;
/** Where the news is no more than 25 dB, what a room or a drive makes of it stays under what is told in the same moment, +3 dB. */
const OF_NEWS = 2;
const MUCH_NEWS = 300;
/** Over what is told in the same moment: -13 dB. */
const OF_TOLD = 0.05;
/** Where it is 30 dB over the most that could not be told earlier, a fainter one is heard as well: -50 dB. */
const SURE = 1000;
const OF_TOLD_SURE = 1e-5;
/** And over what the onset itself tells: -60 dB. */
const LEAST_OF_ONSET = 1e-6;
/** Of the limit, that the moment before must have as well. */
const BESIDE = 0.1;
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

  read({ base, frames, from, to, result, clean }: Stretch): Finding[] {
    if (!clean) return [];
    const found: Finding[] = [];
    for (let frame = from; frame < to; frame += this.#hop) {
      const powers = [clean, result].map((rows) => differencePower(rows, frame - base, this.#hop));
      const rises = this.#powers.length > QUIETER_HOPS ? powers.map((power, k) => this.#rise(k, power)) : [];
      this.#powers.push(powers);
      if (this.#powers.length > QUIETER_HOPS + 1) this.#powers.shift();
      const isOnset = rises.some((rise) => rise > 0);
      const hops = Math.max(0, ...rises);
      if (!isOnset || frame - this.#last < APART_HOPS * this.#hop) continue;
      // The step to silence where a recording is cut off is no onset.
      if (frame < (LEARN + PRE + 1) * this.#hop || frame + ONSET * this.#hop > frames) continue;
      const start = frame - base - (hops - 1 + LEARN + PRE) * this.#hop;
      const news = newsOf(clean, start, this.#hop, LEARN, LEARN + PRE);
      const sizes = (result[0] === result[1] ? [0] : [0, 1]).map((channel) => this.#sizeDb(result[channel]!, clean, start, news));
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

  /**
   * dB by which what is new before an onset exceeds what is told there; -Infinity: nothing new.
   * @param start where hop 0 begins in the rows: what is learnt from
   * @param news the counterpart's, by hop
   */
  #sizeDb(result: Float32Array, clean: Rows, start: number, news: readonly number[]): number {
    if (!this.#untold(result, clean, start)) return -Infinity;
    const [error, told] = [this.#powerOf(this.#error), this.#powerOf(this.#told)];
    const limit = limitOf(error, told, (at) => Math.max(...news.slice(at, at + LONG)));
    let [size, isBeside] = [-Infinity, false];
    for (let at = LEARN; at + LONG + NEAREST <= LEARN + PRE; at += 1) {
      const extra = error(at);
      // One moment alone, just before the onset, is what a limiter or a compressor makes of it.
      if (extra > limit(at) && isBeside) size = Math.max(size, 10 * Math.log10(extra / (told(at) + 1e-3 * extra)));
      isBeside = extra > BESIDE * limit(at);
    }
    return size;
  }

  #powerOf(samples: Float32Array): ByMoment {
    return (at) => meanSquare(samples, at * this.#hop, (at + LONG) * this.#hop);
  }

  /** Writes what cannot be told and what is told. @returns false where there is nothing to learn from */
  #untold(result: Float32Array, clean: Rows, start: number): boolean {
    const model = clean[0] === clean[1] ? this.#mono : this.#stereo;
    const [pre, on, end] = [LEARN * this.#hop, (LEARN + PRE) * this.#hop, (LEARN + PRE + ONSET) * this.#hop];
    model.clear();
    // Before, the music may be one tone, which tells nothing of others: the onset is learnt from too, both count alike.
    for (const [from, to] of [[0, pre], [on, end]] as const) model.learn(result, clean, start + from, start + to, 1 / (meanSquare(result, start + from, start + to) + LIVE_POWER));
    if (!model.solve()) return false;
    model.error(result, clean, start, start + end, this.#error);
    model.told(clean, start, start + end, this.#told);
    return true;
  }
}

/** A power, or a ratio of powers, by the hop at which a moment begins. */
type ByMoment = (at: number) => number;

/** Hops at which moments begin that do not overlap. */
const evenly = (from: number, to: number): number[] => Array.from({ length: (to - from) / LONG }, (_, k) => from + k * LONG);

/** What may be untold, as a power, before a pre-echo is heard. */
function limitOf(error: ByMoment, told: ByMoment, news: ByMoment): ByMoment {
  const before = evenly(0, LEARN);
  const highest = Math.max(...before.map(error));
  const ofNews = before.map((at) => error(at) / news(at)).toSorted((a, b) => a - b);
  const overNews = Math.max(OVER_NEWS_MEDIAN * ofNews[ofNews.length >> 1]!, OVER_NEWS_HIGHEST * ofNews.at(-1)!);
  const ofOnset = Math.max(...evenly(LEARN + PRE, LEARN + PRE + ONSET).map(told));
  const least = Math.max(OVER_HIGHEST * highest, LEAST_OF_ONSET * ofOnset);
  return (at) => {
    const ofTold = error(at) > SURE * highest ? OF_TOLD_SURE : OF_TOLD;
    const byNews = Math.min(overNews * news(at), news(at) < MUCH_NEWS ? OF_NEWS * told(at) : Infinity);
    return Math.max(least, ofTold * told(at), byNews);
  };
}

/** Power of the first differences, both channels. */
function differencePower([left, right]: Rows, from: number, frames: number): number {
  let sum = 0;
  for (let i = from; i < from + frames; i += 1) sum += (left[i]! - left[i - 1]!) ** 2 + (right[i]! - right[i - 1]!) ** 2;
  return sum / (2 * frames);
}
