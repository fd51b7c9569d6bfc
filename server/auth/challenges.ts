/** Questions to a browser that are answered once: kept in the database, so that any instance hears the answer. */
import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt } from 'drizzle-orm';
import type { Queries } from '../database/open-database.ts';
import { challenges } from '../database/schema.ts';

export type Purpose = typeof challenges.$inferSelect['purpose'];

/** Time to touch a key, or to sign in at a provider. */
const MINUTES = 10;
const BYTES = 32;

const hashOf = (challenge: string): Uint8Array => createHash('sha256').update(challenge).digest();

/** @returns 256 bits of chance, base64url */
export async function ask(queries: Queries, purpose: Purpose, userId: string | null, detail: Readonly<Record<string, string>>, nowMs: number): Promise<string> {
  const challenge = randomBytes(BYTES).toString('base64url');
  await queries.insert(challenges).values({ hash: hashOf(challenge), purpose, userId, detail, expiresAt: new Date(nowMs + MINUTES * 60_000) });
  return challenge;
}

/** What was noted when it was asked; null for one that never was, is over, or was answered already. */
export async function answered(queries: Queries, purpose: Purpose, challenge: string, nowMs: number): Promise<{ readonly userId: string | null; readonly detail: Readonly<Record<string, string>> } | null> {
  const [found] = await queries
    .delete(challenges)
    .where(and(eq(challenges.hash, hashOf(challenge)), eq(challenges.purpose, purpose), gt(challenges.expiresAt, new Date(nowMs))))
    .returning({ userId: challenges.userId, detail: challenges.detail });
  return found ? { userId: found.userId, detail: found.detail as Readonly<Record<string, string>> } : null;
}
