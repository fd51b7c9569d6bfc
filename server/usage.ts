/** How much somebody used, per day: for quotas and bills. Counted in the database, so that all instances count together. */
import { sql } from 'drizzle-orm';
import type { UsageDay } from '../shared/api/usage.ts';
import type { Queries } from './database/open-database.ts';
import { speechUsage, usage } from './database/schema.ts';

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

export interface Span {
  /** Days of UTC, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Not this day nor a later one. */
  readonly before?: string | undefined;
  /** All of them without it. */
  readonly limit?: number;
}

/** What somebody used, the latest day first: of files, and of the voice studio, which counts for itself. */
export async function usageOf(queries: Pick<Queries, 'execute'>, userId: string, { from, to, before, limit }: Span = {}): Promise<UsageDay[]> {
  const within = [sql`TRUE`];
  if (from !== undefined) within.push(sql`day >= ${from}::date`);
  if (to !== undefined) within.push(sql`day <= ${to}::date`);
  if (before !== undefined) within.push(sql`day < ${before}::date`);
  const rows = await queries.execute<Record<keyof UsageDay, string>>(sql`
    SELECT day::text AS day, sum(calls)::bigint AS calls, sum(seconds) AS seconds, sum(bytes)::bigint AS bytes, sum(characters)::bigint AS characters, sum(voices)::bigint AS voices
    FROM (
      SELECT day, calls, seconds, bytes, 0 AS characters, 0 AS voices FROM ${usage} WHERE user_id = ${userId}
      UNION ALL
      SELECT day, calls, seconds, 0, characters, voices FROM ${speechUsage} WHERE owner_id = ${userId}
    ) AS counted
    WHERE ${sql.join(within, sql` AND `)}
    GROUP BY day ORDER BY day DESC ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`);
  return rows.map(({ day, ...sums }) => ({ day, calls: Number(sums.calls), seconds: Number(sums.seconds), bytes: Number(sums.bytes), characters: Number(sums.characters), voices: Number(sums.voices) }));
}
