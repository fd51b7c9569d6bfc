import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_SECONDS } from '../../server/auth/access-tokens.ts';
import { serverKey } from '../../server/auth/server-keys.ts';
import { GRACE_MS, SESSION_DAYS } from '../../server/auth/sessions.ts';
import { type Answer, type ApiCaller, bearer, openApiCaller, PASSWORD } from './support/api-caller.ts';
import { rateLimits, sessions } from '../../server/database/schema.ts';

let caller: ApiCaller;
const call: ApiCaller['call'] = (...request) => caller.call(...request);
const somebody = () => caller.somebody();

beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());

describe('registering', () => {
  test('signs in, and the token says who one is', async () => {
    const { email, access } = await somebody();
    expect(await call('GET', '/auth/me', undefined, bearer(access))).toMatchObject({ status: 200, json: { email } });
  });

  test('takes an address once, whatever its case', async () => {
    const { email } = await somebody();
    expect(await call('POST', '/auth/register', { email: email.toUpperCase(), password: PASSWORD })).toMatchObject({ status: 409, json: { detail: { reason: 'account/email-taken' } } });
  });

  test.each([
    [{ email: 'no address', password: PASSWORD }, 'body.email'],
    [{ email: 'a@example.org', password: 'short' }, 'body.password'],
    [{ email: 'a@example.org' }, 'body.password'],
    [{ email: { $ne: null }, password: PASSWORD }, 'body.email'],
    [[], 'body'],
  ])('refuses %j and says where it is wrong', async (body, where) => {
    const { status, json } = await call('POST', '/auth/register', body);
    expect([status, json['detail'].reason]).toEqual([422, 'request/invalid']);
    expect(json['message']).toContain(where);
  });

  test('keeps no password', async () => {
    await somebody();
    const stored = await caller.database.queries.query.credentials.findMany();
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
    caller.address = '192.0.2.251';
    await call('POST', '/auth/register', { email: 'unicode@example.org', password: 'Pässwörter 密码 🔑' });
    expect((await call('POST', '/auth/login', { email: 'unicode@example.org', password: 'Pässwörter 密码 🔑'.normalize('NFD') })).status).toBe(200);
  });

  test('stops after ten tries at one account, from wherever, and goes on when the time is over', async () => {
    const { email } = await somebody();
    for (let i = 0; i < 10; i += 1) {
      caller.address = `198.51.100.${i}`;
      expect((await call('POST', '/auth/login', { email, password: 'guess' })).status).toBe(401);
    }
    caller.address = '198.51.100.99';
    const stopped = await call('POST', '/auth/login', { email, password: PASSWORD });
    expect(stopped).toMatchObject({ status: 429, json: { detail: { reason: 'account/too-many-tries' } } });
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    caller.nowMs += 15 * 60_000;
    expect((await call('POST', '/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });
});

describe('an access token', () => {
  test('is over after ten minutes', async () => {
    const { access } = await somebody();
    caller.nowMs += 1000 * (ACCESS_SECONDS + 1);
    expect((await call('GET', '/auth/me', undefined, bearer(access))).status).toBe(401);
  });

  test('that somebody else signed, or nobody, or for another use, is none', async () => {
    const { id } = await somebody();
    const key = await serverKey(caller.database.queries, 'access-tokens', caller.nowMs);
    const made = (secret: Uint8Array, type: string, issuer: string) =>
      new SignJWT({ sid: crypto.randomUUID() }).setProtectedHeader({ alg: 'HS256', typ: type }).setIssuer(issuer).setAudience('tonetwin').setSubject(id)
        .setIssuedAt(caller.nowMs / 1000).setExpirationTime(caller.nowMs / 1000 + 60).sign(secret);
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
    caller.nowMs += GRACE_MS - 1;
    expect((await refreshed(refresh)).status).toBe(200);
    expect(await refreshed(refresh)).toMatchObject({ status: 401, json: { detail: { reason: 'account/token-reused' } } });
  });

  test('that comes again later ends the whole session, whoever has the newest', async () => {
    const { refresh } = await somebody();
    const newest = (await refreshed(refresh)).json['refresh_token'] as string;
    caller.nowMs += GRACE_MS + 1;
    expect(await refreshed(refresh)).toMatchObject({ status: 401, json: { detail: { reason: 'account/token-reused' } } });
    expect(await refreshed(newest)).toMatchObject({ status: 401, json: { detail: { reason: 'account/session-over' } } });
  });

  test('asked for by many at once gives two at most', async () => {
    const { refresh } = await somebody();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refreshed(refresh)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(2);
  });

  test('is over after the session has lain unused', async () => {
    const { refresh } = await somebody();
    caller.nowMs += (SESSION_DAYS * 24 * 3600 + 1) * 1000;
    expect(await refreshed(refresh)).toMatchObject({ status: 401, json: { detail: { reason: 'account/session-over' } } });
  });

  test('leaves nothing when it is over: a server that starts removes such sessions, and counted tries', async () => {
    const { queries } = caller.database;
    await somebody();
    expect([(await queries.select().from(sessions)).length, (await queries.select().from(rateLimits)).length].every((count) => count > 0)).toBe(true);
    caller.nowMs += (SESSION_DAYS * 24 * 3600 + 1) * 1000;
    caller.api.start();
    await caller.api.close();
    expect([await queries.select().from(sessions), await queries.select().from(rateLimits)]).toEqual([[], []]);
  });

  test('is nowhere in the database', async () => {
    const { refresh } = await somebody();
    expect(JSON.stringify(await caller.database.queries.query.refreshTokens.findMany())).not.toContain(refresh);
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
        expect(await call('POST', path, { mode: 'cookie' }, { ...headers, cookie })).toMatchObject({ status: 403, json: { detail: { reason: 'account/origin' } } });
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

  test('come in pages, the one used last first', async () => {
    const { email, access } = await somebody();
    for (const [i, device] of ['a', 'b', 'c'].entries()) {
      // Two at the same moment.
      if (i !== 1) caller.nowMs += 1000;
      await call('POST', '/auth/login', { email, password: PASSWORD, device });
    }
    const found: string[] = [];
    for (let query = 'limit=1'; query !== ''; ) {
      const { json } = await call('GET', `/auth/sessions?${query}`, undefined, bearer(access));
      found.push(...(json['sessions'] as { device: string }[]).map(({ device }) => device));
      query = json['next_cursor'] === null ? '' : `limit=1&cursor=${json['next_cursor'] as string}`;
    }
    expect([found.toSorted(), found[0], found.at(-1)]).toEqual([['a', 'b', 'c', 'laptop'], 'c', 'laptop']);
    expect((await call('GET', '/auth/sessions?cursor=none', undefined, bearer(access))).status).toBe(422);
  });

  test('end everywhere but here at once', async () => {
    const { email, access, refresh } = await somebody();
    const others = await Promise.all([1, 2].map(() => call('POST', '/auth/login', { email, password: PASSWORD })));
    expect((await call('DELETE', '/auth/sessions', undefined, bearer(access))).status).toBe(204);
    for (const { json } of others) expect((await call('POST', '/auth/refresh', { refresh_token: json['refresh_token'] })).status).toBe(401);
    expect((await call('POST', '/auth/refresh', { refresh_token: refresh })).status).toBe(200);
  });

  test('of another cannot be ended', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const { json } = await call('GET', '/auth/sessions', undefined, bearer(other.access));
    expect((await call('DELETE', `/auth/sessions/${(json['sessions'] as { id: string }[])[0]!.id}`, undefined, bearer(one.access))).status).toBe(404);
    expect((await call('POST', '/auth/refresh', { refresh_token: other.refresh })).status).toBe(200);
  });

  test('that are over change nothing any more, nor take everything away, though their tokens have minutes left', async () => {
    const { email, access, refresh } = await somebody();
    const thief = (await call('POST', '/auth/login', { email, password: PASSWORD })).json['access_token'] as string;
    expect((await call('POST', '/auth/password', { current_password: PASSWORD, new_password: 'another long secret' }, bearer(access))).status).toBe(204);
    expect((await call('GET', '/auth/me', undefined, bearer(thief))).status).toBe(200);
    for (const { method, path, access: whose } of caller.api.contracts) {
      if (whose !== 'account' || method === 'head' || (method === 'get' && path !== '/auth/export')) continue;
      const { status, json } = await call(method.toUpperCase(), path.replace(/\{\w+\}/g, crypto.randomUUID()), undefined, bearer(thief));
      expect([method, path, status, (json['error'] ?? json)['detail'].reason]).toEqual([method, path, 401, 'account/sign-in']);
    }
    expect((await call('POST', '/auth/refresh', { refresh_token: refresh })).status).toBe(200);
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
    const { users, workspaces, credentials, sessions } = caller.database.queries.query;
    for (const rows of [await users.findMany(), await workspaces.findMany(), await credentials.findMany(), await sessions.findMany()]) expect(JSON.stringify(rows)).not.toContain(id);
  });
});

describe('every route', () => {
  test('that wants an account is closed to whoever has none', async () => {
    const closed = caller.api.contracts.filter(({ access }) => access === 'account');
    expect(closed.length).toBeGreaterThan(4);
    for (const { method, path } of closed) {
      const { status, json, headers } = await call(method.toUpperCase(), path.replace(/\{\w+\}/g, crypto.randomUUID()));
      expect([path, status, (json['error'] ?? json)['detail'].reason, headers.get('www-authenticate')]).toEqual([path, 401, 'account/sign-in', 'Bearer']);
    }
  });

  test('says in one form what is wrong with a body', async () => {
    const text = await caller.app.request('/api/auth/login', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
    expect([text.status, ((await text.json()) as { detail: { reason: string } }).detail.reason]).toEqual([422, 'request/invalid']);
    const form = await caller.app.request('/api/auth/login', { method: 'POST', body: 'email=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(form.status).toBe(415);
    const large = await caller.app.request('/api/auth/login', { method: 'POST', body: JSON.stringify({ email: 'x'.repeat(300_000) }), headers: { 'content-type': 'application/json' } });
    // What was not read would be taken for the next request.
    expect([large.status, large.headers.get('connection')]).toEqual([413, 'close']);
  });

  test('answers what must not be kept by anybody in between', async () => {
    const { access } = await somebody();
    expect((await call('GET', '/auth/me', undefined, bearer(access))).headers.get('cache-control')).toBe('no-store');
  });
});
