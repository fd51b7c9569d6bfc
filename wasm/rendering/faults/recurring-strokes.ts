/**
 * Clicks that the music itself makes again and again: drums that begin with one, on the beat. Without the counterpart, one
 * such attack is as much of a click as a wrong sample is; what tells them apart is that the stroke after it comes again.
 *
 * Sequenced and looped music plays the same sound each time. So what linear prediction leaves of a candidate, and of the 9 ms
 * that follow it, is correlated with what it leaves of the others, those too weak to be called clicks among them: where two
 * others are alike in both, it is a stroke. A fault in music that is repeated has another shape than what is there in it; one
 * that comes again and again, as at the seams of buffers, has only the music as it then is after it; and held notes and hum,
 * however alike they are, are predicted, and leave nothing to compare.
 *
 * Source: A. Zils, F. Pachet, O. Delerue and F. Gouyon, Automatic extraction of drum tracks from polyphonic music signals,
 * WEDELMUSIC 2002 (strokes of a drum are found by correlation with one of them).
 */
import type { Finding } from './finding.ts';

/** The click itself: all that a wrong sample leaves of the error. Frames from the peak, times the scale. */
const CLICK_FRAMES = [-8, 40] as const;
/** What follows: from where a click has ended, to short of where the next of a series may lie. */
const AFTER_FRAMES = [48, 480] as const;
/** Peaks of one stroke may lie this far from each other, times the scale. */
const LAG_FRAMES = 6;
/** Normalised correlations. Of the 752 clicks found in the development half, one has two others as much alike. */
const ALIKE_CLICK = 0.7;
const ALIKE_AFTER = 0.25;
const OTHERS = 2;
/** Candidates before and after that one is compared with. */
const COMPARED_EVENTS = 128;
/** Candidates closer than this are one, times the scale. */
const APART_FRAMES = 512;
/** Full scale: what is less is rounding, and tells nothing. */
const ROUNDING = 1e-5;

export interface Candidate {
  readonly frame: number;
  /** Of what both channels show, the strongest is compared. */
  readonly strength: number;
  /** What linear prediction leaves around the peak: `errorAround`. */
  readonly error: Float32Array;
  /** Null: too weak to be one by itself. */
  readonly finding: Finding | null;
}

export class RecurringStrokes {
  readonly #scale: number;
  readonly #lag: number;
  #events: Candidate[] = [];
  /** Events before this index have been judged. */
  #next = 0;

  constructor(scale: number) {
    this.#scale = scale;
    this.#lag = Math.ceil(LAG_FRAMES * scale);
  }

  /** A copy of what is compared. @param at index of the peak */
  errorAround(error: Float32Array, at: number): Float32Array {
    return error.slice(at + CLICK_FRAMES[0] * this.#scale - this.#lag, at + AFTER_FRAMES[1] * this.#scale + this.#lag);
  }

  /** Candidates in order of time, going on where the last call ended. @returns clicks that are known by now to be no strokes */
  read(candidates: readonly Candidate[]): Finding[] {
    for (const candidate of candidates) this.#add(candidate);
    const found = this.#judge(this.#events.length - COMPARED_EVENTS);
    const old = Math.max(0, this.#next - COMPARED_EVENTS);
    this.#events = this.#events.slice(old);
    this.#next -= old;
    return found;
  }

  /** The clicks that were still undecided. */
  finish(): Finding[] {
    return this.#judge(this.#events.length);
  }

  #add(candidate: Candidate): void {
    const last = this.#events.at(-1);
    if (!last || candidate.frame - last.frame > APART_FRAMES * this.#scale) this.#events.push(candidate);
    else {
      const { strength, error } = candidate.strength > last.strength ? candidate : last;
      this.#events[this.#events.length - 1] = { frame: last.frame, strength, error, finding: last.finding ?? candidate.finding };
    }
  }

  #judge(end: number): Finding[] {
    const found: Finding[] = [];
    for (; this.#next < end; this.#next += 1) {
      const { finding } = this.#events[this.#next]!;
      if (finding && !this.#comesAgain(this.#next)) found.push(finding);
    }
    return found;
  }

  #comesAgain(index: number): boolean {
    const { error } = this.#events[index]!;
    const others = this.#events.slice(Math.max(0, index - COMPARED_EVENTS), index + COMPARED_EVENTS + 1);
    let alike = 0;
    for (const other of others) {
      if (other.error !== error && this.#isAlike(error, other.error, CLICK_FRAMES, ALIKE_CLICK) && this.#isAlike(error, other.error, AFTER_FRAMES, ALIKE_AFTER)) alike += 1;
      if (alike === OTHERS) return true;
    }
    return false;
  }

  /** The normalised correlation of one part of both, at any lag, is as large as `least`. */
  #isAlike(a: Float32Array, b: Float32Array, [from, to]: readonly [number, number], least: number): boolean {
    const start = (from - CLICK_FRAMES[0]) * this.#scale;
    const end = start + (to - from) * this.#scale;
    const rounding = (end - start) * ROUNDING ** 2;
    for (let lag = 0; lag <= 2 * this.#lag; lag += 1) {
      let [ab, aa, bb] = [0, rounding, rounding];
      for (let i = start; i < end; i += 1) {
        const [x, y] = [a[i + this.#lag]!, b[i + lag]!];
        ab += x * y;
        aa += x * x;
        bb += y * y;
      }
      if (ab >= least * Math.sqrt(aa * bb)) return true;
    }
    return false;
  }
}
