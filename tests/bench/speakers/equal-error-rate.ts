/** How well a measure of likeness tells speakers apart. */

/**
 * Where as many strangers are let in as friends are kept out.
 * @param same, different likenesses of pairs of one speaker and of two
 * @returns percent, 0 to 50
 */
export function equalErrorRate(same: readonly number[], different: readonly number[]): number {
  const all = [...same.map((value) => ({ value, isSame: true })), ...different.map((value) => ({ value, isSame: false }))].toSorted((a, b) => a.value - b.value);
  let [keptOut, letIn] = [0, different.length];
  let best = { gap: Infinity, rate: 50 };
  for (const { isSame } of all) {
    if (isSame) keptOut += 1;
    else letIn -= 1;
    const [rejected, accepted] = [keptOut / same.length, letIn / different.length];
    const gap = Math.abs(rejected - accepted);
    if (gap < best.gap) best = { gap, rate: 50 * (rejected + accepted) };
  }
  return best.rate;
}

export interface Heard {
  readonly speaker: string;
  /** Which piece of the speaker's: a piece is not compared with itself. */
  readonly piece: number;
  readonly vector: ArrayLike<number>;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Compares every one of the first with every one of the second. @returns percent, and how many pairs there were */
export function errorRateOf(enrolled: readonly Heard[], tried: readonly Heard[]): { rate: number; same: number; different: number } {
  const [same, different]: [number[], number[]] = [[], []];
  for (const a of enrolled) {
    for (const b of tried) {
      if (a.speaker !== b.speaker) different.push(cosine(a.vector, b.vector));
      else if (a.piece !== b.piece) same.push(cosine(a.vector, b.vector));
    }
  }
  return { rate: equalErrorRate(same, different), same: same.length, different: different.length };
}
