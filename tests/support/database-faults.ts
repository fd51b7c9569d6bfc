/** Kills while everybody writes, and what they come to. */
import { createLine, type Line, PATIENT, type Writer, writeUntilKilled } from './acknowledged-writes.ts';
import { createKillableServer } from './killable-server.ts';
import { randomNumbers } from './signals.ts';
import { openWriters, presetWriter, register } from './writers.ts';

export interface FaultyPlace {
  readonly url: string;
  /** Answers once it is dead. */
  kill(): Promise<void>;
  /** Starts it again. */
  revive(): Promise<void>;
}

/** ms of writing before a kill. */
const WRITING_MS = { least: 50, most: 1500 } as const;
const PATIENCE_MS = 120_000;

/** Answers once the database does: an unknown token is looked for in it. */
export async function databaseAnswers(line: Line): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (!(await line('POST', '/auth/refresh', { refresh_token: 'unknown' }))) {
    if (performance.now() > untilMs) throw new Error('The database does not come back.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface KillReport {
  readonly writers: readonly Writer[];
  /** From a kill until the database answered again, the most. */
  readonly longestSeconds: number;
}

/** Everything is looked for after every kill, not only what was written last. */
export async function killDuringWrites({ url, kill, revive }: FaultyPlace, { kills, seed }: { readonly kills: number; readonly seed: number }): Promise<KillReport> {
  const line = createLine(url);
  const random = randomNumbers(seed);
  const writers = await openWriters(line);
  let longestSeconds = 0;
  for (let n = 0; n < kills; n += 1) {
    await writeUntilKilled(writers, async () => {
      await new Promise((resolve) => setTimeout(resolve, WRITING_MS.least + random() * (WRITING_MS.most - WRITING_MS.least)));
      await kill();
    });
    const startMs = performance.now();
    await revive();
    await databaseAnswers(line);
    longestSeconds = Math.max(longestSeconds, (performance.now() - startMs) / 1000);
    await Promise.all(writers.map((writer) => writer.check()));
  }
  return { writers, longestSeconds };
}

export interface CreationReport {
  readonly kills: number;
  /** That did not come up at the next start, or did not take and keep a first account and preset. */
  readonly broken: number;
  /** Of a start that nobody disturbed. */
  readonly seconds: number;
  /** Of the start after a kill, the most. */
  readonly longestSeconds: number;
}

/**
 * Kills what makes a database, at any moment of its first start, and starts it once more.
 * @param place  of each round, and what is killed; without a place: a new folder, and the server
 */
export async function killDuringCreation({ kills, seed }: { readonly kills: number; readonly seed: number }, place: () => Promise<{ readonly url: string; kill(): Promise<void>; revive(): Promise<void> } | null>): Promise<CreationReport> {
  const random = randomNumbers(seed);
  let [broken, seconds, longestSeconds] = [0, 0, 0];
  for (let n = 0; n <= kills; n += 1) {
    const where = await place();
    const server = await createKillableServer({ ...PATIENT, ...(where ? { DATABASE_URL: where.url } : {}) }, { isNew: true });
    const timed = async (): Promise<number> => {
      const startMs = performance.now();
      await server.start();
      return (performance.now() - startMs) / 1000;
    };
    try {
      if (n === 0) seconds = await timed();
      else {
        const starting = server.start().catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, random() * 1000 * seconds));
        await Promise.all([where?.kill(), where ? undefined : server.kill()]);
        await where?.revive();
        await starting;
        await server.kill();
        longestSeconds = Math.max(longestSeconds, await timed());
      }
      const writer = presetWriter(await register(createLine(server.url), 'first@example.org'));
      const isWritten = await writer.write();
      await server.kill();
      await server.start();
      await writer.check();
      if (!isWritten || writer.tally.lost + writer.tally.half + writer.tally.doubled > 0) broken += 1;
    } catch (thrown) {
      broken += 1;
      process.stderr.write(`  ${(thrown as Error).message}\n`);
    } finally {
      await server.remove();
    }
  }
  return { kills, broken, seconds, longestSeconds };
}
