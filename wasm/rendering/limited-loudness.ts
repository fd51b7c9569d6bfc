/**
 * A guess at how loud a limiter's output will be, from 100 ms energies and peaks alone.
 *
 * Where a step's peak passes the ceiling by x dB, its level is taken to fall by `share` times x, and to recover with the
 * limiter's release. The share depends on the material: it is learnt from what passes measure, and what it cannot
 * explain is kept as an offset. A few stretches teach nearly as much as the whole.
 */
import { dbToPower, gainToDb, powerToDb } from '../../shared/units.ts';
import { integratedLoudness } from '../analysis/programme-loudness.ts';
import type { LoudnessProfile } from './loudness-probe.ts';

/** First step and the one after the last. */
export type Stretch = readonly [from: number, to: number];

/** With a share of 1 more gain would give no more loudness, and a guess no direction: what is missing is offset. */
const SHARES = [0, 0.85] as const;
const STEP_MS = 100;
/** 30 dB in steps of 0.0005. */
const BISECTIONS = 16;

export class LimitedLoudness {
  readonly #energies: readonly number[];
  /** Level of each step's peak over the ceiling, dB. */
  readonly #overDb: readonly number[];
  readonly #recovery: number;
  #share: number = SHARES[1];
  #offsetLu = 0;

  constructor({ energies, peaks }: LoudnessProfile, ceilingDbtp: number, releaseMs: number) {
    this.#energies = energies;
    this.#overDb = energies.map((_, step) => gainToDb(Math.max(peaks[step] ?? 0, 1e-6)) - ceilingDbtp);
    this.#recovery = Math.exp(-STEP_MS / releaseMs);
  }

  /** Energy of each step behind the limiter. */
  #limited(gainDb: number, share: number): Float64Array {
    const limited = new Float64Array(this.#energies.length);
    let reductionDb = 0;
    for (let step = 0; step < limited.length; step += 1) {
      reductionDb = Math.max(0, this.#overDb[step]! + gainDb, reductionDb * this.#recovery);
      limited[step] = this.#energies[step]! * dbToPower(gainDb - share * reductionDb);
    }
    return limited;
  }

  #lufs(gainDb: number, share: number, stretches: readonly Stretch[] | null = null): number {
    const limited = this.#limited(gainDb, share);
    return integratedLoudness(stretches ? stretches.flatMap(([from, to]) => [...limited.subarray(from, to)]) : limited) ?? -Infinity;
  }

  /** By how much each stretch is taken to be less loud than the gain alone would make it, dB. */
  lossesDb(gainDb: number, stretches: readonly Stretch[]): number[] {
    const limited = this.#limited(gainDb, this.#share);
    return stretches.map(([from, to]) => {
      let [plain, behind] = [1e-12, 1e-12];
      for (let step = from; step < Math.min(to, limited.length); step += 1) {
        plain += this.#energies[step]!;
        behind += limited[step]!;
      }
      return powerToDb(plain / behind) + gainDb;
    });
  }

  /** Takes in what a pass measured. @param stretches that it measured; null: everything */
  learn(gainDb: number, lufs: number, stretches: readonly Stretch[] | null = null): void {
    this.#share = bisect(...SHARES, (share) => this.#lufs(gainDb, share, stretches) > lufs);
    this.#offsetLu = lufs - this.#lufs(gainDb, this.#share, stretches);
  }

  /** The gain within [low, high] whose guess is the target. */
  gainFor(targetLufs: number, lowDb: number, highDb: number): number {
    return bisect(lowDb, highDb, (gainDb) => this.#lufs(gainDb, this.#share) + this.#offsetLu < targetLufs);
  }
}

/** Where `isBelow` turns from true to false. */
function bisect(low: number, high: number, isBelow: (value: number) => boolean): number {
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
