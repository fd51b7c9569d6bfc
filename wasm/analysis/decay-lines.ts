/**
 * Straight falls of one octave band's level, found as the levels come, in constant memory but for the lines.
 *
 * A line says whether it fell as noise falls or as tones do: the tail of a room fills a band, a string that is left to
 * ring leaves gaps between its partials.
 */
import { powerToDb } from '../../shared/units.ts';
import { LevelHistogram } from './level-histogram.ts';

const STEP_SECONDS = 0.01;
const FLOOR_POWER = 1e-13;
/** Levels are means over this many steps. */
const SMOOTH_STEPS = 5;

const MIN_STEPS = 12;
const MIN_FALL_DB = 18;
/** A slow fall proves itself by lasting: rooms of 1.5 s and more seldom have the time to fall by 18 dB. */
const LONG_STEPS = 28;
const LONG_FALL_DB = 11;
/** Further down lies the noise floor. */
const MOST_FALL_DB = 36;
/** The first decibels of a fall belong to the sound itself. */
const SKIP_DB = 4;
const MIN_CORRELATION = 0.97;
/** A fall may ripple by this over its lowest point so far: what noise does in a band. */
const RIPPLE_DB = 3;
const LONGEST_RT60_SECONDS = 8;
/** Falls start this near to the loud moments (98th percentile). */
const LOUD_RANGE_DB = 30;

/** No fall of interest lasts longer than 10 s. */
const RUN_STEPS = 1000;
const BUFFER_STEPS = 6000;

export interface DecayLine {
  readonly rt60Seconds: number;
  readonly startDb: number;
  /** Level per 10 ms from the line's start, dB. */
  readonly curveDb: Float32Array;
  /** log2 of geometric over arithmetic mean of the band's bins: about -1 for noise, under -3 for tones. */
  readonly flatness: number;
}

export class DecayLines {
  readonly #levels = new Float32Array(BUFFER_STEPS);
  readonly #flatness = new Float32Array(BUFFER_STEPS);
  readonly #recent = new Float64Array(SMOOTH_STEPS);
  readonly #histogram = new LevelHistogram(-130, 20);
  readonly #lines: DecayLine[] = [];
  #count = 0;

  /** @param power of 10 ms; @param flatness of the same, as in `DecayLine` */
  add(power: number, flatness: number): void {
    this.#recent[this.#histogram.total % SMOOTH_STEPS] = power;
    const level = powerToDb(this.#recent.reduce((sum, value) => sum + value, 0) / SMOOTH_STEPS + FLOOR_POWER);
    this.#histogram.add(level);
    this.#levels[this.#count] = level;
    this.#flatness[this.#count] = flatness;
    this.#count += 1;
    if (this.#count === BUFFER_STEPS) this.#scan(BUFFER_STEPS - RUN_STEPS - 1);
  }

  /** The lines that start near the loud moments. */
  finish(): DecayLine[] {
    this.#scan(this.#count - MIN_STEPS);
    const loud = this.#histogram.percentileDb(0.98);
    return this.#lines.filter((line) => line.startDb > loud - LOUD_RANGE_DB);
  }

  /** Follows every fall that starts before `until`, then forgets what lies behind. */
  #scan(until: number): void {
    const levels = this.#levels;
    let from = 0;
    while (from < until) {
      const deepest = levels[from]! - MOST_FALL_DB;
      const end = Math.min(this.#count, from + RUN_STEPS);
      let to = from;
      let lowest = levels[from]!;
      for (let next = from + 1; next < end && levels[next]! < lowest + RIPPLE_DB && lowest > deepest; next += 1) {
        if (levels[next]! < lowest) {
          lowest = levels[next]!;
          to = next;
        }
      }
      this.#fit(from, to);
      from = Math.max(from + 1, to);
    }
    levels.copyWithin(0, from, this.#count);
    this.#flatness.copyWithin(0, from, this.#count);
    this.#count -= Math.min(from, this.#count);
  }

  #fit(top: number, to: number): void {
    const levels = this.#levels;
    let from = top;
    while (from < to && levels[from]! > levels[top]! - SKIP_DB) from += 1;
    const count = to - from + 1;
    const fallDb = levels[from]! - levels[to]!;
    if (count < MIN_STEPS || fallDb < (count >= LONG_STEPS ? LONG_FALL_DB : MIN_FALL_DB)) return;
    let [sx, sy, sxx, sxy, syy, flatness] = [0, 0, 0, 0, 0, 0];
    for (let i = from; i <= to; i += 1) {
      const [x, y] = [i - from, levels[i]!];
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
      syy += y * y;
      flatness += this.#flatness[i]!;
    }
    const covariance = count * sxy - sx * sy;
    const spread = count * sxx - sx * sx;
    const rt60Seconds = ((-60 * spread) / covariance) * STEP_SECONDS;
    const correlation = -covariance / Math.sqrt(spread * (count * syy - sy * sy));
    if (correlation < MIN_CORRELATION || rt60Seconds > LONGEST_RT60_SECONDS) return;
    const curveDb = levels.slice(from, to + 1).map((level) => level - levels[from]!);
    this.#lines.push({ rt60Seconds, startDb: levels[top]!, curveDb, flatness: flatness / count });
  }
}
