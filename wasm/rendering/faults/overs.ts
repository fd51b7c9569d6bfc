/**
 * Overs: where the wave between the samples passes the ceiling. With or without the clean counterpart; the same either way.
 *
 * Source: ITU-R BS.1770-5, annex 2: the signal at four times its rate. Departs from it: 48 taps a phase (Kaiser, beta 8,
 * cut-off at 0.98 of Nyquist) in place of 12, which reads peaks of material near Nyquist within 0.1 dB; frames with no
 * sample within 6 dB of the ceiling near them are passed over.
 */
import { dbToGain } from '../../../shared/units.ts';
import { type Finder, type Finding, type Stretch } from './finding.ts';

const TAPS = 48;
const HALF = TAPS / 2;
const BETA = 8;
const CUTOFF = 0.98;
/** What two meters may differ by. */
const TOLERANCE_DB = 0.1;
const NEAR_SHARE = 0.5;
/** Peaks closer than this are one over. */
const APART_SECONDS = 0.01;

function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 48; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Taps for a point `phase` of a frame past the frame in the middle. */
function tapsOf(phase: number): Float64Array {
  return Float64Array.from({ length: TAPS }, (_, tap) => {
    const x = tap - (HALF - 1) - phase;
    const arch = 1 - (x / HALF) ** 2;
    const angle = Math.PI * CUTOFF * x;
    return arch > 0 ? (CUTOFF * (Math.sin(angle) / angle) * besselI0(BETA * Math.sqrt(arch))) / besselI0(BETA) : 0;
  });
}

const PHASES = [0.25, 0.5, 0.75].map(tapsOf);

export class OverFinder implements Finder {
  readonly #ceiling: number;
  readonly #apart: number;
  #open: { frame: number; last: number; peak: number } | null = null;

  constructor(sampleRate: number, ceilingDbtp: number) {
    this.#ceiling = dbToGain(ceilingDbtp);
    this.#apart = Math.round(APART_SECONDS * sampleRate);
  }

  read({ base, from, to, result }: Stretch): Finding[] {
    const found: Finding[] = [];
    const limit = this.#ceiling * dbToGain(TOLERANCE_DB);
    const near = this.#ceiling * NEAR_SHARE;
    const rows = result[0] === result[1] ? [result[0]] : result;
    for (let i = from - base; i < to - base; i += 1) {
      let peak = 0;
      for (const row of rows) {
        const here = Math.max(Math.abs(row[i]!), Math.abs(row[i + 1]!));
        if (here < near) continue;
        peak = Math.max(peak, here);
        for (const taps of PHASES) {
          let sum = 0;
          for (let tap = 0; tap < TAPS; tap += 1) sum += taps[tap]! * row[i - (HALF - 1) + tap]!;
          peak = Math.max(peak, Math.abs(sum));
        }
      }
      if (peak <= limit) continue;
      if (this.#open && base + i - this.#open.last > this.#apart) found.push(...this.finish());
      this.#open ??= { frame: base + i, last: base + i, peak };
      this.#open.last = base + i;
      this.#open.peak = Math.max(this.#open.peak, peak);
    }
    return found;
  }

  finish(): Finding[] {
    const open = this.#open;
    this.#open = null;
    return open ? [{ kind: 'over', frame: open.frame, frames: open.last - open.frame + 1, size: 20 * Math.log10(open.peak / this.#ceiling) }] : [];
  }
}
