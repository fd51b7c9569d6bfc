/** Every route that is mounted, attacked in the same ways. A route that has no example in support/attack-examples.ts fails here. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serverKey } from '../../server/auth/server-keys.ts';
import { rateLimits } from '../../server/database/schema.ts';
import { nothing, rawBody, type RouteContract } from '../../shared/api/contract.ts';
import { TUS } from '../support/tus.ts';
import { bearer, type Somebody } from './support/api-caller.ts';
import { type AnyContract, attackExamples, type Example, inOrder, nameOf } from './support/attack-examples.ts';
import { type AttackWorld, openAttackWorld } from './support/attack-world.ts';
import { COUNTED_ROUTES } from './support/counted-routes.ts';
import { altered, HOSTILE_NUMBERS, HOSTILE_TEXTS, HOSTILE_VALUES, leavesOf, UNSTORABLE_TEXTS } from './support/hostile-values.ts';

let world: AttackWorld;
let examples: Readonly<Record<string, Example>>;
let contracts: readonly AnyContract[];
beforeAll(async () => {
  world = await openAttackWorld();
  examples = attackExamples(world);
  contracts = inOrder(world.caller.api.contracts);
}, 120_000);
afterAll(() => world.close());
beforeEach(() => world.forgetTries());

const exampleOf = (contract: AnyContract): Example => examples[nameOf(contract)] ?? {};
const isJson = (contract: AnyContract): contract is RouteContract => 'body' in contract && contract.body !== nothing && contract.body !== rawBody && contract.method !== 'get';
const filled = (path: string, params: Readonly<Record<string, string>> = {}): string => path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name);

interface Told {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** The example's request, with something changed. Of a stream no more than its beginning is waited for. */
async function tell(contract: AnyContract, example: Example, authorization: string | null, change: { readonly body?: string | Uint8Array<ArrayBuffer>; readonly type?: string } = {}): Promise<Told> {
  const json = example.body === undefined ? undefined : JSON.stringify(example.body);
  const body = change.body ?? json ?? example.bytes;
  const path = `/api${filled(contract.path, example.params)}${example.query ? `?${example.query}` : ''}`;
  const headers = { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...example.headers, ...(authorization === null ? {} : { authorization }), ...(change.type === undefined ? {} : { 'content-type': change.type }) };
  const canHaveBody = contract.method !== 'get' && contract.method !== 'head';
  const answer = await world.caller.app.request(path, { method: contract.method.toUpperCase(), headers, ...(canHaveBody && body !== undefined ? { body } : {}) });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (isStream) await answer.body?.cancel();
  return { status: answer.status, text: isStream ? '' : await answer.text(), headers: answer.headers };
}
const as = (somebody: Somebody): string => bearer(somebody.access).authorization;

/** What did not go as it should, all of it: one line for each. */
async function faults(look: (contract: AnyContract, fault: (what: string) => void) => Promise<void>, which: (contract: AnyContract) => boolean = () => true): Promise<string[]> {
  const found: string[] = [];
  for (const contract of contracts.filter(which)) await look(contract, (what) => found.push(`${nameOf(contract)}: ${what}`));
  return found;
}

test('every route has an example, and every example a route', () => {
  expect(contracts.length).toBeGreaterThan(80);
  expect(contracts.map(nameOf).sort()).toEqual(Object.keys(examples).sort());
});

describe('no route', () => {
  test('lets anybody in without a token who has to have one, and nothing changes', async () => {
    const before = await world.digest();
    expect(await faults(async (contract, fault) => {
      const { status, text } = await tell(contract, exampleOf(contract), null);
      if (status !== 401 || (contract.method !== 'head' && !text.includes('UNAUTHORIZED'))) fault(`${status} ${text}`);
    }, ({ access }) => access === 'account')).toEqual([]);
    expect(await world.digest()).toBe(before);
  });

  test('takes a token that is over, forged, cut, or of another kind', async () => {
    const { ann, caller } = world;
    const secret = await serverKey(caller.database.queries, 'access-tokens', caller.nowMs);
    const [, payload = ''] = ann.access.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string; sid: string; iat: number; exp: number };
    const signed = (change: { key?: Uint8Array; typ?: string; alg?: string; claims?: Record<string, unknown> } = {}): Promise<string> =>
      new SignJWT({ ...claims, iss: 'tonetwin', aud: 'tonetwin', ...change.claims }).setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'at+jwt' }).sign(change.key ?? secret);
    const [head = '', , seal = ''] = ann.access.split('.');
    // What is made here as the server makes it is taken: so the others are refused for what is wrong with them.
    expect((await caller.call('GET', '/auth/me', undefined, bearer(await signed()))).status).toBe(200);
    const tokens: Readonly<Record<string, string>> = {
      over: await signed({ claims: { exp: claims.iat - 1, iat: claims.iat - 600 } }), unsigned: new UnsecuredJWT({ ...claims }).encode(),
      'alg none with the signature of another': `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.${seal}`,
      'another key': await signed({ key: crypto.getRandomValues(new Uint8Array(32)) }), 'the empty key': await signed({ key: new Uint8Array(32) }),
      'another typ': await signed({ typ: 'JWT' }), 'another algorithm': await signed({ alg: 'HS512', key: Buffer.concat([secret, secret]) }), 'another audience': await signed({ claims: { aud: 'elsewhere' } }), 'another issuer': await signed({ claims: { iss: 'elsewhere' } }),
      'another person, signed as before': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: world.eve.id })).toString('base64url')}.${seal}`,
      cut: ann.access.slice(0, -4), 'without signature': `${head}.${payload}.`, 'no token': 'null', 'refresh token': ann.refresh, long: 'a'.repeat(9000),
    };
    const before = await world.digest();
    expect(await faults(async (contract, fault) => {
      for (const [what, token] of Object.entries(tokens)) {
        const { status } = await tell(contract, exampleOf(contract), `Bearer ${token}`);
        if (status !== 401) fault(`${what}: ${status}`);
      }
    }, ({ path }) => !path.startsWith('/auth/provider'))).toEqual([]);
    expect(await world.digest()).toBe(before);
  }, 60_000);

  test('shows or gives another person what is not theirs, and nothing changes', async () => {
    const { eve, hers } = world;
    const ids = Object.values(hers).filter((value) => value.length > 20);
    expect(await faults(async (contract, fault) => {
      const example = exampleOf(contract);
      const asked = JSON.stringify([example.params, example.query, example.body]);
      if (example.isOpen !== undefined) return;
      const isHers = ids.some((id) => asked.includes(id));
      if (!isHers) {
        if (contract.access !== 'account' || contract.method !== 'get') return;
        const { text } = await tell(contract, example, as(eve));
        if (ids.some((id) => text.includes(id))) fault(`tells what is hers: ${text}`);
        return;
      }
      await world.forgetTries();
      const before = await world.digest();
      for (const authorization of contract.access === 'guest' ? [as(eve), null] : [as(eve)]) {
        const { status, text } = await tell(contract, example, authorization);
        // A list that is narrowed to what is not theirs is empty.
        const isEmptyList = contract.method === 'get' && status === 200 && ids.every((id) => !text.includes(id));
        if (status !== 404 && status !== 403 && !isEmptyList) fault(`${status} ${text}`);
        if (contract.access === 'account' && (await world.digest()) !== before) fault('something changed');
      }
    })).toEqual([]);
  }, 60_000);

  test('that wants a signed address takes another signature', async () => {
    for (const name of ['PUT /uploads/{id}', 'GET /downloads/{id}']) {
      const contract = contracts.find((one) => nameOf(one) === name)!;
      const example = exampleOf(contract);
      const [expires = '', signature = ''] = /expires=(\d+)&signature=(.+)/.exec(example.query!)!.slice(1);
      for (const query of [`expires=${expires}&signature=${'A'.repeat(43)}`, `expires=${Number(expires) + 1}&signature=${signature}`, `expires=${expires}`, world.hers[name.startsWith('PUT') ? 'linkQuery' : 'putQuery']!]) {
        expect([403, 422]).toContain((await tell(contract, { ...example, query }, null)).status);
      }
      expect([403, 404]).toContain((await tell(contract, { ...example, params: { id: world.hers['upload']! } }, null)).status);
    }
  });

  test('reads a body that is no JSON, says it is something else, or is too large', async () => {
    const before = await world.digest();
    expect(await faults(async (contract, fault) => {
      const example = exampleOf(contract);
      for (const body of ['{', '{"a":1', '[1,2', 'null,', '\0', '{"__proto__":{"x":1}', '<xml/>', '{"a":'.repeat(20_000)]) {
        const { status } = await tell(contract, example, as(world.ann), { body, type: 'application/json' });
        if (status !== 422) fault(`${body.slice(0, 20)}: ${status}`);
      }
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', '']) {
        const { status } = await tell(contract, example, as(world.ann), { type });
        if (status !== 415) fault(`${type}: ${status}`);
      }
      const large = new Uint8Array((contract.path.startsWith('/presets') ? 16 * 1024 : 256) * 1024 + 1).fill(0x20);
      const { status } = await tell(contract, example, as(world.ann), { body: large, type: 'application/json' });
      if (status !== 413) fault(`too large: ${status}`);
    }, isJson)).toEqual([]);
    expect(await world.digest()).toBe(before);
  }, 60_000);
});

test('no trick in a path reaches anything else, and none comes back in a header', async () => {
  const server = createAdaptorServer({ fetch: world.caller.app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  /** As it stands on the wire: `fetch` would tidy the path up before it is sent. */
  const raw = (method: string, path: string, headers: Record<string, string>): Promise<{ status: number; headers: string }> =>
    new Promise((resolve, reject) => {
      const asking = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
        answer.destroy();
        resolve({ status: answer.statusCode ?? 0, headers: JSON.stringify(answer.rawHeaders) });
      });
      asking.on('error', reject).end();
    });
  const tricks = ['..', '.', '%2e%2e', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '..%5c..%5c', '%00', 'x%00', '%0d%0aSet-Cookie:%20eve=1', '%E0%80%AE', '%ff', '%', 'a'.repeat(8000), "'%20OR%20'1'='1", '00000000-0000-7000-8000-000000000000%00', '%7Bid%7D', '*', '~'];
  const plain = new Set(contracts.map(({ path }) => `/api${path}`));
  const before = await world.digest();
  try {
    expect(await faults(async (contract, fault) => {
      const example = exampleOf(contract);
      for (const name of Object.keys(example.params ?? {})) {
        for (const trick of tricks) {
          const path = `/api${filled(contract.path, { ...example.params, [name]: trick })}`;
          // `/workspaces/../invitations` is `/invitations`, one's own.
          if (plain.has(new URL(path, 'http://localhost').pathname)) continue;
          const { status, headers } = await raw(contract.method.toUpperCase(), path, { authorization: as(world.ann), ...TUS });
          if (status < 400 || status >= 500) fault(`${trick.slice(0, 40)}: ${status}`);
          if (/eve=1|passwd/i.test(headers)) fault(`${trick}: in the headers`);
        }
      }
    })).toEqual([]);
  } finally {
    server.close();
  }
  expect(await world.digest()).toBe(before);
}, 60_000);

describe('a route that counts tries', () => {
  /** s */
  const WAIT = 42;
  /** As if whoever it is had tried all too often; over in `WAIT` seconds. */
  async function exhaust(key: string): Promise<void> {
    await world.forgetTries();
    await world.caller.database.queries.insert(rateLimits).values({ key, points: 1_000_000, expiresAt: new Date(world.caller.nowMs + 1000 * WAIT) });
  }
  const ask = (route: string, isGuest: boolean): Promise<Told> => {
    const [contract, example] = [contracts.find((one) => nameOf(one) === route)!, examples[route]!];
    return isGuest ? tell(contract, { ...example, headers: { ...example.headers, 'sec-fetch-site': 'same-origin' } }, null) : tell(contract, example, as(world.ann));
  };

  test('is in the table', () => {
    const sources = readdirSync('server', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join('server', file), 'utf8'));
    const keys = sources.flatMap((text) => [...text.matchAll(/countTry\(queries, (.*)/g)].map(([, rest = '']) => /^`([a-z ]+) \$\{/.exec(rest)?.[1] ?? rest));
    expect([...new Set(keys)].sort()).toEqual([...new Set(COUNTED_ROUTES.map(({ key }) => key))].sort());
  });

  test('stops whoever was counted too often, says for how long, and does nothing', async () => {
    const { ann, caller, hers } = world;
    const names = { address: caller.address, email: ann.email, user: ann.id, personal: hers['personal']! };
    const before = await world.digest();
    const wrong: string[] = [];
    for (const { route, key, whose, isGuest } of COUNTED_ROUTES) {
      await exhaust(`${key} ${names[whose]}`);
      const { status, text, headers } = await ask(route, isGuest);
      const isStopped = route === 'GET /auth/provider' ? status === 303 && headers.get('location') === '/account?failed=account%2Ftoo-many-tries' : status === 429 && headers.get('retry-after') === String(WAIT) && text.includes('"RATE_LIMITED"');
      if (!isStopped) wrong.push(`${route}, ${key}: ${status} ${text}`);
    }
    expect(wrong).toEqual([]);
    expect(await world.digest()).toBe(before);
  });

  test('stops nobody else, and nobody when the time is over', async () => {
    for (const [route, key] of [['POST /auth/passkey-login/options', 'passkey'], ['GET /shares/{slug}', 'share']] as const) {
      await exhaust(`${key} 203.0.113.8`);
      expect((await ask(route, true)).status).toBe(200);
      await exhaust(`${key} ${world.caller.address}`);
      expect((await ask(route, true)).status).toBe(429);
      world.caller.nowMs += 1000 * WAIT;
      expect((await ask(route, true)).status).toBe(200);
    }
  });
});

test('text that is made to mean something is stored as it is, or refused; numbers and forms that nobody expects break nothing', async () => {
  expect(await faults(async (contract, fault) => {
    const example = exampleOf(contract);
    const tried = async (what: string, value: unknown, change: Example): Promise<void> => {
      let { status, text } = await tell(contract, { ...example, ...change }, as(world.ann));
      if (status === 429) {
        await world.forgetTries();
        ({ status, text } = await tell(contract, { ...example, ...change }, as(world.ann)));
      }
      if (status >= 500) fault(`${what}: ${status} ${text}`);
      if (status >= 300 || typeof value !== 'string') return;
      if (UNSTORABLE_TEXTS.includes(value)) fault(`${what}: taken`);
      const stored = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>)[what.split(' ')[0]!] : undefined;
      if (typeof stored === 'string' && stored !== value.trim()) fault(`${what}: became ${stored}`);
    };
    if (isJson(contract) && example.body) {
      for (const { at, value } of leavesOf(example.body)) {
        const more = typeof value === 'number' ? HOSTILE_NUMBERS : typeof value === 'string' ? [...HOSTILE_TEXTS, ...UNSTORABLE_TEXTS] : [];
        // An account that is gone, or has another password, would fail for that.
        const hostiles = contract.path === '/auth/account' || at.includes('new_password') ? UNSTORABLE_TEXTS : [...HOSTILE_VALUES, ...more];
        for (const hostile of hostiles) await tried(`${at.join('.')} = ${JSON.stringify(hostile).slice(0, 40)}`, hostile, { body: altered(example.body, at, hostile) });
      }
    }
    for (const name of Object.keys(contract.query.shape)) {
      for (const value of [...HOSTILE_TEXTS, ...UNSTORABLE_TEXTS, ...HOSTILE_NUMBERS.map(String)]) await tried(`?${name} = ${JSON.stringify(value).slice(0, 40)}`, null, { query: `${example.query ? `${example.query}&` : ''}${name}=${encodeURIComponent(value.replace('\ud800', '\0'))}` });
    }
  }, ({ method, path }) => method !== 'delete' || path === '/auth/account')).toEqual([]);
  expect((await world.ann.call('GET', '/auth/me')).json['email']).toBe(world.ann.email);
}, 120_000);

test('every example is what its route takes: so whatever was refused was refused for what was wrong with it', async () => {
  world = (await world.close(), await openAttackWorld());
  examples = attackExamples(world);
  contracts = inOrder(world.caller.api.contracts);
  expect(await faults(async (contract, fault) => {
    const example = exampleOf(contract);
    const { status, text } = await tell(contract, example, as(world.ann));
    const right = example.answers ?? ('status' in contract ? [contract.status] : contract.statuses);
    if (!right.includes(status)) fault(`${status} ${text}`);
  })).toEqual([]);
}, 120_000);
