/**
 * Whose something in the voice studio is: an account's, or a guest's. A guest is a row and a cookie that scripts cannot read; it comes
 * into being with the first thing that is made, expires when it is not used, and can move into an account.
 */
import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, lte, sql } from 'drizzle-orm';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { AppError } from '../../shared/errors.ts';
import type { Caller } from '../auth/access-tokens.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { Queries } from '../database/open-database.ts';
import { embeddings, files, speechOwners, speechUsage, ttsRequests, voices } from '../database/schema.ts';
import { newId } from '../ids.ts';

export interface Owner {
  readonly id: string;
  readonly kind: 'account' | 'guest';
  /** Of a guest. */
  readonly expiresAt: Date | null;
}

export interface Request {
  readonly caller: Caller | null;
  readonly context: Context;
  readonly address: string;
}

export interface Owners {
  /** Who asks; null for somebody who has made nothing yet. */
  known(request: Request): Promise<Owner | null>;
  /** Who changes or deletes something of theirs. @throws AppError 'account/origin' */
  changing(request: Request): Promise<Owner | null>;
  /**
   * Who makes something: somebody unknown becomes a guest.
   * @throws AppError 'account/origin' for a cookie's request from another site, 'account/too-many-tries', 'account/sign-in'
   */
  making(request: Request): Promise<Owner>;
  /** Moves what the guest made to the account; with no guest nothing moves. */
  adopt(request: Request & { readonly caller: Caller }): Promise<{ readonly files: number; readonly voices: number; readonly results: number }>;
}

export interface OwnersParts {
  readonly queries: Queries;
  readonly nowMs: () => number;
  readonly isSecure: boolean;
}

const DAY_MS = 24 * 3600 * 1000;
export const GUEST_DAYS = 7;
/** New guests from one address. */
const GUEST_LIMIT: Limit = { tries: 30, window: 3600 };
const TOKEN_BYTES = 32;
const FOREIGN_KEY_VIOLATION = '23503';

const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/**
 * The cookie is for the same site alone; browsers that say where a request comes from are held to it, and others send no cookies of
 * ours anyway. Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
 */
function checkOrigin(context: Context): void {
  const [site, origin] = [context.req.header('sec-fetch-site'), context.req.header('origin')];
  const isForeign = site !== undefined ? site !== 'same-origin' : origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== context.req.header('host'));
  if (isForeign) throw new AppError('account/origin');
}

export function createOwners({ queries, nowMs, isSecure }: OwnersParts): Owners {
  const name = isSecure ? '__Secure-tonetwin-guest' : 'tonetwin-guest';
  const setGuest = (context: Context, token: string, expires: Date): void => setCookie(context, name, token, { httpOnly: true, secure: isSecure, sameSite: 'Strict', path: '/api', expires });

  async function guestOf(context: Context): Promise<Owner | null> {
    const token = getCookie(context, name);
    if (!token) return null;
    const [found] = await queries.select().from(speechOwners).where(and(eq(speechOwners.tokenHash, hashOf(token)), gt(speechOwners.expiresAt, new Date(nowMs()))));
    if (!found) return null;
    const expiresAt = new Date(nowMs() + GUEST_DAYS * DAY_MS);
    // Used: it lasts longer. Once a day is often enough to write that down.
    if (expiresAt.getTime() - found.expiresAt!.getTime() < DAY_MS) return { id: found.id, kind: 'guest', expiresAt: found.expiresAt };
    await queries.update(speechOwners).set({ expiresAt }).where(eq(speechOwners.id, found.id));
    setGuest(context, token, expiresAt);
    return { id: found.id, kind: 'guest', expiresAt };
  }

  async function known({ caller, context }: Request): Promise<Owner | null> {
    return caller ? { id: caller.userId, kind: 'account', expiresAt: null } : guestOf(context);
  }

  async function accountRow(userId: string): Promise<void> {
    await queries.insert(speechOwners).values({ id: userId, userId, createdAt: new Date(nowMs()) }).onConflictDoNothing().catch((thrown: unknown) => {
      // The token outlived its account.
      throw (thrown as { cause?: { code?: string } }).cause?.code === FOREIGN_KEY_VIOLATION ? new AppError('account/sign-in') : thrown;
    });
  }

  return {
    known,
    async changing(request) {
      if (!request.caller) checkOrigin(request.context);
      return known(request);
    },
    async making(request) {
      if (request.caller) await accountRow(request.caller.userId);
      else checkOrigin(request.context);
      const owner = await known(request);
      if (owner) return owner;
      await countTry(queries, `guest ${request.address}`, GUEST_LIMIT, nowMs());
      const [id, token, expiresAt] = [newId(nowMs()), randomBytes(TOKEN_BYTES).toString('base64url'), new Date(nowMs() + GUEST_DAYS * DAY_MS)];
      await queries.insert(speechOwners).values({ id, tokenHash: hashOf(token), createdAt: new Date(nowMs()), expiresAt });
      setGuest(request.context, token, expiresAt);
      return { id, kind: 'guest', expiresAt };
    },

    async adopt({ caller, context }) {
      checkOrigin(context);
      const guest = await guestOf(context);
      deleteCookie(context, name, { path: '/api', secure: isSecure });
      if (!guest) return { files: 0, voices: 0, results: 0 };
      await accountRow(caller.userId);
      return queries.transaction(async (transaction) => {
        const ownerId = caller.userId;
        // What both have, the same sample or the same text spoken, stays the account's; a voice of the guest's copy keeps its voice.
        await transaction.execute(sql`DELETE FROM ${ttsRequests} g WHERE g.owner_id = ${guest.id} AND EXISTS (SELECT 1 FROM ${ttsRequests} a WHERE a.owner_id = ${ownerId} AND a.cache_key = g.cache_key)`);
        await transaction.execute(sql`DELETE FROM ${files} g WHERE g.owner_id = ${guest.id} AND EXISTS (SELECT 1 FROM ${files} a WHERE a.owner_id = ${ownerId} AND a.sha256 = g.sha256)`);
        const moved = {
          files: (await transaction.update(files).set({ ownerId }).where(eq(files.ownerId, guest.id)).returning({ id: files.id })).length,
          voices: (await transaction.update(voices).set({ ownerId }).where(eq(voices.ownerId, guest.id)).returning({ id: voices.id })).length,
          results: (await transaction.update(ttsRequests).set({ ownerId }).where(eq(ttsRequests.ownerId, guest.id)).returning({ id: ttsRequests.id })).length,
        };
        await transaction.update(embeddings).set({ ownerId }).where(eq(embeddings.ownerId, guest.id));
        // What the guest used counts for the account too, or signing in would be a way round the quota.
        await transaction.execute(sql`
          INSERT INTO ${speechUsage} AS old (owner_id, day, calls, seconds, characters, voices)
          SELECT ${ownerId}::uuid, day, calls, seconds, characters, voices FROM ${speechUsage} WHERE owner_id = ${guest.id}
          ON CONFLICT (owner_id, day) DO UPDATE SET calls = old.calls + excluded.calls, seconds = old.seconds + excluded.seconds, characters = old.characters + excluded.characters, voices = old.voices + excluded.voices`);
        await transaction.delete(speechOwners).where(eq(speechOwners.id, guest.id));
        return moved;
      });
    },
  };
}

/** Guests that nobody is any more, with all that they made. */
export async function removeExpiredGuests(queries: Queries, nowMs: number): Promise<number> {
  return (await queries.delete(speechOwners).where(lte(speechOwners.expiresAt, new Date(nowMs))).returning({ id: speechOwners.id })).length;
}
