/**
 * Pre-echo: something new is heard shortly before an onset. Needs the clean counterpart, whose onsets these are: music
 * has grace notes and reversed cymbals.
 *
 * In 5 octave bands, around every onset of the counterpart: what the result has in the 20 to 5 ms before it and the
 * counterpart does not explain (the incoherent part), against the counterpart there times the gain at the onset. Sound
 * that was there earlier is no pre-echo (a reverb's tail falls towards the onset); nearer than 5 ms it is not heard.
 *
 * Source: T. Painter and A. Spanias, Perceptual coding of digital audio, Proc. IEEE 88(4), 2000 (pre-echo); H. Fastl and
 * E. Zwicker, Psychoacoustics, 3rd ed. 2007, chapter 4.4 (pre-masking). The limits are ours.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { type Finder, type Finding, type Stretch, windowScale } from './finding.ts';

const WINDOW_FRAMES = 256;
const HOP_FRAMES = 128;
const LOWEST_HZ = 500;
const BANDS = 5;
/** Hops (2.7 ms) before an onset: what is judged, and what was there earlier. */
const PRE = [-8, -3] as const;
const EARLIER = [-26, -14] as const;
/** Hops from an onset on in which its own level is read. */
const ONSET = [0, 3] as const;
const LOOK_BACK = -EARLIER[0];
const LOOK_AHEAD = 4;
/** An onset: so many dB over what was before, in a band. */
const ONSET_DB = 8;
/** What is new, over what was there: 4.8 dB. */
const NEW_RATIO = 3;
/** And over the onset itself: -50 dB. */
const LEAST_OF_ONSET = 1e-5;
const MORE_THAN_EARLIER = 2.5;
/** Bands that must agree. */
const AGREEING = 2;
const APART_SECONDS = 0.03;
/** Mean square of the onset in a band, -60 dBFS. */
const LIVE_POWER = 1e-6;

/** Powers and products of one moment, by band. */
interface Moment {
  readonly xx: readonly number[];
  readonly yy: readonly number[];
  readonly re: readonly number[];
  readonly im: readonly number[];
}

export class PreEchoFinder implements Finder {
  readonly #window: number;
  readonly #hop: number;
  readonly #apartFrames: number;
  readonly #fft: RealFft;
  readonly #shape: Float32Array;
  readonly #edges: readonly number[];
  readonly #buffer: Float32Array;
  readonly #x: [Float32Array, Float32Array];
  readonly #y: [Float32Array, Float32Array];
  readonly #moments: Moment[] = [];
  #nextFrame = 0;
  #last = -Infinity;

  constructor(engine: Engine, sampleRate: number) {
    const scale = windowScale(sampleRate);
    this.#window = WINDOW_FRAMES * scale;
    this.#hop = HOP_FRAMES * scale;
    this.#apartFrames = APART_SECONDS * sampleRate;
    this.#fft = new RealFft(engine, this.#window);
    this.#shape = Float32Array.from({ length: this.#window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.#window));
    this.#edges = Array.from({ length: BANDS + 1 }, (_, k) => Math.min(this.#window / 2, Math.round((LOWEST_HZ * 2 ** k * this.#window) / sampleRate)));
    this.#buffer = new Float32Array(this.#window);
    const half = this.#window / 2 + 1;
    this.#x = [new Float32Array(half), new Float32Array(half)];
    this.#y = [new Float32Array(half), new Float32Array(half)];
  }

  read({ base, from, to, result, clean }: Stretch): Finding[] {
    if (!clean) return [];
    const found: Finding[] = [];
    for (let frame = from; frame < to; frame += this.#hop) {
      this.#nextFrame = frame + this.#hop;
      this.#transform(clean, frame - base, this.#x);
      this.#transform(result, frame - base, this.#y);
      this.#moments.push(this.#moment());
      found.push(...this.#judge());
    }
    return found;
  }

  finish(): Finding[] {
    return [];
  }

  #transform([left, right]: Stretch['result'], start: number, [re, im]: [Float32Array, Float32Array]): void {
    for (let i = 0; i < this.#window; i += 1) this.#buffer[i] = 0.5 * (left[start + i]! + right[start + i]!) * this.#shape[i]!;
    this.#fft.forward(this.#buffer, re, im);
  }

  #moment(): Moment {
    const [[a, b], [c, d]] = [this.#x, this.#y];
    const rows: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let band = 0; band < BANDS; band += 1) {
      let [xx, yy, re, im] = [0, 0, 0, 0];
      for (let bin = this.#edges[band]!; bin < this.#edges[band + 1]!; bin += 1) {
        xx += a[bin]! * a[bin]! + b[bin]! * b[bin]!;
        yy += c[bin]! * c[bin]! + d[bin]! * d[bin]!;
        re += a[bin]! * c[bin]! + b[bin]! * d[bin]!;
        im += a[bin]! * d[bin]! - b[bin]! * c[bin]!;
      }
      [xx, yy, re, im].forEach((value, row) => rows[row]!.push(value));
    }
    return { xx: rows[0], yy: rows[1], re: rows[2], im: rows[3] };
  }

  #sum(key: keyof Moment, band: number, [from, to]: readonly [number, number]): number {
    let sum = 0;
    for (let hop = from; hop <= to; hop += 1) sum += this.#moments[LOOK_BACK + hop]![key][band]!;
    return sum / (to - from + 1);
  }

  /** Power of the result that the counterpart does not explain. */
  #extra(band: number, span: readonly [number, number]): number {
    const xx = this.#sum('xx', band, span);
    const [re, im] = [this.#sum('re', band, span), this.#sum('im', band, span)];
    return this.#sum('yy', band, span) - (xx > 0 ? (re * re + im * im) / xx : 0);
  }

  #judge(): Finding[] {
    const moments = this.#moments;
    if (moments.length <= LOOK_BACK + LOOK_AHEAD) return [];
    const least = (LIVE_POWER * this.#window * this.#window) / 16;
    let [agreeing, size] = [0, 0];
    for (let band = 0; band < BANDS; band += 1) {
      const on = this.#sum('xx', band, ONSET);
      const pre = this.#sum('xx', band, PRE);
      if (on < least || on < 10 ** (ONSET_DB / 10) * pre) continue;
      const onResult = this.#sum('yy', band, ONSET);
      const extra = this.#extra(band, PRE);
      if (extra < LEAST_OF_ONSET * onResult || extra < NEW_RATIO * pre * (onResult / on)) continue;
      if (extra < MORE_THAN_EARLIER * this.#extra(band, EARLIER)) continue;
      agreeing += 1;
      size = Math.max(size, 10 * Math.log10(extra / (pre * (onResult / on) + 1e-3 * LEAST_OF_ONSET * onResult)));
    }
    const frame = this.#nextFrame - (LOOK_AHEAD + 1) * this.#hop;
    moments.shift();
    if (agreeing < AGREEING || frame - this.#last < this.#apartFrames) return [];
    this.#last = frame;
    return [{ kind: 'pre-echo', frame: Math.max(0, frame + PRE[0] * this.#hop), frames: (PRE[1] - PRE[0] + 1) * this.#hop, size }];
  }
}
