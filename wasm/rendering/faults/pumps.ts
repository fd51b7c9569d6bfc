/**
 * Pumping: the gain dips by 6 dB or more and comes back within a second. Needs the clean counterpart.
 *
 * The gain is that part of the result which follows the counterpart: the least-squares gain between the two spectra, in
 * bands of half an octave where they are coherent, so that a filter, a reverb or noise does not pass for a moving gain.
 * A dip is seen in all but one of the four bands of a range; one of three ranges is enough, because compressors with
 * several bands pump in one.
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
/** The gain before a dip is looked for in so many seconds, after it in so many. */
const BEFORE_SECONDS = 0.5;
const AFTER_SECONDS = 1;
/** A dip is the lowest point within this. */
const APART_SECONDS = 0.2;

/** Gains in dB of one moment, one a band; null where the two have nothing in common. */
type Gains = readonly (number | null)[];

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
    this.#fft = new RealFft(engine, this.#window);
    this.#shape = Float32Array.from({ length: this.#window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.#window));
    this.#edges = Array.from({ length: RANGES * BANDS_PER_RANGE + 1 }, (_, k) => Math.round((LOWEST_HZ * 2 ** (k / 2) * this.#window) / sampleRate));
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

  #gainsNow(): Gains {
    const [y, x] = [this.#mine, this.#theirs];
    const least = (LIVE_POWER * this.#window * this.#window) / 16;
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
      return xx > least && common > COHERENT * xx * yy ? 10 * Math.log10(common / (xx * xx)) : null;
    });
  }

  /** How far a band's gain lies under its highest before and its highest after, dB; null where it is not known. */
  #depth(band: number, at: number): number | null {
    const here = this.#gains[at]![band];
    if (here == null) return null;
    let [before, after] = [-Infinity, -Infinity];
    for (let step = at - this.#before; step <= at + this.#after; step += 1) {
      const gain = this.#gains[step]?.[band];
      if (gain == null) continue;
      if (step < at) before = Math.max(before, gain);
      if (step > at) after = Math.max(after, gain);
    }
    return Math.min(before, after) - here;
  }

  /** What all bands of a range but one agree on. */
  #rangeDepth(range: number, at: number): number {
    const bands = Array.from({ length: BANDS_PER_RANGE }, (_, k) => range * BANDS_PER_RANGE + k);
    const depths = bands.map((band) => this.#depth(band, at)).filter((depth) => depth !== null);
    return depths.length < BANDS_PER_RANGE - 1 ? 0 : depths.toSorted((a, b) => a - b)[1]!;
  }

  /** Judges the moment that has all its surroundings. */
  #judge(): Finding[] {
    this.#depths.push(Math.max(...Array.from({ length: RANGES }, (_, range) => this.#rangeDepth(range, this.#before))));
    this.#gains.shift();
    this.#firstFrame += this.#hop;
    if (this.#depths.length <= 2 * this.#apart) return [];
    // The deepest moment within the time that two dips are apart.
    const here = this.#depths[this.#apart]!;
    const isDeepest = here >= DIP_DB && this.#depths.every((depth, step) => (step < this.#apart ? depth < here : depth <= here));
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
