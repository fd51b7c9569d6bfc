/**
 * A guess at how loud a limiter's output will be, from 100 ms energies and peaks alone.
 *
 * Where a step's peak passes the ceiling by x dB, its level is taken to fall by `share` times x, and to recover with the
 * limiter's release. The share depends on the material: it is learnt from what passes measure, and what it cannot
 * explain is kept as an offset. The first two guesses come from here.
 */
import { dbToGain, gainToDb } from '../../shared/units.ts';
import { programmeLoudness } from '../analysis/programme-loudness.ts';
import type { LoudnessProfile } from './loudness-probe.ts';

/** With a share of 1 more gain would give no more loudness, and a guess no direction: what is missing is offset. */
const SHARES = [0, 0.85] as const;
const STEP_MS = 100;
const BISECTIONS = 24;

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

  #lufs(gainDb: number, share: number): number {
    let reductionDb = 0;
    const limited = this.#energies.map((energy, step) => {
      reductionDb = Math.max(0, this.#overDb[step]! + gainDb, reductionDb * this.#recovery);
      return energy * dbToGain(gainDb - share * reductionDb) ** 2;
    });
    return programmeLoudness(limited).integratedLufs ?? -Infinity;
  }

  /** Takes in what a pass measured. */
  learn(gainDb: number, lufs: number): void {
    this.#share = bisect(...SHARES, (share) => this.#lufs(gainDb, share) > lufs);
    this.#offsetLu = lufs - this.#lufs(gainDb, this.#share);
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
