/**
 * Reverberation without an impulse response: free decays in octave bands (meter `decay`), and how fast sound falls.
 *
 * A decay counts when the level falls for long and far enough along a straight line. What a room adds cannot fall
 * faster than the room, so the fast side of the decays found speaks for it. Sustained chords show no decay at all, and
 * the decay of strings left ringing is known by its gaps between partials: both answer null.
 * Source: Ratnam et al., Blind estimation of reverberation time, JASA 114 (2003), for the left side of the distribution
 * of decays; ISO 3382-1 for reading a slope as RT60. Departs from both: straight lines are found by regression on band
 * levels every 10 ms.
 */
import type { Features } from '../../shared/features.ts';
import { powerToDb } from '../../shared/units.ts';
import { type DecayLine, DecayLines } from './decay-lines.ts';
import { FallRate } from './fall-rate.ts';
import { percentile } from './programme-loudness.ts';

/** A record of the meter: powers of the octaves, powers of the bands for the fall, flatness of the octaves. */
const OCTAVES = 6;
const FALL_BANDS = 3;
const RECORD = 2 * OCTAVES + FALL_BANDS;
const FLOOR_POWER = 1e-13;

const MIN_DECAYS = 4;
const MIN_BANDS = 2;
const MIN_CURVE_STEPS = 12;
/** The share of decays, from the fast side, that is taken for the room's. */
const FAST_SHARE = 0.3;

/**
 * Median flatness of a band's decays. Found on speech, drums and a band, dry and in made rooms of 0.4 to 3 s: -0.6 to
 * -2.4; on plucked chords: -2 to -27, the lower the higher the band.
 */
const TONAL_BAND = -2.5;
/** One band as clear as this says that what falls are tones. The lowest octave has too few bins to tell. */
const TONAL_ALL = -3.5;

export class FreeDecays {
  readonly #octaves = Array.from({ length: OCTAVES }, () => new DecayLines());
  readonly #falls = Array.from({ length: FALL_BANDS }, () => new FallRate());

  /** Whole records as the meter drains them. */
  add(values: Float64Array): void {
    for (let at = 0; at + RECORD <= values.length; at += RECORD) {
      this.#octaves.forEach((octave, k) => octave.add(values[at + k]!, values[at + OCTAVES + FALL_BANDS + k]!));
      this.#falls.forEach((fall, k) => fall.add(powerToDb(values[at + OCTAVES + k]! + FLOOR_POWER)));
    }
  }

  finish(): Features['reverb'] {
    const bands = this.#octaves.map((octave) => octave.finish()).map((lines) => (lines.length < MIN_DECAYS ? [] : lines));
    const flatness = bands.map((lines) => percentile(lines.map((line) => line.flatness).toSorted((a, b) => a - b), 0.5));
    const isTonal = flatness.some((value, band) => band > 0 && value < TONAL_ALL);
    const rooms = bands.map((lines, band) => (isTonal || lines.length === 0 || flatness[band]! < TONAL_BAND ? null : spread(lines)));
    const known = rooms.filter((room) => room !== null);
    const isClear = known.length >= MIN_BANDS;
    const median = (of: (room: Spread) => number) => percentile(known.map(of).toSorted((a, b) => a - b), 0.5);
    const rates = this.#falls.map((fall) => fall.dbPerSecond).filter((rate) => rate !== null);
    return {
      rt60Seconds: isClear ? median((room) => room.middle) : null,
      rt60Interval: isClear ? [median((room) => room.low), median((room) => room.high)] : null,
      rt60BandSeconds: rooms.map((room) => room?.middle ?? null),
      edcDb: isClear ? meanCurve(bands.flatMap((lines, band) => (rooms[band] ? lines : []))) : null,
      fallDbPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
    };
  }
}

interface Spread {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Estimate and its ends from the fast side of the decays, s. */
function spread(lines: readonly DecayLine[]): Spread {
  const sorted = lines.map((line) => line.rt60Seconds).toSorted((a, b) => a - b);
  // The interval widens with few decays: a binomial standard error on the share.
  const error = Math.min(0.25, 0.82 / Math.sqrt(sorted.length));
  const at = (share: number) => percentile(sorted, Math.max(0, Math.min(1, share)));
  return { low: at(FAST_SHARE - error), middle: at(FAST_SHARE), high: at(FAST_SHARE + error) };
}

/** Mean of the decays from their start, dB per 10 ms, as long as three of them last. */
function meanCurve(lines: readonly DecayLine[]): number[] | null {
  const curve: number[] = [];
  for (let step = 0; ; step += 1) {
    const live = lines.filter(({ curveDb }) => step < curveDb.length);
    if (live.length < 3) break;
    curve.push(live.reduce((sum, { curveDb }) => sum + curveDb[step]!, 0) / live.length);
  }
  return curve.length < MIN_CURVE_STEPS ? null : curve;
}
