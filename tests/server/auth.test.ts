import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from '../../server/api.ts';
import { createApp } from '../../server/app.ts';
import { ACCESS_SECONDS } from '../../server/auth/access-tokens.ts';
import { cleanAccounts } from '../../server/auth/accounts.ts';
import { serverKey } from '../../server/auth/server-keys.ts';
import { GRACE_MS, SESSION_DAYS } from '../../server/auth/sessions.ts';
import type { Database } from '../../server/database/open-database.ts';
import { openTestDatabase } from '../support/database.ts';

let database: Database;
let api: Api;
let app: ReturnType<typeof createApp>;
let nowMs = Date.parse('2026-03-01T12:00:00Z');
let address = '192.0.2.1';

beforeAll(async () => {
  database = await openTestDatabase();
  api = await createApi({ database, nowMs: () => nowMs, isSecure: true, addressOf: () => address });
  app = createApp({ pageFolder: '.', api });
}, 120_000);
afterAll(() => database.close());

interface Answer {
  readonly status: number;
  // What an answer holds is what the tests ask for.
  readonly json: Record<string, any>;
  readonly headers: Headers;
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await app.request(`/api${path}`, {
    method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, any>), headers: answer.headers };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const PASSWORD = 'a long enough secret';
let counter = 0;

/** A new account, signed in. */
async function somebody(): Promise<{ email: string; access: string; refresh: string; id: string }> {
  counter += 1;
  address = `192.0.2.${counter % 250}`;
  const email = `somebody-${counter}@example.org`;
  const { json } = await call('POST', '/auth/register', { email, password: PASSWORD, device: 'laptop' });
  return { email, access: json['access_token'] as string, refresh: json['refresh_token'] as string, id: (json['user'] as { id: string }).id };
}

describe('registering', () => {
  test('signs in, and the token says who one is', async () => {
    const { email, access } = await somebody();
    expect(await call('GET', '/auth/me', undefined, bearer(access))).toMatchObject({ status: 200, json: { email } });
  });

  test('takes an address once, whatever its case', async () => {
    const { email } = await somebody();
    expect(await call('POST', '/auth/register', { email: email.toUpperCase(), password: PASSWORD })).toMatchObject({ status: 409, json: { error: { code: 'account/email-taken' } } });
  });

  test.each([
    [{ email: 'no address', password: PASSWORD }, 'body.email'],
    [{ email: 'a@example.org', password: 'short' }, 'body.password'],
    [{ email: 'a@example.org' }, 'body.password'],
    [{ email: { $ne: null }, password: PASSWORD }, 'body.email'],
    [[], 'body'],
  ])('refuses %j and says where it is wrong', async (body, where) => {
    const { status, json } = await call('POST', '/auth/register', body);
    expect([status, json['error'].code]).toEqual([422, 'request/invalid']);
    expect(json['error'].message).toContain(where);
  });

  test('keeps no password', async () => {
    await somebody();
    const stored = await database.queries.query.credentials.findMany();
    expect(JSON.stringify(stored)).not.toContain(PASSWORD);
    expect(JSON.stringify(stored)).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });
});

describe('signing in', () => {
  test('tells an unknown address and a wrong password apart in nothing', async () => {
    const { email } = await somebody();
    const wrong = await call('POST', '/auth/login', { email, password: 'not the right one' });
    const unknown = await call('POST', '/auth/login', { email: 'nobody@example.org', password: 'not the right one' });
    expect(wrong.status).toBe(401);
    expect(unknown.json).toEqual(wrong.json);
  });

  test('takes a password of any characters, composed or not', async () => {
    address = '192.0.2.251';
    await call('POST', '/auth/register', { email: 'unicode@example.org', password: 'Pässwörter 密码 🔑' });
    expect((await call('POST', '/auth/login', { email: 'unicode@example.org', password: 'Pässwörter 密码 🔑'.normalize('NFD') })).status).toBe(200);
  });

  test('stops after ten tries at one account, from wherever, and goes on when the time is over', async () => {
    const { email } = await somebody();
    for (let i = 0; i < 10; i += 1) {
      address = `198.51.100.${i}`;
      expect((await call('POST', '/auth/login', { email, password: 'guess' })).status).toBe(401);
    }
    address = '198.51.100.99';
    const stopped = await call('POST', '/auth/login', { email, password: PASSWORD });
    expect(stopped).toMatchObject({ status: 429, json: { error: { code: 'account/too-many-tries' } } });
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    nowMs += 15 * 60_000;
    expect((await call('POST', '/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });
});

describe('an access token', () => {
  test('is over after ten minutes', async () => {
    const { access } = await somebody();
    nowMs += 1000 * (ACCESS_SECONDS + 1);
    expect((await call('GET', '/auth/me', undefined, bearer(access))).status).toBe(401);
  });

  test('that somebody else signed, or nobody, or for another use, is none', async () => {
    const { id } = await somebody();
    const key = await serverKey(database.queries, 'access-tokens', nowMs);
    const made = (secret: Uint8Array, type: string, issuer: string) =>
      new SignJWT({ sid: crypto.randomUUID() }).setProtectedHeader({ alg: 'HS256', typ: type }).setIssuer(issuer).setAudience('tonetwin').setSubject(id)
        .setIssuedAt(nowMs / 1000).setExpirationTime(nowMs / 1000 + 60).sign(secret);
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: id, sid: id, iss: 'tonetwin', aud: 'tonetwin', exp: 9e9 })).toString('base64url')}.`;
    const forged = [await made(new Uint8Array(32), 'at+jwt', 'tonetwin'), await made(key, 'JWT', 'tonetwin'), await made(key, 'at+jwt', 'other'), unsigned, `${unsigned}x`];
    for (const token of forged) expect((await call('GET', '/auth/me', undefined, bearer(token))).status).toBe(401);
    expect((await call('GET', '/auth/me', undefined, bearer(await made(key, 'at+jwt', 'tonetwin')))).status).toBe(200);
  });
});

describe('a refresh token', () => {
  const refreshed = (token: string) => call('POST', '/auth/refresh', { refresh_token: token });

  test('gives the next one', async () => {
    const { refresh } = await somebody();
    const next = await refreshed(refresh);
    expect(next.status).toBe(200);
    expect(next.json['refresh_token']).not.toBe(refresh);
    expect((await refreshed(next.json['refresh_token'])).status).toBe(200);
  });

  test('works once more within ten seconds, for an answer that was lost, and not a third time', async () => {
    const { refresh } = await somebody();
    await refreshed(refresh);
    nowMs += GRACE_MS - 1;
    expect((await refreshed(refresh)).status).toBe(200);
    expect(await refreshed(refresh)).toMatchObject({ status: 401, json: { error: { code: 'account/token-reused' } } });
  });

  test('that comes again later ends the whole session, whoever has the newest', async () => {
    const { refresh } = await somebody();
    const newest = (await refreshed(refresh)).json['refresh_token'] as string;
    nowMs += GRACE_MS + 1;
    expect(await refreshed(refresh)).toMatchObject({ status: 401, json: { error: { code: 'account/token-reused' } } });
    expect(await refreshed(newest)).toMatchObject({ status: 401, json: { error: { code: 'account/session-over' } } });
  });

  test('asked for by many at once gives two at most', async () => {
    const { refresh } = await somebody();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refreshed(refresh)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(2);
  });

  test('is over after the session has lain unused', async () => {
    const { refresh } = await somebody();
    nowMs += (SESSION_DAYS * 24 * 3600 + 1) * 1000;
    expect(await refreshed(refresh)).toMatchObject({ status: 401, json: { error: { code: 'account/session-over' } } });
    expect(await cleanAccounts(database.queries, nowMs)).toBeGreaterThan(0);
  });

  test('is nowhere in the database', async () => {
    const { refresh } = await somebody();
    expect(JSON.stringify(await database.queries.query.refreshTokens.findMany())).not.toContain(refresh);
  });
});

describe('a page of our own', () => {
  const own = { 'sec-fetch-site': 'same-origin' };
  const cookieOf = ({ headers }: Answer): string => headers.get('set-cookie')!.split(';')[0]!;

  test('keeps its refresh token where no script can read it', async () => {
    const { email } = await somebody();
    const answer = await call('POST', '/auth/login', { email, password: PASSWORD, mode: 'cookie' }, own);
    expect(answer.json).not.toHaveProperty('refresh_token');
    expect(answer.headers.get('set-cookie')).toMatch(/^__Secure-tonetwin-refresh=[\w-]{43}; .*HttpOnly.*Secure.*SameSite=Strict/);
    expect((await call('POST', '/auth/refresh', { mode: 'cookie' }, { ...own, cookie: cookieOf(answer) })).status).toBe(200);
  });

  test('is told from another site, which the cookie alone would not do', async () => {
    const { email } = await somebody();
    const cookie = cookieOf(await call('POST', '/auth/login', { email, password: PASSWORD, mode: 'cookie' }, own));
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
      for (const path of ['/auth/refresh', '/auth/logout']) {
        expect(await call('POST', path, { mode: 'cookie' }, { ...headers, cookie })).toMatchObject({ status: 403, json: { error: { code: 'account/origin' } } });
      }
    }
  });

  test('signs out', async () => {
    const { email } = await somebody();
    const cookie = cookieOf(await call('POST', '/auth/login', { email, password: PASSWORD, mode: 'cookie' }, own));
    expect((await call('POST', '/auth/logout', {}, { ...own, cookie })).status).toBe(204);
    expect((await call('POST', '/auth/refresh', { mode: 'cookie' }, { ...own, cookie })).status).toBe(401);
  });
});

describe('sessions', () => {
  test('are listed and can be ended one by one', async () => {
    const { email, access } = await somebody();
    const phone = await call('POST', '/auth/login', { email, password: PASSWORD, device: 'phone' });
    const { json } = await call('GET', '/auth/sessions', undefined, bearer(access));
    const sessions = json['sessions'] as { id: string; device: string; is_current: boolean }[];
    expect(sessions.map(({ device, is_current }) => [device, is_current]).sort()).toEqual([['laptop', true], ['phone', false]]);
    expect((await call('DELETE', `/auth/sessions/${sessions.find(({ device }) => device === 'phone')!.id}`, undefined, bearer(access))).status).toBe(204);
    expect((await call('POST', '/auth/refresh', { refresh_token: phone.json['refresh_token'] })).status).toBe(401);
  });

  test('of another cannot be ended', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const { json } = await call('GET', '/auth/sessions', undefined, bearer(other.access));
    expect((await call('DELETE', `/auth/sessions/${(json['sessions'] as { id: string }[])[0]!.id}`, undefined, bearer(one.access))).status).toBe(404);
    expect((await call('POST', '/auth/refresh', { refresh_token: other.refresh })).status).toBe(200);
  });

  test('other than the one that changes the password end with it', async () => {
    const { email, access, refresh } = await somebody();
    const phone = await call('POST', '/auth/login', { email, password: PASSWORD });
    expect((await call('POST', '/auth/password', { current_password: 'wrong', new_password: 'another long secret' }, bearer(access))).status).toBe(401);
    expect((await call('POST', '/auth/password', { current_password: PASSWORD, new_password: 'another long secret' }, bearer(access))).status).toBe(204);
    expect((await call('POST', '/auth/refresh', { refresh_token: phone.json['refresh_token'] })).status).toBe(401);
    expect((await call('POST', '/auth/refresh', { refresh_token: refresh })).status).toBe(200);
    expect((await call('POST', '/auth/login', { email, password: 'another long secret' })).status).toBe(200);
  });
});

describe('an account', () => {
  test('is exported with all that is known, but no secrets', async () => {
    const { email, access } = await somebody();
    const { json } = await call('GET', '/auth/export', undefined, bearer(access));
    expect(json).toMatchObject({ account: { email }, workspaces: [{ role: 'owner' }], sessions: [{ device: 'laptop' }] });
    expect(JSON.stringify(json)).not.toContain('argon2');
  });

  test('is gone when it is deleted, with everything that was its', async () => {
    const { email, access, refresh, id } = await somebody();
    expect((await call('DELETE', '/auth/account', { password: 'wrong' }, bearer(access))).status).toBe(401);
    expect((await call('DELETE', '/auth/account', { password: PASSWORD }, bearer(access))).status).toBe(204);
    expect((await call('POST', '/auth/login', { email, password: PASSWORD })).status).toBe(401);
    expect((await call('POST', '/auth/refresh', { refresh_token: refresh })).status).toBe(401);
    expect((await call('GET', '/auth/me', undefined, bearer(access))).status).toBe(401);
    const { users, workspaces, credentials, sessions } = database.queries.query;
    for (const rows of [await users.findMany(), await workspaces.findMany(), await credentials.findMany(), await sessions.findMany()]) expect(JSON.stringify(rows)).not.toContain(id);
  });
});

describe('every route', () => {
  test('that wants an account is closed to whoever has none', async () => {
    const closed = api.contracts.filter(({ access }) => access === 'account');
    expect(closed.length).toBeGreaterThan(4);
    for (const { method, path } of closed) {
      const { status, json } = await call(method.toUpperCase(), path.replace(/\{\w+\}/g, crypto.randomUUID()));
      expect([path, status, json['error'].code]).toEqual([path, 401, 'account/sign-in']);
    }
  });

  test('says in one form what is wrong with a body', async () => {
    const text = await app.request('/api/auth/login', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
    expect([text.status, ((await text.json()) as { error: { code: string } }).error.code]).toEqual([422, 'request/invalid']);
    const form = await app.request('/api/auth/login', { method: 'POST', body: 'email=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(form.status).toBe(415);
    const large = await app.request('/api/auth/login', { method: 'POST', body: JSON.stringify({ email: 'x'.repeat(300_000) }), headers: { 'content-type': 'application/json' } });
    expect(large.status).toBe(413);
  });

  test('answers what must not be kept by anybody in between', async () => {
    const { access } = await somebody();
    expect((await call('GET', '/auth/me', undefined, bearer(access))).headers.get('cache-control')).toBe('no-store');
  });
});
