/** Accounts: made, entered, changed and deleted. Answers never tell whether an address has one, but where it is being made. */
import { and, eq, sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { auditLogs, credentials, memberships, sessions, users, workspaces } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Identity } from './openid.ts';
import { leaveWorkspaces } from '../workspaces.ts';
import { type Passwords, PasswordsBusy } from './passwords.ts';
import { countTry, forgetTries, type Limit } from './rate-limits.ts';
import { endOtherSessions, openSessions } from './sessions.ts';

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly createdAt: Date;
  /** The person's own. */
  readonly workspaceId: string;
}

/** Guessing one account's password, and trying many accounts from one address. */
const ACCOUNT_LIMIT: Limit = { tries: 10, window: 15 * 60 };
const ADDRESS_LIMIT: Limit = { tries: 60, window: 15 * 60 };
const REGISTER_LIMIT: Limit = { tries: 20, window: 3600 };

/** Who signed in so lately needs no password to do what cannot be undone. */
const FRESH_MS = 15 * 60_000;

/** An id that nobody has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
const UNIQUE_VIOLATION = '23505';

interface PasswordSecret {
  readonly argon2: string;
}

export interface AccountsParts {
  readonly queries: Queries;
  readonly passwords: Passwords;
  readonly nowMs: () => number;
  /** An account is gone, and its files' rows with it: their bytes can go. */
  readonly onRemoved?: () => void;
}

export interface Accounts {
  /** @throws AppError 'account/email-taken', 'account/too-many-tries' */
  register(email: string, password: string, address: string): Promise<Account>;
  /** @throws AppError 'account/wrong-credentials', 'account/too-many-tries' */
  login(email: string, password: string, address: string): Promise<Account>;
  /** @throws AppError 'account/sign-in' where the account is gone */
  account(userId: string, reader?: Pick<Queries, 'select'>): Promise<Account>;
  /** @throws AppError 'account/wrong-credentials', 'account/sign-in-again', 'account/too-many-tries' */
  changePassword(userId: string, sessionId: string, current: string, wanted: string, address: string): Promise<void>;
  /** @throws AppError 'account/wrong-credentials', 'account/sign-in-again', 'account/too-many-tries' */
  remove(userId: string, sessionId: string, password: string, address: string): Promise<void>;
  hasPassword(userId: string): Promise<boolean>;
  /** Whoever a provider of identity vouches for; their account is made at the first time. @throws AppError 'account/email-taken' */
  enterByProvider(identity: Identity): Promise<Account>;
  /** All that is stored about somebody, as plain data. */
  dataOf(userId: string): Promise<Record<string, unknown>>;
}

const normal = (email: string): string => email.trim().normalize('NFC');
const isTaken = (thrown: unknown): boolean => (thrown as { cause?: { code?: string } }).cause?.code === UNIQUE_VIOLATION;

export function createAccounts({ queries, passwords, nowMs, onRemoved }: AccountsParts): Accounts {
  const busy = (thrown: unknown): never => {
    throw thrown instanceof PasswordsBusy ? new AppError('account/too-many-tries', { seconds: 5 }) : thrown;
  };
  const audit = (userId: string | null, action: string, detail: Record<string, unknown> = {}) => ({ at: new Date(nowMs()), userId, action, detail });

  async function passwordOf(userId: string): Promise<string | null> {
    const [found] = await queries.select({ secret: credentials.secret }).from(credentials).where(and(eq(credentials.userId, userId), eq(credentials.kind, 'password')));
    return found ? (found.secret as PasswordSecret).argon2 : null;
  }

  async function withWorkspace(where: ReturnType<typeof eq>, reader: Pick<Queries, 'select'> = queries): Promise<Account | null> {
    const [found] = await reader
      .select({ id: users.id, email: users.email, createdAt: users.createdAt, workspaceId: workspaces.id })
      .from(users).innerJoin(workspaces, eq(workspaces.personalOf, users.id)).where(where);
    return found ?? null;
  }

  /** Whoever is signed in says once more who they are, before what cannot be undone. */
  async function confirm(userId: string, sessionId: string, password: string, address: string): Promise<void> {
    await countTry(queries, `confirm ${userId}`, ACCOUNT_LIMIT, nowMs());
    await countTry(queries, `login ${address}`, ADDRESS_LIMIT, nowMs());
    const stored = await passwordOf(userId);
    if (stored === null) {
      // Having signed in just now, by a passkey or a provider, says the same.
      const [session] = await queries.select({ createdAt: sessions.createdAt }).from(sessions).where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId)));
      if (!session || nowMs() - session.createdAt.getTime() > FRESH_MS) throw new AppError('account/sign-in-again');
    } else if (!(await passwords.matches(stored, password).catch(busy))) throw new AppError('account/wrong-credentials');
    await forgetTries(queries, `confirm ${userId}`);
  }

  async function make(email: string, kind: 'password' | 'oidc', secret: object): Promise<Account> {
    const [id, workspaceId, createdAt] = [newId(nowMs()), newId(nowMs()), new Date(nowMs())];
    try {
      await queries.transaction(async (transaction) => {
        await transaction.insert(users).values({ id, email, createdAt });
        await transaction.insert(workspaces).values({ id: workspaceId, name: email.split('@')[0]!, personalOf: id, createdAt });
        await transaction.insert(memberships).values({ workspaceId, userId: id, role: 'owner', createdAt });
        await transaction.insert(credentials).values({ id: newId(nowMs()), userId: id, kind, secret, createdAt });
        await transaction.insert(auditLogs).values(audit(id, 'account.made'));
      });
    } catch (thrown) {
      throw isTaken(thrown) ? new AppError('account/email-taken') : thrown;
    }
    return { id, email, createdAt, workspaceId };
  }

  return {
    async register(given, password, address) {
      await countTry(queries, `register ${address}`, REGISTER_LIMIT, nowMs());
      const email = normal(given);
      const argon2 = await passwords.hash(password).catch(busy);
      return make(email, 'password', { argon2 } satisfies PasswordSecret);
    },

    async login(given, password, address) {
      const email = normal(given).toLowerCase();
      await countTry(queries, `login ${address}`, ADDRESS_LIMIT, nowMs());
      await countTry(queries, `login ${email}`, ACCOUNT_LIMIT, nowMs());
      const found = await withWorkspace(eq(sql`lower(${users.email})`, email));
      // Of nobody it is asked, too: a question less would be a moment less.
      const isRight = await passwords.matches(await passwordOf(found?.id ?? NOBODY), password).catch(busy);
      if (!found || !isRight) {
        await queries.insert(auditLogs).values(audit(found?.id ?? null, 'sign-in.failed'));
        throw new AppError('account/wrong-credentials');
      }
      await forgetTries(queries, `login ${email}`);
      await queries.insert(auditLogs).values(audit(found.id, 'sign-in'));
      return found;
    },

    async account(userId, reader) {
      const found = await withWorkspace(eq(users.id, userId), reader);
      if (!found) throw new AppError('account/sign-in');
      return found;
    },

    hasPassword: async (userId) => (await passwordOf(userId)) !== null,

    async enterByProvider({ issuer, subject, email }) {
      const [known] = await queries.select({ id: credentials.id, userId: credentials.userId }).from(credentials)
        .where(and(eq(credentials.kind, 'oidc'), sql`${credentials.secret}->>'issuer' = ${issuer}`, sql`${credentials.secret}->>'subject' = ${subject}`));
      // An account that has this address already is somebody's: it is not given to whoever a provider says has the address.
      if (!known) return make(normal(email), 'oidc', { issuer, subject });
      await queries.update(credentials).set({ usedAt: new Date(nowMs()) }).where(eq(credentials.id, known.id));
      await queries.insert(auditLogs).values(audit(known.userId, 'sign-in', { provider: issuer }));
      return this.account(known.userId);
    },

    async changePassword(userId, sessionId, current, wanted, address) {
      await confirm(userId, sessionId, current, address);
      const secret: PasswordSecret = { argon2: await passwords.hash(wanted).catch(busy) };
      await queries.transaction(async (transaction) => {
        const changed = await transaction.update(credentials).set({ secret }).where(and(eq(credentials.userId, userId), eq(credentials.kind, 'password'))).returning({ id: credentials.id });
        if (changed.length === 0) await transaction.insert(credentials).values({ id: newId(nowMs()), userId, kind: 'password', secret, createdAt: new Date(nowMs()) });
      });
      await endOtherSessions(queries, userId, sessionId, nowMs());
      await queries.insert(auditLogs).values(audit(userId, 'password.changed'));
    },

    async remove(userId, sessionId, password, address) {
      await confirm(userId, sessionId, password, address);
      await queries.transaction(async (transaction) => {
        await transaction.insert(auditLogs).values(audit(null, 'account.deleted'));
        const { email, workspaceId } = await this.account(userId, transaction);
        await leaveWorkspaces(transaction, userId);
        // What others did to this member stays known, to whom does not.
        await transaction.execute(sql`UPDATE audit_logs SET detail = detail - 'member' - 'to' WHERE ${userId} IN (detail->>'member', detail->>'to')`);
        await transaction.execute(sql`DELETE FROM rate_limits WHERE split_part(key, ' ', 2) IN (${userId}, ${workspaceId}, ${email.toLowerCase()})`);
        // What it owns goes with it: the database's own rule.
        await transaction.delete(users).where(eq(users.id, userId));
      });
      onRemoved?.();
    },

    async dataOf(userId) {
      const { email, createdAt } = await this.account(userId);
      const [ways, open, log, belongs] = [
        // How one signs in, without what proves it; of a provider who it says one is.
        await queries.select({ id: credentials.id, kind: credentials.kind, issuer: sql<string | null>`${credentials.secret}->>'issuer'`, subject: sql<string | null>`${credentials.secret}->>'subject'`, createdAt: credentials.createdAt, usedAt: credentials.usedAt }).from(credentials).where(eq(credentials.userId, userId)),
        await openSessions(queries, userId, nowMs()),
        await queries.select({ id: auditLogs.id, at: auditLogs.at, action: auditLogs.action, detail: auditLogs.detail }).from(auditLogs).where(eq(auditLogs.userId, userId)).orderBy(auditLogs.id),
        await queries.select({ id: workspaces.id, workspace: workspaces.name, role: memberships.role }).from(memberships).innerJoin(workspaces, eq(workspaces.id, memberships.workspaceId)).where(eq(memberships.userId, userId)),
      ];
      return { account: { id: userId, email, createdAt }, credentials: ways, workspaces: belongs, sessions: open, audit: log };
    },
  };
}

/** Throws out what is over. @returns how many sessions went */
export async function cleanAccounts(queries: Queries, nowMs: number): Promise<number> {
  const now = new Date(nowMs).toISOString();
  await queries.execute(sql`DELETE FROM rate_limits WHERE expires_at <= ${now}`);
  await queries.execute(sql`DELETE FROM challenges WHERE expires_at <= ${now}`);
  const gone = await queries.delete(sessions).where(sql`${sessions.expiresAt} <= ${now} OR ${sessions.revokedAt} <= ${new Date(nowMs - 30 * 24 * 3600 * 1000).toISOString()}`).returning({ id: sessions.id });
  return gone.length;
}
