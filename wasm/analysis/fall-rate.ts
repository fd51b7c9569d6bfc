/**
 * How fast sound gets out of the way in one band: the 5th percentile of the level change over 50 ms, among moments
 * within 30 dB of the loud ones. Reverb fills the gaps and pulls it towards 0; equalization leaves it alone.
 */
import { LevelHistogram } from './level-histogram.ts';

/** Levels come every 10 ms. */
const SPAN_STEPS = 5;
const SPAN_SECONDS = 0.05;
const SHARE = 0.05;
const RANGE_DB = 30;
/** A fall into digital silence has no rate. */
const DEEPEST_DB = -60;

const LOW_DB = -130;
const HIGH_DB = 20;
/** Changes are kept by the level they start from, in steps of this. */
const START_STEP_DB = 0.5;
const STARTS = (HIGH_DB - LOW_DB) / START_STEP_DB;
const CHANGE_STEP_DB = 0.1;
const CHANGES = Math.round((4 - DEEPEST_DB) / CHANGE_STEP_DB);

export class FallRate {
  readonly #levels = new LevelHistogram(LOW_DB, HIGH_DB);
  readonly #changes = new Uint32Array(STARTS * CHANGES);
  readonly #recent = new Float64Array(SPAN_STEPS);

  add(levelDb: number): void {
    const slot = this.#levels.total % SPAN_STEPS;
    if (this.#levels.total >= SPAN_STEPS) {
      const start = this.#recent[slot]!;
      const row = Math.max(0, Math.min(STARTS - 1, Math.floor((start - LOW_DB) / START_STEP_DB)));
      const column = Math.floor((levelDb - start - DEEPEST_DB) / CHANGE_STEP_DB);
      this.#changes[row * CHANGES + Math.max(0, Math.min(CHANGES - 1, column))]! += 1;
    }
    this.#recent[slot] = levelDb;
    this.#levels.add(levelDb);
  }

  /** dB per second, negative; null below 0.2 s. */
  get dbPerSecond(): number | null {
    if (this.#levels.total < 4 * SPAN_STEPS) return null;
    const gate = this.#levels.percentileDb(0.98) - RANGE_DB;
    const first = Math.max(0, Math.round((gate - LOW_DB) / START_STEP_DB));
    const counts = new Float64Array(CHANGES);
    let total = 0;
    for (let at = first * CHANGES; at < this.#changes.length; at += 1) {
      counts[at % CHANGES]! += this.#changes[at]!;
      total += this.#changes[at]!;
    }
    if (total === 0) return null;
    let below = 0;
    for (let column = 0; column < CHANGES; column += 1) {
      const count = counts[column]!;
      if (count > 0 && below + count >= SHARE * total) {
        return (DEEPEST_DB + CHANGE_STEP_DB * (column + (SHARE * total - below) / count)) / SPAN_SECONDS;
      }
      below += count;
    }
    return null;
  }
}
