/** Brings a database to the newest form: files of `migrations`, in the order of their names, each once, each whole or not at all. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Sql } from 'postgres';
import { AppError } from '../../shared/errors.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/** Any number; the same in every version, so that two instances that start together wait for each other. */
const LOCK_NUMBER = 7_346_201;

/**
 * @returns names of what was done now
 * @throws AppError 'server/database' where the database was made by a newer version
 */
export async function migrate(sql: Sql, folder: URL = FOLDER): Promise<string[]> {
  const known = readdirSync(folder).filter((file) => file.endsWith('.sql')).sort();
  return sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${LOCK_NUMBER})`;
    await transaction`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`;
    const applied = new Set((await transaction<{ name: string }[]>`SELECT name FROM migrations`).map(({ name }) => name));
    const unknown = [...applied].find((name) => !known.includes(name));
    if (unknown) throw new AppError('server/database', { detail: `it was made by a newer version (${unknown})` });
    const due = known.filter((name) => !applied.has(name));
    for (const name of due) {
      await transaction.unsafe(readFileSync(new URL(name, folder), 'utf8')).simple();
      await transaction`INSERT INTO migrations (name) VALUES (${name})`;
    }
    return due;
  }) as Promise<string[]>;
}
