/** Secrets that all instances share: made by the first that asks, kept in the database. */
import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Queries } from '../database/open-database.ts';
import { serverKeys } from '../database/schema.ts';

const KEY_BYTES = 32;

export async function serverKey(queries: Queries, name: string, nowMs: number): Promise<Uint8Array> {
  await queries.insert(serverKeys).values({ name, secret: randomBytes(KEY_BYTES), createdAt: new Date(nowMs) }).onConflictDoNothing();
  const [key] = await queries.select().from(serverKeys).where(eq(serverKeys.name, name));
  return key!.secret;
}
