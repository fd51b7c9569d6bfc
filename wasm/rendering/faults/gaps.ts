/**
 * Gaps: 2 to 250 ms of samples that do not change at all, on every channel, between live ones. With or without the clean
 * counterpart; one that the counterpart has too is left out.
 *
 * A rest that music makes by itself fades in or out; a dropout cuts the sound at some point of its wave. No paper: the
 * definition is the fault's own.
 */
import { type Finder, type Finding, type Rows, type Stretch } from './finding.ts';

const SHORTEST_SECONDS = 0.002;
const LONGEST_SECONDS = 0.25;
/** The sound before and after is measured over this long: what fades in or out is quiet by then. */
const BESIDE_SECONDS = 0.001;
/** Mean square on both sides, -50 dBFS. */
const LIVE_POWER = 1e-5;

export class GapFinder implements Finder {
  readonly #sampleRate: number;
  readonly #shortest: number;
  readonly #longest: number;
  readonly #beside: number;
  /** First frame of the run of equal frames that the last stretch ended in, and how live it was before. */
  #start = 0;
  #powerBefore = 0;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
    this.#shortest = Math.round(SHORTEST_SECONDS * sampleRate);
    this.#longest = Math.round(LONGEST_SECONDS * sampleRate);
    this.#beside = Math.round(BESIDE_SECONDS * sampleRate);
  }

  read({ base, from, to, result, clean }: Stretch): Finding[] {
    const found: Finding[] = [];
    const [left, right] = result;
    for (let i = from - base; i < to - base; i += 1) {
      if (left[i] === left[i - 1] && right[i] === right[i - 1]) continue;
      const run = base + i - this.#start;
      if (run >= this.#shortest) {
        const isGap =
          run <= this.#longest &&
          this.#powerBefore > LIVE_POWER &&
          power(result, i, i + this.#beside) > LIVE_POWER &&
          !(clean && stands(clean, i - this.#shortest, i - 1));
        if (isGap) found.push({ kind: 'gap', frame: this.#start, frames: run, size: (1000 * run) / this.#sampleRate });
      }
      this.#start = base + i;
      // Only where a run begins: the next frame is the same.
      if (left[i + 1] === left[i] && right[i + 1] === right[i]) this.#powerBefore = power(result, i - this.#beside, i);
    }
    return found;
  }

  finish(): Finding[] {
    return [];
  }
}

function power([left, right]: Rows, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += left[i]! ** 2 + right[i]! ** 2;
  return sum / (2 * (to - from));
}

function stands([left, right]: Rows, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i += 1) if (left[i] !== left[i - 1] || right[i] !== right[i - 1]) return false;
  return true;
}
