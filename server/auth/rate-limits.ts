/** Counting tries in the database, so that all instances count together. A fixed window that starts with the first try. */
import { sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';

export interface Limit {
  readonly tries: number;
  /** s */
  readonly window: number;
}

/**
 * Counts one try.
 * @throws AppError 'account/too-many-tries' with the seconds to wait
 */
export async function countTry(queries: Queries, key: string, { tries, window }: Limit, nowMs: number): Promise<void> {
  const now = new Date(nowMs).toISOString();
  const end = new Date(nowMs + 1000 * window).toISOString();
  const rows = await queries.execute<{ points: number; expires_at: Date | string }>(sql`
    INSERT INTO rate_limits AS old (key, points, expires_at) VALUES (${key}, 1, ${end})
    ON CONFLICT (key) DO UPDATE SET
      points = CASE WHEN old.expires_at <= ${now} THEN 1 ELSE old.points + 1 END,
      expires_at = CASE WHEN old.expires_at <= ${now} THEN ${end} ELSE old.expires_at END
    RETURNING points, expires_at`);
  const [{ points, expires_at }] = [...rows] as [{ points: number; expires_at: Date | string }];
  if (points > tries) throw new AppError('account/too-many-tries', { seconds: Math.max(1, Math.ceil((new Date(expires_at).getTime() - nowMs) / 1000)) });
}

/** After a success: what was mistyped before does not count against the next time. */
export async function forgetTries(queries: Queries, key: string): Promise<void> {
  await queries.execute(sql`DELETE FROM rate_limits WHERE key = ${key}`);
}
