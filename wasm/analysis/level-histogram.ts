/** Percentiles of any number of levels in constant memory: a histogram in steps of 0.1 dB, interpolated within a step. */
const STEP_DB = 0.1;

export class LevelHistogram {
  readonly #lowDb: number;
  readonly #counts: Float64Array;
  #total = 0;

  /** Levels outside the range count as its ends. */
  constructor(lowDb: number, highDb: number) {
    this.#lowDb = lowDb;
    this.#counts = new Float64Array(Math.ceil((highDb - lowDb) / STEP_DB));
  }

  add(levelDb: number): void {
    const step = Math.floor((levelDb - this.#lowDb) / STEP_DB);
    this.#counts[Math.max(0, Math.min(this.#counts.length - 1, step))]! += 1;
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  /** @param share 0 to 1; @returns dB, the lower end of the range when nothing was added */
  percentileDb(share: number): number {
    const rank = share * this.#total;
    let below = 0;
    for (let step = 0; step < this.#counts.length; step += 1) {
      const count = this.#counts[step]!;
      if (count > 0 && below + count >= rank) return this.#lowDb + STEP_DB * (step + (rank - below) / count);
      below += count;
    }
    return this.#lowDb;
  }
}
