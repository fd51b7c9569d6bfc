/** Writes to a server whose program or database may die at any moment: what was acknowledged, and whether it is there afterwards. */

export interface Answer {
  readonly status: number;
  // What an answer holds is what is asked for.
  readonly json: Record<string, any>;
}

/** Under /api. @returns null where nobody knows whether it was done: no answer, or one that tells of the server's own trouble */
export type Line = (method: string, path: string, body?: unknown, token?: string) => Promise<Answer | null>;

const PATIENCE_MS = 60_000;

/** Every call comes from another address (the server has to trust this machine as its proxy), so that none is counted against the next. */
export function createLine(url: string): Line {
  let calls = 0;
  return async (method, path, body, token) => {
    calls += 1;
    const headers = {
      'x-forwarded-for': `10.${(calls >> 16) & 255}.${(calls >> 8) & 255}.${calls & 255}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    try {
      const answer = await fetch(`${url}/api${path}`, { method, headers, signal: AbortSignal.timeout(PATIENCE_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      return answer.status >= 500 ? null : { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, any>) };
    } catch {
      return null;
    }
  };
}

/** What such a server is to be started with: the quotas of a person in a hurry. */
export const PATIENT = { TRUSTED_PROXY: '127.0.0.1', QUOTA_PRESETS: '1000000', QUOTA_JOBS_PER_DAY: '1000000' } as const;

export interface Tally {
  acknowledged: number;
  /** Sent, and nobody answered: may be there or not, but whole. */
  unanswered: number;
  lost: number;
  doubled: number;
  /** There in part. */
  half: number;
}

/** One writer of one kind, one write after the other. */
export interface Writer {
  readonly kind: string;
  readonly tally: Tally;
  /** @returns false where nobody answered */
  write(): Promise<boolean>;
  /** Everything so far, once the server is back; what was not answered is asked for again, as a client does. */
  check(): Promise<void>;
}

export const newTally = (): Tally => ({ acknowledged: 0, unanswered: 0, lost: 0, doubled: 0, half: 0 });

export function totalOf(writers: readonly Writer[]): Tally {
  const total = newTally();
  for (const { tally } of writers) for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  return total;
}

/** All write at once until what they write to is dead. @param kill  when it was killed */
export async function writeUntilKilled(writers: readonly Writer[], kill: () => Promise<void>): Promise<void> {
  const writing = writers.map(async (writer) => {
    while (await writer.write()) writer.tally.acknowledged += 1;
    writer.tally.unanswered += 1;
  });
  // A writer that fails is told of now, not when nobody looks.
  await Promise.all([kill(), ...writing]);
}
