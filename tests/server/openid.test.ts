import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { type ApiCaller, openApiCaller, PASSWORD } from './support/api-caller.ts';

let caller: ApiCaller;
let provider: OidcProvider;
beforeAll(async () => {
  provider = await startOidcProvider();
  // The provider's clock is the machine's.
  caller = await openApiCaller({ nowMs: () => Date.now(), publicUrl: 'https://tonetwin.example', provider: { issuer: provider.issuer, clientId: provider.clientId, clientSecret: provider.clientSecret, name: 'Test house' } });
}, 120_000);
afterAll(async () => {
  await caller.close();
  await provider.close();
});
beforeEach(() => {
  provider.claims = {};
  provider.isForging = false;
});

/** A browser that follows where it is sent; its cookies by name. */
function aBrowser() {
  const cookies = new Map<string, string>();
  const header = () => ({ cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), 'sec-fetch-site': 'same-origin' });
  const go = async (path: string): Promise<string> => {
    const answer = await caller.app.request(path, { headers: header() });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = '', ...rest] = set.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (rest.some((part) => /Max-Age=0/i.test(part))) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer.headers.get('location') ?? '';
  };
  return {
    cookies,
    start: () => go('/api/auth/provider'),
    /** At the provider, and back to the address it sends to. */
    async signInThere(address: string): Promise<string> {
      const { headers } = await fetch(address, { redirect: 'manual' });
      return headers.get('location')!.replace('https://tonetwin.example', '');
    },
    finish: go,
    async whole(): Promise<string> {
      return go(await this.signInThere(await this.start()));
    },
    async me(): Promise<Record<string, any>> {
      const answer = await caller.app.request('/api/auth/refresh', { method: 'POST', headers: { ...header(), 'content-type': 'application/json' }, body: '{"mode":"cookie"}' });
      return (await answer.json()) as Record<string, any>;
    },
  };
}

const FAILED = '/account?failed=account%2Fprovider';

test('the server names its provider to whoever asks what is offered', async () => {
  expect((await caller.call('GET', '/auth/offer')).json).toEqual({ accounts: true, provider: 'Test house' });
});

test('whoever comes back from the provider has an account, and the same one the next time', async () => {
  provider.person = { sub: 'ann-1', email: 'ann@house.example', email_verified: true };
  const [first, second] = [aBrowser(), aBrowser()];
  expect(await first.whole()).toBe('/account?entered=yes');
  const ann = await first.me();
  expect(ann['user'].email).toBe('ann@house.example');
  // Another address at the provider is still the same person.
  provider.person = { sub: 'ann-1', email: 'ann.new@house.example' };
  expect(await second.whole()).toBe('/account?entered=yes');
  expect((await second.me())['user']).toEqual(ann['user']);
});

test('the request carries PKCE, state and nonce, and the browser what it has to bring back, out of reach of scripts', async () => {
  const browser = aBrowser();
  const answer = await caller.app.request('/api/auth/provider');
  const asked = new URL(answer.headers.get('location')!).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({ response_type: 'code', scope: 'openid email', code_challenge_method: 'S256', redirect_uri: 'https://tonetwin.example/api/auth/provider/return' });
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
  expect(answer.headers.get('set-cookie')).toMatch(/^__Secure-tonetwin-provider=.*HttpOnly; Secure; SameSite=Lax/);
  expect(browser.cookies.size).toBe(0);
});

describe('nobody is let in', () => {
  beforeEach(() => {
    provider.person = { sub: 'eve-1', email: 'eve@house.example' };
  });

  test('by a way back that another browser set out on', async () => {
    const [eve, ann] = [aBrowser(), aBrowser()];
    const back = await eve.signInThere(await eve.start());
    await ann.start();
    expect(await ann.finish(back)).toBe(FAILED);
    expect(await aBrowser().finish(back)).toBe(FAILED);
  });

  test('twice by one way back', async () => {
    const browser = aBrowser();
    const back = await browser.signInThere(await browser.start());
    const state = new Map(browser.cookies);
    expect(await browser.finish(back)).toBe('/account?entered=yes');
    for (const [name, value] of state) browser.cookies.set(name, value);
    expect(await browser.finish(back)).toBe(FAILED);
  });

  test.each([
    ['another nonce', { nonce: 'another' }],
    ['another audience', { aud: 'another-client' }],
    ['another issuer', { iss: 'https://other.example' }],
    ['a time that is over', { exp: 1 }],
    ['an address that was not verified', { email_verified: false }],
    ['no address', { email: undefined }],
  ])('by a token with %s', async (_, claims) => {
    provider.claims = claims;
    expect(await aBrowser().whole()).toBe(FAILED);
  });

  test('by a token that somebody else signed', async () => {
    provider.isForging = true;
    expect(await aBrowser().whole()).toBe(FAILED);
  });

  test('into an account that has the address already, but was made otherwise', async () => {
    await caller.call('POST', '/auth/register', { email: 'taken@house.example', password: PASSWORD });
    provider.person = { sub: 'eve-2', email: 'Taken@house.example', email_verified: true };
    expect(await aBrowser().whole()).toBe('/account?failed=account%2Femail-taken');
  });
});

test('a provider that cannot be reached is told, and asked again the next time', async () => {
  const away = await openApiCaller({ provider: { issuer: 'http://127.0.0.1:9', clientId: 'a', clientSecret: 'b', name: 'Away' } });
  expect((await away.app.request('/api/auth/provider')).headers.get('location')).toBe(FAILED);
  await away.close();
});
