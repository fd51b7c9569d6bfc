import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSoftwareAuthenticator } from '../support/software-authenticator.ts';
import { type Answer, type ApiCaller, openApiCaller, PASSWORD, type Somebody } from './support/api-caller.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());

/** What the server takes itself for, without a Host: https, for the caller says so. */
const ORIGIN = 'https://localhost';

async function askedOf(somebody: Somebody): Promise<{ challenge: string; userId: string }> {
  const { json } = await somebody.call('POST', '/auth/passkeys/options');
  return { challenge: json['challenge'] as string, userId: json['user'].id as string };
}

async function withPasskey(name = 'Laptop') {
  const somebody = await caller.somebody();
  const authenticator = createSoftwareAuthenticator();
  const { challenge, userId } = await askedOf(somebody);
  const { status, json } = await somebody.call('POST', '/auth/passkeys', { name, response: authenticator.create({ challenge, origin: ORIGIN }, userId) });
  expect(status).toBe(201);
  return { somebody, authenticator, id: json['id'] as string };
}
const challenge = async (): Promise<string> => (await caller.call('POST', '/auth/passkey-login/options')).json['challenge'] as string;
const enter = (response: unknown): Promise<Answer> => caller.call('POST', '/auth/passkey-login', { response, device: 'phone' });

const REFUSED = { status: 401, json: { detail: { reason: 'account/passkey' } } };

describe('a passkey', () => {
  test('signs in whoever it belongs to, without an address or a password', async () => {
    const { somebody, authenticator } = await withPasskey();
    const { status, json } = await enter(authenticator.get({ challenge: await challenge(), origin: ORIGIN }));
    expect([status, json['user'].email]).toEqual([200, somebody.email]);
    expect((await somebody.call('GET', '/auth/passkeys')).json['passkeys']).toMatchObject([{ name: 'Laptop', used_at: new Date(caller.nowMs).toISOString() }]);
  });

  test('is asked for in a way that only its owner can answer', async () => {
    const somebody = await caller.somebody();
    const { json } = await somebody.call('POST', '/auth/passkeys/options');
    expect(json['authenticatorSelection']).toMatchObject({ residentKey: 'required', userVerification: 'required' });
    expect((await caller.call('POST', '/auth/passkey-login/options')).json).toMatchObject({ userVerification: 'required', rpId: 'localhost' });
  });

  test('answers a question once: an answer that is sent again is refused', async () => {
    const { authenticator } = await withPasskey();
    const response = authenticator.get({ challenge: await challenge(), origin: ORIGIN });
    expect((await enter(response)).status).toBe(200);
    expect(await enter(response)).toMatchObject(REFUSED);
  });

  test('answers no question of another site, of another time, of another purpose, or none', async () => {
    const { somebody, authenticator } = await withPasskey();
    const late = await challenge();
    const other = (await askedOf(somebody)).challenge;
    expect(await enter(authenticator.get({ challenge: await challenge(), origin: 'https://evil.example' }))).toMatchObject(REFUSED);
    expect(await enter(authenticator.get({ challenge: other, origin: ORIGIN }))).toMatchObject(REFUSED);
    expect(await enter(authenticator.get({ challenge: 'AAAA', origin: ORIGIN }))).toMatchObject(REFUSED);
    caller.nowMs += 11 * 60_000;
    expect(await enter(authenticator.get({ challenge: late, origin: ORIGIN }))).toMatchObject(REFUSED);
  });

  test('that did not recognise its owner is refused, when it is made and when it signs in', async () => {
    const { authenticator } = await withPasskey();
    expect(await enter(authenticator.get({ challenge: await challenge(), origin: ORIGIN, isVerified: false }))).toMatchObject(REFUSED);
    const somebody = await caller.somebody();
    const asked = await askedOf(somebody);
    expect(await somebody.call('POST', '/auth/passkeys', { name: '', response: createSoftwareAuthenticator().create({ challenge: asked.challenge, origin: ORIGIN, isVerified: false }, asked.userId) })).toMatchObject(REFUSED);
  });

  test('that was copied is noticed by its counter', async () => {
    const { authenticator } = await withPasskey();
    const [first, second] = [await challenge(), await challenge()];
    const older = authenticator.get({ challenge: first, origin: ORIGIN });
    const newer = authenticator.get({ challenge: second, origin: ORIGIN });
    expect((await enter(newer)).status).toBe(200);
    expect(await enter(older)).toMatchObject(REFUSED);
  });

  test('made for one account is not added to another', async () => {
    const [ann, eve] = [await caller.somebody(), await caller.somebody()];
    const { challenge: ofAnn, userId } = await askedOf(ann);
    expect(await eve.call('POST', '/auth/passkeys', { name: '', response: createSoftwareAuthenticator().create({ challenge: ofAnn, origin: ORIGIN }, userId) })).toMatchObject(REFUSED);
  });

  test('is not known to the server but by its public half', async () => {
    const { authenticator } = await withPasskey();
    const response = authenticator.get({ challenge: await challenge(), origin: ORIGIN });
    const forged = { ...response, response: { ...response.response, signature: Buffer.from(new Uint8Array(70)).toString('base64url') } };
    expect(await enter(forged)).toMatchObject(REFUSED);
    expect(await enter({ ...response, id: 'nobody' })).toMatchObject(REFUSED);
    expect((await enter({ id: 'x', response: { clientDataJSON: 'bm90IEpTT04' } })).status).toBe(401);
  });
});

describe('of an account, passkeys', () => {
  test('are listed, named, removed, and belong to it alone', async () => {
    const { somebody, authenticator, id } = await withPasskey();
    const eve = await caller.somebody();
    expect((await eve.call('DELETE', `/auth/passkeys/${id}`)).status).toBe(404);
    expect((await eve.call('PUT', `/auth/passkeys/${id}`, { name: 'Mine' })).status).toBe(404);
    expect((await eve.call('GET', '/auth/passkeys')).json['passkeys']).toEqual([]);
    expect((await somebody.call('PUT', `/auth/passkeys/${id}`, { name: 'Old laptop' })).status).toBe(204);
    expect((await somebody.call('GET', '/auth/passkeys')).json['passkeys']).toMatchObject([{ id, name: 'Old laptop' }]);
    expect((await somebody.call('GET', '/auth/export')).json['passkeys']).toMatchObject([{ name: 'Old laptop' }]);
    expect((await somebody.call('DELETE', `/auth/passkeys/${id}`)).status).toBe(204);
    expect(await enter(authenticator.get({ challenge: await challenge(), origin: ORIGIN }))).toMatchObject(REFUSED);
  });

  test('that are the only way in stay, until there is a password; signing in just now allows to set one', async () => {
    const { credentials } = await import('../../server/database/schema.ts');
    const { and, eq } = await import('drizzle-orm');
    const { somebody, id } = await withPasskey();
    await caller.database.queries.delete(credentials).where(and(eq(credentials.userId, somebody.id), eq(credentials.kind, 'password')));
    expect((await somebody.call('GET', '/auth/me')).json['has_password']).toBe(false);
    expect(await somebody.call('DELETE', `/auth/passkeys/${id}`)).toMatchObject({ status: 409, json: { detail: { reason: 'account/last-way-in' } } });
    expect((await somebody.call('POST', '/auth/password', { new_password: PASSWORD })).status).toBe(204);
    expect((await caller.call('POST', '/auth/login', { email: somebody.email, password: PASSWORD })).status).toBe(200);
    expect((await somebody.call('DELETE', `/auth/passkeys/${id}`)).status).toBe(204);
  });

  test('do not delete an account from a session of long ago', async () => {
    const { credentials } = await import('../../server/database/schema.ts');
    const { and, eq } = await import('drizzle-orm');
    const { somebody, authenticator } = await withPasskey();
    await caller.database.queries.delete(credentials).where(and(eq(credentials.userId, somebody.id), eq(credentials.kind, 'password')));
    caller.nowMs += 16 * 60_000;
    const { json } = await caller.call('POST', '/auth/refresh', { refresh_token: somebody.refresh });
    const old = { authorization: `Bearer ${json['access_token'] as string}` };
    expect(await caller.call('DELETE', '/auth/account', {}, old)).toMatchObject({ status: 403, json: { detail: { reason: 'account/sign-in-again' } } });
    const again = await enter(authenticator.get({ challenge: await challenge(), origin: ORIGIN }));
    expect((await caller.call('DELETE', '/auth/account', {}, { authorization: `Bearer ${again.json['access_token'] as string}` })).status).toBe(204);
    expect(await enter(authenticator.get({ challenge: await challenge(), origin: ORIGIN }))).toMatchObject(REFUSED);
  });
});
