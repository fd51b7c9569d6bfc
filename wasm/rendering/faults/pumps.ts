/**
 * Pumping: the gain dips by 6 dB or more and comes back within a second. Needs the clean counterpart.
 *
 * The counterpart goes through the response that lies between the two in the long run (cross spectrum over power). The gain is
 * that part of the result which follows it: the least-squares gain between the two spectra, in bands of half an octave
 * where they are coherent, so that a filter, a reverb or noise does not pass for a moving gain.
 * A dip is seen in all but one of the four bands of a range; one of three ranges is enough, because compressors with
 * several bands pump in one. Where fewer bands are heard, three of four of those must agree.
 *
 * Source: coherent gain as in J. S. Bendat and A. G. Piersol, Random Data, 4th ed. 2010, chapter 6; pumping as the gain's
 * recovery at release rates in D. Giannoulis, M. Massberg and J. D. Reiss, Digital dynamic range compressor design,
 * J. Audio Eng. Soc. 60(6), 2012. The limits are ours.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { type Finder, type Finding, type Stretch, windowScale } from './finding.ts';

/** 12 Hz a bin: four or more in every band, or any two spectra would be coherent there. */
const WINDOW_FRAMES = 4096;
const HOP_FRAMES = 2048;
/** Half octaves from here, four to a range. */
const LOWEST_HZ = 120;
const BANDS_PER_RANGE = 4;
const RANGES = 3;
const COHERENT = 0.85;
/** A band quieter than this in the counterpart is not looked at: mean square, -60 dBFS. */
const LIVE_POWER = 1e-6;
const DIP_DB = 6;
/** Bands that must be heard for a dip of all of them. */
const FEWEST_HEARD = 2;
/** The gain before a dip is looked for in so many seconds, after it in so many. */
const BEFORE_SECONDS = 0.5;
const AFTER_SECONDS = 1;
/** The filter in between is averaged over this, so that a note in another part of a band is no other gain. */
const MEMORY_SECONDS = 10;
/** A dip is the lowest point within this. */
const APART_SECONDS = 0.2;

/**
 * Gains before and after count only where the counterpart itself is heard: not under 3 dB below what a room's tail of 2 s
 * may have left of earlier sound. Such a tail raises the gain as the counterpart fades, and each onset looks like a dip.
 */
const TAIL_DB_PER_SECOND = 30;
const FRESH_RATIO = 0.5;

/** Of one band at one moment: dB, null where the two have nothing in common. */
interface BandGain {
  readonly db: number | null;
  readonly isFresh: boolean;
}
type Gains = readonly BandGain[];

export class PumpFinder implements Finder {
  readonly #window: number;
  readonly #hop: number;
  readonly #before: number;
  readonly #after: number;
  readonly #apart: number;
  readonly #fft: RealFft;
  readonly #shape: Float32Array;
  readonly #edges: readonly number[];
  readonly #mine: Spectrum;
  readonly #theirs: Spectrum;
  readonly #gains: Gains[] = [];
  /** What earlier sound may have left, by band. */
  readonly #left: Float64Array = new Float64Array(RANGES * BANDS_PER_RANGE);
  readonly #decay: number;
  /** Cross power and power of the counterpart, bin by bin, over the last windows. */
  readonly #response: { readonly re: Float64Array; readonly im: Float64Array; readonly power: Float64Array };
  readonly #memory: number;
  #windows = 0;
  /** Frame in the middle of the first of `#gains`. */
  #firstFrame = 0;
  /** Depths of the moments judged last. */
  readonly #depths: number[] = [];

  constructor(engine: Engine, sampleRate: number) {
    const scale = windowScale(sampleRate);
    this.#window = WINDOW_FRAMES * scale;
    this.#hop = HOP_FRAMES * scale;
    const steps = (seconds: number) => Math.max(1, Math.round((seconds * sampleRate) / this.#hop));
    [this.#before, this.#after, this.#apart] = [steps(BEFORE_SECONDS), steps(AFTER_SECONDS), steps(APART_SECONDS)];
    this.#decay = 10 ** ((-TAIL_DB_PER_SECOND * this.#hop) / sampleRate / 10);
    this.#fft = new RealFft(engine, this.#window);
    this.#shape = Float32Array.from({ length: this.#window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.#window));
    this.#edges = Array.from({ length: RANGES * BANDS_PER_RANGE + 1 }, (_, k) => Math.round((LOWEST_HZ * 2 ** (k / 2) * this.#window) / sampleRate));
    const row = () => new Float64Array(this.#window / 2 + 1);
    this.#response = { re: row(), im: row(), power: row() };
    this.#memory = steps(MEMORY_SECONDS);
    this.#mine = spectrum(this.#window);
    this.#theirs = spectrum(this.#window);
  }

  read({ base, from, to, result, clean }: Stretch): Finding[] {
    if (!clean) return [];
    const found: Finding[] = [];
    for (let centre = from; centre < to; centre += this.#hop) {
      if (this.#gains.length === 0) this.#firstFrame = centre;
      const start = centre - base - this.#window / 2;
      this.#transform(result, start, this.#mine);
      this.#transform(clean, start, this.#theirs);
      this.#gains.push(this.#gainsNow());
      if (this.#gains.length > this.#before + this.#after) found.push(...this.#judge());
    }
    return found;
  }

  finish(): Finding[] {
    const found: Finding[] = [];
    for (let step = 0; step < this.#after + this.#apart; step += 1) {
      this.#gains.push([]);
      if (this.#gains.length > this.#before + this.#after) found.push(...this.#judge());
    }
    return found;
  }

  #transform([left, right]: Stretch['result'], start: number, into: Spectrum): void {
    const { middle, re, im } = into;
    for (let i = 0; i < this.#window; i += 1) middle[i] = 0.5 * (left[start + i]! + right[start + i]!) * this.#shape[i]!;
    this.#fft.forward(middle, re, im);
  }

  /** Moves the long-term response along, and puts the counterpart through it. */
  #filterCounterpart(): void {
    const [y, x, { re, im, power }] = [this.#mine, this.#theirs, this.#response];
    this.#windows += 1;
    const keep = 1 - 1 / Math.min(this.#windows, this.#memory);
    for (let bin = 0; bin < power.length; bin += 1) {
      const [a, b, c, d] = [x.re[bin]!, x.im[bin]!, y.re[bin]!, y.im[bin]!];
      re[bin] = re[bin]! * keep + a * c + b * d;
      im[bin] = im[bin]! * keep + a * d - b * c;
      power[bin] = power[bin]! * keep + a * a + b * b + 1e-30;
      const [h, g] = [re[bin]! / power[bin]!, im[bin]! / power[bin]!];
      x.re[bin] = a * h - b * g;
      x.im[bin] = a * g + b * h;
    }
  }

  #gainsNow(): Gains {
    const [y, x] = [this.#mine, this.#theirs];
    const least = (LIVE_POWER * this.#window * this.#window) / 16;
    const live = this.#bandPowers(x);
    this.#filterCounterpart();
    return Array.from({ length: RANGES * BANDS_PER_RANGE }, (_, band) => {
      const last = Math.min(this.#edges[band + 1]!, this.#window / 2);
      let [xx, yy, re, im] = [0, 0, 0, 0];
      for (let bin = this.#edges[band]!; bin < last; bin += 1) {
        const [a, b, c, d] = [x.re[bin]!, x.im[bin]!, y.re[bin]!, y.im[bin]!];
        xx += a * a + b * b;
        yy += c * c + d * d;
        re += a * c + b * d;
        im += a * d - b * c;
      }
      const common = re * re + im * im;
      const left = this.#left[band]! * this.#decay;
      this.#left[band] = Math.max(left, live[band]!);
      return { db: live[band]! > least && common > COHERENT * xx * yy ? 10 * Math.log10(common / (xx * xx)) : null, isFresh: live[band]! > FRESH_RATIO * left };
    });
  }

  #bandPowers({ re, im }: Spectrum): number[] {
    return Array.from({ length: RANGES * BANDS_PER_RANGE }, (_, band) => {
      let sum = 0;
      for (let bin = this.#edges[band]!; bin < Math.min(this.#edges[band + 1]!, this.#window / 2); bin += 1) sum += re[bin]! ** 2 + im[bin]! ** 2;
      return sum;
    });
  }

  /** How far a band's gain lies under its highest before and its highest after, dB; null where it is not known. */
  #depth(band: number, at: number): number | null {
    const here = this.#gains[at]![band]?.db;
    if (here == null) return null;
    let [before, after] = [-Infinity, -Infinity];
    for (let step = at - this.#before; step <= at + this.#after; step += 1) {
      const gain = this.#gains[step]?.[band];
      if (gain?.db == null || !gain.isFresh) continue;
      if (step < at) before = Math.max(before, gain.db);
      if (step > at) after = Math.max(after, gain.db);
    }
    return Math.min(before, after) - here;
  }

  /** What all bands of a range but one agree on. */
  #rangeDepth(range: number, at: number): number {
    const bands = Array.from({ length: BANDS_PER_RANGE }, (_, k) => range * BANDS_PER_RANGE + k);
    const depths = bands.map((band) => this.#depth(band, at)).filter((depth) => depth !== null);
    return depths.length < BANDS_PER_RANGE - 1 ? 0 : depths.toSorted((a, b) => a - b)[1]!;
  }

  /** What three of four agree on of the bands that are heard, wherever they lie: between strokes of drums these are few. */
  #broadDepth(at: number): number {
    const depths = Array.from({ length: RANGES * BANDS_PER_RANGE }, (_, band) => this.#depth(band, at)).filter((depth) => depth !== null);
    return depths.length < FEWEST_HEARD ? 0 : depths.toSorted((a, b) => a - b)[depths.length >> 2]!;
  }

  /** Judges the moment that has all its surroundings. */
  #judge(): Finding[] {
    this.#depths.push(Math.max(this.#broadDepth(this.#before), ...Array.from({ length: RANGES }, (_, range) => this.#rangeDepth(range, this.#before))));
    this.#gains.shift();
    this.#firstFrame += this.#hop;
    if (this.#depths.length <= 2 * this.#apart) return [];
    // The deepest moment within the time that two dips are apart.
    const here = this.#depths[this.#apart]!;
    // A filter holds a stroke at the edge of one window back; a gain that recovers is low in the next as well.
    const beside = Math.max(this.#depths[this.#apart - 1]!, this.#depths[this.#apart + 1]!);
    const isDeepest = here >= DIP_DB && beside >= here / 2 && this.#depths.every((depth, step) => (step < this.#apart ? depth < here : depth <= here));
    this.#depths.shift();
    const frame = this.#firstFrame + (this.#before - 1 - this.#apart) * this.#hop;
    return isDeepest ? [{ kind: 'pump', frame, frames: this.#hop, size: here }] : [];
  }
}

interface Spectrum {
  readonly middle: Float32Array;
  readonly re: Float32Array;
  readonly im: Float32Array;
}

const spectrum = (size: number): Spectrum => ({
  middle: new Float32Array(size),
  re: new Float32Array(size / 2 + 1),
  im: new Float32Array(size / 2 + 1),
});
