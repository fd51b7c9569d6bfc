/** Level distributions and crest per band from the records of meter `band-levels`. */
import type { BandDynamics } from '../../shared/features.ts';
import { powerToDb } from '../../shared/units.ts';
import { percentile } from './programme-loudness.ts';

const EDGES_HZ = [[0, Infinity], [0, 120], [120, 500], [500, 2000], [2000, 6000], [6000, Infinity]] as const;
const RECORD = 7;
export const LEVEL_SHARES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/** Frames more than this under the band's loudest are pauses. */
const ACTIVE_RANGE_DB = 60;
/** One-second frames count for crest within 40 dB of the loudest. */
const CREST_RANGE_DB = 40;
const SILENT_POWER = 1e-12;
/** A pause of the whole: this far under the loud frames (95th percentile). */
const PAUSE_DB = 30;
/** Half a second of pauses shows the noise floor; where music never stops, it cannot be told from the music. */
const MIN_PAUSES = 10;

export interface Dynamics {
  readonly bands: BandDynamics[];
  readonly activeShare: number;
  readonly noiseFloorDb: number | null;
}

export class BandDynamicsRecords {
  readonly #levels: number[][] = EDGES_HZ.map(() => []);
  readonly #crests: number[][] = EDGES_HZ.map(() => []);
  readonly #powers: number[][] = EDGES_HZ.map(() => []);

  add(records: Float64Array): void {
    const rows = [this.#levels, this.#crests, this.#powers];
    for (let at = 0; at + RECORD <= records.length; at += RECORD) {
      const row = rows[records[at]!];
      if (!row) break;
      for (let band = 0; band < EDGES_HZ.length; band += 1) row[band]!.push(records[at + 1 + band]!);
    }
  }

  /** Mean power per band, whole first. */
  get powers(): number[] {
    return this.#levels.map((levels) => levels.reduce((sum, power) => sum + power, 0) / Math.max(1, levels.length));
  }

  finish(sampleRate: number): Dynamics {
    const whole = sortedDb(this.#levels[0]!);
    const loud = whole.length > 0 ? percentile(whole, 0.95) : 0;
    const pauses = whole.filter((level) => level <= loud - PAUSE_DB);
    return {
      bands: EDGES_HZ.map(([lowHz, highHz], band) => ({
        lowHz,
        highHz: Math.min(highHz, sampleRate / 2),
        crestDb: lowHz >= sampleRate / 2 ? null : this.#crestDb(band),
        levelPercentilesDb: lowHz >= sampleRate / 2 ? null : percentiles(sortedDb(this.#levels[band]!)),
      })),
      activeShare: whole.length === 0 ? 0 : (whole.length - pauses.length) / this.#levels[0]!.length,
      noiseFloorDb: pauses.length < MIN_PAUSES ? null : percentile(pauses, 0.1),
    };
  }

  #crestDb(band: number): number | null {
    const powers = this.#powers[band]!;
    const loudest = powers.reduce((high, power) => Math.max(high, power), 0);
    const live = this.#crests[band]!.filter((_, i) => powers[i]! > SILENT_POWER && powers[i]! > loudest * 10 ** (-CREST_RANGE_DB / 10));
    return live.length === 0 ? null : percentile(live.map(powerToDb).toSorted((a, b) => a - b), 0.5);
  }
}

const sortedDb = (powers: readonly number[]): Float64Array =>
  Float64Array.from(powers.filter((power) => power > SILENT_POWER), powerToDb).sort();

function percentiles(sorted: Float64Array): number[] | null {
  if (sorted.length < 4) return null;
  const active = sorted.filter((level) => level > sorted.at(-1)! - ACTIVE_RANGE_DB);
  return LEVEL_SHARES.map((share) => percentile(active, share));
}
