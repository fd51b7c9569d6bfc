/** What a bench is: one subject, measured against a named yardstick in the same run. */

export interface BenchRow {
  readonly what: string;
  readonly ours: number;
  readonly yardstick: number | null;
  readonly unit: string;
  /** How many times better than the yardstick; null where there is none. */
  readonly ratio: number | null;
  readonly note?: string;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** The other implementation, by name and version. */
  readonly yardstick: string;
  run(): Promise<readonly BenchRow[]>;
  /** After a run: what `--json` prints last when this bench is asked for alone. undefined: its rows. */
  summary?(): unknown;
}

/**
 * Times two pieces of work in turn, so that a machine that changes speed treats both alike.
 * @param pick of the rounds' times: the median, or the least where a busy machine is held against what it can do at most
 * @returns milliseconds per call
 */
export function timeInTurn(ours: () => void, yardstick: () => void, { rounds = 15, callsPerRound = 1, pick = median as (times: readonly number[]) => number } = {}): [number, number] {
  const times: [number[], number[]] = [[], []];
  const work = [ours, yardstick] as const;
  for (let warm = 0; warm < 3; warm += 1) work.forEach((f) => f());
  for (let round = 0; round < rounds; round += 1) {
    for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const start = performance.now();
      for (let call = 0; call < callsPerRound; call += 1) work[which]();
      times[which].push((performance.now() - start) / callsPerRound);
    }
  }
  return [pick(times[0]), pick(times[1])];
}

export const least = (values: readonly number[]): number => Math.min(...values);

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Ratio of times: over 1, ours is faster. */
export const fasterBy = (what: string, [ours, yardstick]: [number, number], note?: string): BenchRow => ({
  what,
  ours,
  yardstick,
  unit: 'ms',
  ratio: yardstick / ours,
  ...(note === undefined ? {} : { note }),
});
