/**
 * Long-term average spectrum of what is active: band powers of frames (meter `ltas`) are kept by the frame's level, so
 * that a gate relative to the whole can be applied at the end of one pass, in constant memory.
 */
import type { Ltas } from '../../shared/features.ts';
import { powerToDb, THIRD_OCTAVE_COUNT, thirdOctaveHz } from '../../shared/units.ts';

const FINE_COUNT = 121;
const BANDS = THIRD_OCTAVE_COUNT + FINE_COUNT;
const FRAME_VALUES = 1 + 4 * BANDS;
const LOWEST_DB = -120;
const LEVELS = 140;
/** As in ITU-R BS.1770: what lies more than 10 LU under the mean of the active is pause, breath or tail. */
const RELATIVE_GATE_DB = 10;
const ABSOLUTE_GATE_DB = -70;
const FLOOR_POWER = 1e-14;

/** Side and mid are compared only where the stronger of them is above this. */
const EMPTY_POWER = 1e-11;

/**
 * Power gain of the K-weighting at a frequency: the gate hears as loudness does, so that rumble does not pass for sound.
 * Source: ITU-R BS.1770-5, annex 1; the analogue prototypes of its two stages.
 */
export function kWeight(hz: number): number {
  const [f2, shelf2, pass2] = [hz * hz, 1681.97 ** 2, 38.135 ** 2];
  const [high, middle, q] = [1.58489, 1.58489 ** 0.49967, 0.70718];
  const shelf = ((shelf2 - high * f2) ** 2 + (middle / q) ** 2 * f2 * shelf2) / ((shelf2 - f2) ** 2 + (f2 * shelf2) / q ** 2);
  return (shelf * f2 * f2) / ((pass2 - f2) ** 2 + (f2 * pass2) / 0.50033 ** 2);
}

const K_WEIGHTS = Float64Array.from({ length: THIRD_OCTAVE_COUNT }, (_, band) => kWeight(thirdOctaveHz(band)));

export const fineBandHz = (k: number): number => 20 * 2 ** (k / 12);

export interface GatedSpectrum {
  readonly ltas: Ltas;
  readonly ltasFine: Ltas;
  readonly sideToMidDb: (number | null)[];
  readonly coherence: number[];
  /** Share of frames that passed the gate. */
  readonly activeShare: number;
}

export class GatedSpectrumSums {
  readonly #sums: (Float64Array | undefined)[] = [];
  readonly #counts = new Float64Array(LEVELS);

  /** Whole frames as the meter drains them. Sums are kept per dB of loudness; the first of each is the weighted power. */
  add(values: Float64Array): void {
    for (let at = 0; at + FRAME_VALUES <= values.length; at += FRAME_VALUES) {
      if (!(values[at]! > 0)) continue;
      let power = 0;
      for (let band = 0; band < THIRD_OCTAVE_COUNT; band += 1) {
        power += K_WEIGHTS[band]! * (values[at + 1 + 4 * band]! + values[at + 2 + 4 * band]!);
      }
      const level = Math.max(0, Math.min(LEVELS - 1, Math.floor(powerToDb(power + FLOOR_POWER) - LOWEST_DB)));
      const sums = (this.#sums[level] ??= new Float64Array(FRAME_VALUES));
      sums[0]! += power;
      for (let k = 1; k < FRAME_VALUES; k += 1) sums[k]! += values[at + k]!;
      this.#counts[level]! += 1;
    }
  }

  finish(): GatedSpectrum {
    const above = (gateDb: number) => {
      const total = new Float64Array(FRAME_VALUES);
      let count = 0;
      for (let level = Math.max(0, Math.ceil(gateDb - LOWEST_DB)); level < LEVELS; level += 1) {
        const sums = this.#sums[level];
        if (!sums) continue;
        for (let k = 0; k < FRAME_VALUES; k += 1) total[k]! += sums[k]!;
        count += this.#counts[level]!;
      }
      return { total, count };
    };
    const ungated = above(ABSOLUTE_GATE_DB);
    const meanDb = powerToDb(ungated.total[0]! / Math.max(1, ungated.count) + FLOOR_POWER);
    const gated = ungated.count > 0 ? above(Math.max(ABSOLUTE_GATE_DB, meanDb - RELATIVE_GATE_DB)) : above(LOWEST_DB);
    const all = this.#counts.reduce((sum, count) => sum + count, 0);
    return describe(gated.total, Math.max(1, gated.count), gated.count / Math.max(1, all));
  }
}

function describe(total: Float64Array, count: number, activeShare: number): GatedSpectrum {
  const power = (band: number, row: number) => total[1 + 4 * band + row]! / count;
  const level = (band: number, row: number) => powerToDb(Math.max(0, power(band, row)) + FLOOR_POWER);
  const curve = (first: number, length: number, hz: (k: number) => number): Ltas => ({
    hz: Array.from({ length }, (_, k) => hz(k)),
    midDb: Array.from({ length }, (_, k) => level(first + k, 0)),
    sideDb: Array.from({ length }, (_, k) => level(first + k, 1)),
  });
  const thirds = Array.from({ length: THIRD_OCTAVE_COUNT }, (_, band) => band);
  return {
    ltas: curve(0, THIRD_OCTAVE_COUNT, thirdOctaveHz),
    ltasFine: curve(THIRD_OCTAVE_COUNT, FINE_COUNT, fineBandHz),
    sideToMidDb: thirds.map((band) =>
      power(band, 0) + power(band, 1) < EMPTY_POWER ? null : Math.max(-60, Math.min(60, level(band, 1) - level(band, 0))),
    ),
    coherence: thirds.map((band) => coherence(power(band, 0), power(band, 1), power(band, 2), power(band, 3))),
    activeShare,
  };
}

/** Magnitude-squared coherence of left and right from mid, side and their cross spectrum: L = M + S, R = M - S. */
function coherence(mid: number, side: number, crossRe: number, crossIm: number): number {
  const left = mid + side + 2 * crossRe;
  const right = mid + side - 2 * crossRe;
  if (left < EMPTY_POWER || right < EMPTY_POWER) return mid + side < EMPTY_POWER ? 1 : 0;
  const re = mid - side;
  const im = 2 * crossIm;
  return Math.min(1, (re * re + im * im) / (left * right));
}
