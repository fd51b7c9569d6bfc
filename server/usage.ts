/** How much somebody used, per day: for quotas and bills. Counted in the database, so that all instances count together. */
import { sql } from 'drizzle-orm';
import type { Queries } from './database/open-database.ts';
import { usage } from './database/schema.ts';

export interface Used {
  readonly calls?: number;
  /** Of audio or of a service's work. */
  readonly seconds?: number;
  readonly bytes?: number;
}

/** Adds to today's row. Days are those of UTC. */
export async function countUse(queries: Pick<Queries, 'insert'>, userId: string, { calls = 0, seconds = 0, bytes = 0 }: Used, nowMs: number): Promise<void> {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  await queries.insert(usage).values({ userId, day, calls, seconds, bytes }).onConflictDoUpdate({
    target: [usage.userId, usage.day],
    set: { calls: sql`${usage.calls} + ${calls}`, seconds: sql`${usage.seconds} + ${seconds}`, bytes: sql`${usage.bytes} + ${bytes}` },
  });
}
