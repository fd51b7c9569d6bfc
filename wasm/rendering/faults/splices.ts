/**
 * Splices: the result jumps by some frames, and what lies on either side of the seam is whole. The counterpart tells each
 * side well, at another delay than the other: that is proof enough, however little stands out at the seam itself.
 *
 * Delays are proposed by correlation (lag-search.ts) and judged by the error that the model of the counterpart leaves with
 * one and with the other, a likelihood ratio. Music that repeats itself fits at both delays and proves nothing.
 *
 * Source: M. Basseville and I. V. Nikiforov, Detection of Abrupt Changes, Prentice Hall 1993, chapter 2.4 (the generalised
 * likelihood ratio).
 */
import type { Engine } from '../../host/engine.ts';
import { CounterpartModel, WIDE } from './counterpart-model.ts';
import { meanSquare } from './counterpart-news.ts';
import type { Rows } from './finding.ts';
import { LagSearch } from './lag-search.ts';

/** On either side of the seam, times the scale: what is left alone, what the delays are judged on. */
const OWN_FRAMES = 64;
const JUDGED_FRAMES = 960;
/** The model's own reach, frames. */
const PAD_FRAMES = 64;
/** dB: a delay is another one where it tells so much better. In 0.6 h of music that did not jump no moment passed 1; behind an exciter driven hard one had 6. */
export const OTHER_DELAY_DB = 10;
/** Mean square, -110 dBFS, a little under what 16 bits leave: what is told so well is told, and quiet tails prove nothing. */
const TOLD_POWER = 1e-11;

export class SpliceJudge {
  readonly #scale: number;
  readonly #search: LagSearch;
  readonly #error: Float32Array;
  readonly #models = [new CounterpartModel(1, WIDE), new CounterpartModel(2, WIDE)] as const;

  constructor(engine: Engine, scale: number) {
    this.#scale = scale;
    this.#search = new LagSearch(engine, scale);
    this.#error = new Float32Array(JUDGED_FRAMES * scale);
  }

  /**
   * How much better each side is told at its own delay than at the other's, the lesser of the two; 0 where the delay is the same.
   * @param channel of both that the delays are searched on
   * @returns dB
   */
  evidenceDb(result: Rows, clean: Rows, channel: 0 | 1, centre: number): number {
    const own = OWN_FRAMES * this.#scale;
    const judged = JUDGED_FRAMES * this.#scale;
    const [mine, theirs] = [result[channel], clean[channel]];
    const lags = [this.#search.lagAt(mine, theirs, centre - own - this.#search.frames), this.#search.lagAt(mine, theirs, centre + own)] as const;
    if (lags[0] === lags[1]) return 0;
    const sides = [centre - own - judged, centre + own] as const;
    const told = (side: 0 | 1, lag: number) => this.#errorDb(mine, clean, sides[side], lag);
    // Where a side is quiet the search may err: it is in step, unless what was found tells it better.
    const [early, late] = ([0, 1] as const).map((side) => (lags[side] !== 0 && told(side, lags[side]) < told(side, 0) - OTHER_DELAY_DB ? lags[side] : 0)) as [number, number];
    return early === late ? 0 : Math.min(told(0, late) - told(0, early), told(1, early) - told(1, late));
  }

  /** What the counterpart does not tell of a side at a delay: dB re full scale. */
  #errorDb(samples: Float32Array, clean: Rows, from: number, lag: number): number {
    const frames = JUDGED_FRAMES * this.#scale;
    const part = (row: Float32Array, at: number) => row.subarray(at - PAD_FRAMES, at + frames + PAD_FRAMES);
    const mine = part(samples, from);
    const theirs: Rows = [part(clean[0], from + lag), part(clean[1], from + lag)];
    const model = this.#models[clean[0] === clean[1] ? 0 : 1];
    model.clear();
    model.learn(mine, theirs, PAD_FRAMES, PAD_FRAMES + frames);
    if (!model.solve()) return 0;
    model.error(mine, theirs, PAD_FRAMES, PAD_FRAMES + frames, this.#error);
    return 10 * Math.log10(meanSquare(this.#error, 0, frames) + TOLD_POWER);
  }
}
