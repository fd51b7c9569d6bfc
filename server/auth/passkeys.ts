/**
 * Passkeys of accounts. What a browser answers is checked by @simplewebauthn; which question it answers, and that it does so once,
 * is checked here. Nothing is asked of the maker of an authenticator (attestation "none").
 * Source: W3C Web Authentication, level 3, sections 7.1 and 7.2.
 */
import { type AuthenticationResponseJSON, generateAuthenticationOptions, generateRegistrationOptions, type RegistrationResponseJSON, verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { and, asc, eq, sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { auditLogs, credentials } from '../database/schema.ts';
import { newId } from '../ids.ts';
import { answered, ask } from './challenges.ts';

/** As it is stored; bytes as base64url. */
interface PasskeySecret {
  readonly id: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
}

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
}

const MOST = 20;
const UNIQUE_VIOLATION = '23505';
const NAME = 'Tonetwin';

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64url'));
const text = (data: Uint8Array): string => Buffer.from(data).toString('base64url');
const secretOf = ({ secret }: { readonly secret: unknown }): PasskeySecret => secret as PasskeySecret;

/** @param origin https://host: passkeys belong to its host */
export function createPasskeys(queries: Queries, nowMs: () => number) {
  const of = (userId: string) => queries.select().from(credentials).where(and(eq(credentials.userId, userId), eq(credentials.kind, 'passkey'))).orderBy(asc(credentials.id));
  const audit = (userId: string, action: string, passkey: string) => queries.insert(auditLogs).values({ at: new Date(nowMs()), userId, action, detail: { passkey } });
  const shown = (row: typeof credentials.$inferSelect): Passkey => ({ id: row.id, name: secretOf(row).name, createdAt: row.createdAt, usedAt: row.usedAt });

  /** Whatever is wrong with an answer, its sender learns that it is wrong and no more. */
  const refused = (cause?: unknown): never => {
    throw new AppError('account/passkey', {}, { cause });
  };

  return {
    list: async (userId: string): Promise<Passkey[]> => (await of(userId)).map(shown),

    /** @throws AppError 'account/too-many-passkeys' */
    async askToAdd(userId: string, email: string, origin: string) {
      const known = await of(userId);
      if (known.length >= MOST) throw new AppError('account/too-many-passkeys', { limit: MOST });
      return generateRegistrationOptions({
        rpName: NAME, rpID: new URL(origin).hostname, userName: email, userDisplayName: email, userID: Uint8Array.from(Buffer.from(userId)),
        challenge: bytes(await ask(queries, 'passkey-add', userId, {}, nowMs())), attestationType: 'none',
        excludeCredentials: known.map((row) => ({ id: secretOf(row).id, transports: [...secretOf(row).transports] as never })),
        // It signs in without a name being typed, and only after its owner was recognised.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },

    /** @throws AppError 'account/passkey', 'account/passkey-known' */
    async add(userId: string, name: string, response: RegistrationResponseJSON, origin: string): Promise<Passkey> {
      const { registrationInfo } = await verifyRegistrationResponse({
        response, expectedOrigin: origin, expectedRPID: new URL(origin).hostname, requireUserVerification: true,
        expectedChallenge: async (challenge) => (await answered(queries, 'passkey-add', challenge, nowMs()))?.userId === userId,
      }).catch(refused);
      if (!registrationInfo) return refused();
      const { credential } = registrationInfo;
      const secret: PasskeySecret = { id: credential.id, publicKey: text(credential.publicKey), counter: credential.counter, transports: credential.transports ?? [], name };
      const row = { id: newId(nowMs()), userId, kind: 'passkey' as const, secret, createdAt: new Date(nowMs()), usedAt: null };
      await queries.insert(credentials).values(row).catch((thrown: unknown) => {
        throw (thrown as { cause?: { code?: string } }).cause?.code === UNIQUE_VIOLATION ? new AppError('account/passkey-known') : thrown;
      });
      await audit(userId, 'passkey.added', row.id);
      return shown(row);
    },

    /** @throws AppError 'server/not-found' */
    async rename(userId: string, id: string, name: string): Promise<void> {
      const changed = await queries.update(credentials).set({ secret: sql`${credentials.secret} || ${JSON.stringify({ name })}::jsonb` })
        .where(and(eq(credentials.id, id), eq(credentials.userId, userId), eq(credentials.kind, 'passkey'))).returning({ id: credentials.id });
      if (changed.length === 0) throw new AppError('server/not-found');
    },

    /** @throws AppError 'server/not-found', 'account/last-way-in' where nothing else signs in */
    async remove(userId: string, id: string): Promise<void> {
      await queries.transaction(async (transaction) => {
        const ways = await transaction.select({ id: credentials.id, kind: credentials.kind }).from(credentials).where(eq(credentials.userId, userId)).for('update');
        if (!ways.some((way) => way.id === id && way.kind === 'passkey')) throw new AppError('server/not-found');
        if (ways.length === 1) throw new AppError('account/last-way-in');
        await transaction.delete(credentials).where(eq(credentials.id, id));
      });
      await audit(userId, 'passkey.removed', id);
    },

    async askToEnter(origin: string) {
      return generateAuthenticationOptions({ rpID: new URL(origin).hostname, userVerification: 'required', challenge: bytes(await ask(queries, 'passkey-enter', null, {}, nowMs())) });
    },

    /** @returns whose passkey it is. @throws AppError 'account/passkey' */
    async enter(response: AuthenticationResponseJSON, origin: string): Promise<string> {
      const [row] = await queries.select().from(credentials).where(and(eq(credentials.kind, 'passkey'), sql`${credentials.secret}->>'id' = ${response.id}`));
      if (!row) return refused();
      const secret = secretOf(row);
      const { authenticationInfo, verified } = await verifyAuthenticationResponse({
        response, expectedOrigin: origin, expectedRPID: new URL(origin).hostname, requireUserVerification: true,
        expectedChallenge: async (challenge) => (await answered(queries, 'passkey-enter', challenge, nowMs())) !== null,
        credential: { id: secret.id, publicKey: bytes(secret.publicKey), counter: secret.counter, transports: [...secret.transports] as never },
      }).catch(refused);
      if (!verified) return refused();
      await queries.update(credentials).set({ usedAt: new Date(nowMs()), secret: { ...secret, counter: authenticationInfo.newCounter } satisfies PasskeySecret }).where(eq(credentials.id, row.id));
      await queries.insert(auditLogs).values({ at: new Date(nowMs()), userId: row.userId, action: 'sign-in', detail: { passkey: row.id } });
      return row.userId;
    },
  };
}

export type Passkeys = ReturnType<typeof createPasskeys>;
