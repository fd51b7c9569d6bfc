/**
 * Sessions and their refresh tokens. A token is used once: using it makes the next one. A used one that comes again was stolen
 * from somebody, and nobody can tell from whom: the whole session ends.
 * Source: RFC 9700 (OAuth 2.0 Security Best Current Practice), section 4.14.2.
 */
import { createHash, randomBytes } from 'node:crypto';
import { and, desc, eq, gt, isNull, lt, ne, or } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import { writeAudit } from '../audit.ts';
import type { Queries } from '../database/open-database.ts';
import { auditLogs, refreshTokens, sessions } from '../database/schema.ts';
import { newId } from '../ids.ts';

/** A device that is not used for so long has to sign in again. */
export const SESSION_DAYS = 60;
/** An answer that was lost on its way is asked for again: within this time the used token still works, once. */
export const GRACE_MS = 10_000;
const DAY_MS = 24 * 3600 * 1000;
const TOKEN_BYTES = 32;

const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();
const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

export interface Opened {
  readonly sessionId: string;
  readonly userId: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
}

export interface SessionRow {
  readonly id: string;
  readonly device: string;
  readonly createdAt: Date;
  readonly usedAt: Date;
  readonly expiresAt: Date;
}

export async function openSession(queries: Queries, userId: string, device: string, nowMs: number): Promise<Opened> {
  const [sessionId, refreshToken, now] = [newId(nowMs), newToken(), new Date(nowMs)];
  const expiresAt = new Date(nowMs + SESSION_DAYS * DAY_MS);
  await queries.transaction(async (transaction) => {
    await transaction.insert(sessions).values({ id: sessionId, userId, device, createdAt: now, usedAt: now, expiresAt });
    await transaction.insert(refreshTokens).values({ hash: hashOf(refreshToken), sessionId, createdAt: now });
  });
  return { sessionId, userId, refreshToken, expiresAt };
}

/**
 * Exchanges a token for the next one.
 * @throws AppError 'account/session-over' for one that is unknown, revoked or too old, 'account/token-reused' for a used one: its
 *   session is over then
 */
export async function rotate(queries: Queries, token: string, nowMs: number): Promise<Opened> {
  const hash = hashOf(token);
  const now = new Date(nowMs);
  const outcome = await queries.transaction(async (transaction): Promise<Opened | 'over' | 'reused'> => {
    const [found] = await transaction
      .select({ usedAt: refreshTokens.usedAt, successors: refreshTokens.successors, session: sessions })
      .from(refreshTokens)
      .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
      .where(eq(refreshTokens.hash, hash))
      .for('update');
    if (!found || found.session.revokedAt !== null || found.session.expiresAt <= now) return 'over';
    const { session, usedAt, successors } = found;
    const isInGrace = usedAt !== null && nowMs - usedAt.getTime() <= GRACE_MS && successors < 2;
    if (usedAt !== null && !isInGrace) {
      await transaction.update(sessions).set({ revokedAt: now }).where(eq(sessions.id, session.id));
      await transaction.insert(auditLogs).values({ at: now, userId: session.userId, action: 'session.token-reused', detail: { session: session.id } });
      return 'reused';
    }
    const refreshToken = newToken();
    const expiresAt = new Date(nowMs + SESSION_DAYS * DAY_MS);
    await transaction.update(refreshTokens).set({ usedAt: usedAt ?? now, successors: successors + 1 }).where(eq(refreshTokens.hash, hash));
    await transaction.insert(refreshTokens).values({ hash: hashOf(refreshToken), sessionId: session.id, createdAt: now });
    await transaction.update(sessions).set({ usedAt: now, expiresAt }).where(eq(sessions.id, session.id));
    return { sessionId: session.id, userId: session.userId, refreshToken, expiresAt };
  });
  if (outcome === 'over') throw new AppError('account/session-over');
  if (outcome === 'reused') throw new AppError('account/token-reused');
  return outcome;
}

/** The session that a refresh token belongs to ends; an unknown token is no failure. */
export async function endByToken(queries: Queries, token: string, nowMs: number): Promise<void> {
  const [found] = await queries.select({ id: refreshTokens.sessionId }).from(refreshTokens).where(eq(refreshTokens.hash, hashOf(token)));
  if (!found) return;
  const [ended] = await queries.update(sessions).set({ revokedAt: new Date(nowMs) }).where(and(eq(sessions.id, found.id), isNull(sessions.revokedAt))).returning({ userId: sessions.userId });
  if (ended) await writeAudit(queries, { userId: ended.userId, workspaceId: null, action: 'sign-out' }, nowMs);
}

/** @returns false where it is not this person's, or over already */
export async function endSession(queries: Queries, userId: string, sessionId: string, nowMs: number): Promise<boolean> {
  const ended = await queries
    .update(sessions)
    .set({ revokedAt: new Date(nowMs) })
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  if (ended.length > 0) await writeAudit(queries, { userId, workspaceId: null, action: 'session.ended', detail: { session: sessionId } }, nowMs);
  return ended.length > 0;
}

/** @param except null: all of them */
export async function endOtherSessions(queries: Queries, userId: string, except: string | null, nowMs: number): Promise<void> {
  const theirs = and(eq(sessions.userId, userId), isNull(sessions.revokedAt), ...(except === null ? [] : [ne(sessions.id, except)]));
  const ended = await queries.update(sessions).set({ revokedAt: new Date(nowMs) }).where(theirs).returning({ id: sessions.id });
  if (ended.length > 0) await writeAudit(queries, { userId, workspaceId: null, action: 'sessions.ended', detail: { count: ended.length } }, nowMs);
}

export interface SessionSpan {
  /** The last one that was shown; null: from the first on. */
  readonly after: { readonly at: Date; readonly id: string } | null;
  readonly limit: number;
}

/** Those that are open, the one used last first; all of them without a span. */
export async function openSessions(queries: Queries, userId: string, nowMs: number, span?: SessionSpan): Promise<SessionRow[]> {
  const after = span?.after ?? null;
  const rows = queries
    .select({ id: sessions.id, device: sessions.device, createdAt: sessions.createdAt, usedAt: sessions.usedAt, expiresAt: sessions.expiresAt })
    .from(sessions)
    .where(and(
      eq(sessions.userId, userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, new Date(nowMs)),
      after === null ? undefined : or(lt(sessions.usedAt, after.at), and(eq(sessions.usedAt, after.at), gt(sessions.id, after.id))),
    ))
    .orderBy(desc(sessions.usedAt), sessions.id);
  return span ? rows.limit(span.limit) : rows;
}

/** Whether an access token's session is still open: asked where more than reading is at stake, and by what is read for long. */
export async function isOpen(queries: Queries, sessionId: string, nowMs: number): Promise<boolean> {
  const [found] = await queries.select({ id: sessions.id }).from(sessions).where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), gt(sessions.expiresAt, new Date(nowMs))));
  return found !== undefined;
}
