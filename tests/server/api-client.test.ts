/** The page's client against the real server: the same contracts on both sides. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_SECONDS } from '../../server/auth/access-tokens.ts';
import { GRACE_MS } from '../../server/auth/sessions.ts';
import * as auth from '../../shared/api/auth.ts';
import * as presets from '../../shared/api/presets.ts';
import { type AccountState, type ApiClient, createApiClient } from '../../web/api/client.ts';
import { errorOfAnswer } from '../../web/api/answer-error.ts';
import { deviceName } from '../../web/api/device-name.ts';
import { type ApiCaller, openApiCaller, PASSWORD } from './support/api-caller.ts';
import { openBrowser } from './support/page-client.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());

const aBrowser = () => openBrowser(caller);

let people = 0;
async function signedIn(browser = aBrowser()) {
  const tab = browser.tab();
  people += 1;
  caller.address = `203.0.113.${people}`;
  const account = await tab.signIn(auth.register, { email: `client-${people}@example.org`, password: PASSWORD });
  return { browser, tab, account };
}

const refreshes = ({ sent }: ReturnType<typeof aBrowser>): number => sent.filter(({ path }) => path === '/api/auth/refresh').length;

beforeEach(() => {
  caller.nowMs += 1000;
});

describe('a page that nobody signed in on', () => {
  test('asks once what is offered, and makes no request that needs an account', async () => {
    const browser = aBrowser();
    const tab = browser.tab();
    await tab.start();
    expect(tab.account).toEqual({ status: 'out', offer: { accounts: true, provider: null } });
    await expect(tab.call(presets.listPresets)).rejects.toMatchObject({ code: 'account/sign-in' });
    expect(browser.sent).toEqual([{ path: '/api/auth/offer', authorization: null }]);
  });

  test('knows that there are no accounts from a server without, and nothing without a server', async () => {
    const tab = (fetch: typeof globalThis.fetch) => createApiClient({ fetch, nowMs: () => 0, memory: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }, alone: (work) => work(), channel: null, device: '' });
    const of = async (client: ApiClient): Promise<AccountState> => client.start().then(() => client.account);
    expect(await of(tab(() => Promise.resolve(Response.json({ code: 'NOT_FOUND', message: '', detail: { reason: 'server/not-found' } }, { status: 404 }))))).toEqual({ status: 'absent' });
    expect(await of(tab(() => Promise.resolve(new Response('<title>page</title>'))))).toEqual({ status: 'unknown' });
    expect(await of(tab(() => Promise.reject(new TypeError('Failed to fetch'))))).toEqual({ status: 'unknown' });
  });
});

describe('signing in', () => {
  test('keeps the access token out of what outlives the page, and the refresh token out of the page', async () => {
    const { browser, tab, account } = await signedIn();
    expect(tab.account).toEqual({ status: 'in', account });
    const token = (await tab.authorization()).slice('Bearer '.length);
    expect(JSON.stringify([...browser.memory])).not.toContain(token);
    expect(JSON.parse(browser.memory.get('tonetwin-account')!)).toEqual(account);
  });

  test('names the device in the list of sessions', async () => {
    const { tab } = await signedIn();
    expect((await tab.call(auth.listSessions)).sessions).toMatchObject([{ device: 'Firefox, Linux', is_current: true }]);
  });

  test('that fails tells why, in the fine code', async () => {
    const { account } = await signedIn();
    await expect(aBrowser().tab().signIn(auth.login, { email: account.email, password: 'wrong' })).rejects.toMatchObject({ code: 'account/wrong-credentials' });
    await expect(aBrowser().tab().signIn(auth.register, { email: account.email, password: PASSWORD })).rejects.toMatchObject({ code: 'account/email-taken' });
  });

  test('is heard by the other tabs, and so is signing out', async () => {
    const browser = aBrowser();
    const other = browser.tab();
    await other.start();
    const { tab, account } = await signedIn(browser);
    await expect.poll(() => other.account).toEqual({ status: 'in', account });
    await tab.signOut();
    await expect.poll(() => other.account.status).toBe('out');
    await expect(other.call(auth.me)).rejects.toMatchObject({ code: 'account/sign-in' });
  });
});

describe('a token that ends', () => {
  test('is replaced before it does, once for all calls that wait', async () => {
    const { browser, tab } = await signedIn();
    caller.nowMs += 1000 * (ACCESS_SECONDS - 30);
    await Promise.all([tab.call(auth.me), tab.call(auth.listSessions), tab.call(presets.listPresets, { query: { limit: 5 } })]);
    expect(refreshes(browser)).toBe(1);
  });

  test('is exchanged by one tab after the other: no refresh token is used twice', async () => {
    const { browser, tab } = await signedIn();
    const tabs = [tab, ...Array.from({ length: 5 }, () => browser.tab())];
    caller.nowMs += 1000 * ACCESS_SECONDS;
    await Promise.all(tabs.map((one) => one.start()));
    caller.nowMs += GRACE_MS + 1;
    expect(refreshes(browser)).toBe(6);
    for (const one of tabs) expect((await one.call(auth.me)).email).toContain('client-');
  });

  test('earlier than the clock says is replaced when the server refuses it', async () => {
    const { browser, tab } = await signedIn();
    const { nowMs } = caller;
    // The page's clock stands still.
    const slow = browser.tab();
    await slow.start();
    caller.nowMs += 1000 * (ACCESS_SECONDS - 61);
    expect((await tab.call(auth.me)).email).toContain('client-');
    caller.nowMs = nowMs;
  });

  test('together with its session signs out', async () => {
    const { browser, tab } = await signedIn();
    const phone = browser.tab();
    await phone.start();
    const [session] = (await tab.call(auth.listSessions)).sessions;
    await tab.call(auth.revokeSession, { params: { id: session!.id } });
    caller.nowMs += 1000 * ACCESS_SECONDS;
    await expect(tab.call(auth.me)).rejects.toMatchObject({ code: 'account/session-over' });
    expect(tab.account.status).toBe('out');
    expect(browser.memory.size).toBe(0);
  });
});

describe('without a network', () => {
  test('somebody stays who they are, and calls say that the network is missing', async () => {
    const { browser, account } = await signedIn();
    browser.isOffline = true;
    const tab = browser.tab();
    await tab.start();
    expect(tab.account).toEqual({ status: 'in', account });
    await expect(tab.call(auth.me)).rejects.toMatchObject({ code: 'network/unavailable' });
    browser.isOffline = false;
    expect((await tab.call(auth.me)).email).toBe(account.email);
  });

  test('signing out is told to the server at the next start', async () => {
    const { browser, tab, account } = await signedIn();
    browser.isOffline = true;
    await tab.signOut();
    expect(tab.account.status).toBe('unknown');
    browser.isOffline = false;
    const later = browser.tab();
    await later.start();
    expect(later.account.status).toBe('out');
    const elsewhere = aBrowser().tab();
    await elsewhere.signIn(auth.login, { email: account.email, password: PASSWORD });
    expect((await elsewhere.call(auth.listSessions)).sessions).toHaveLength(1);
  });
});

test('a call that is aborted says so', async () => {
  const { tab } = await signedIn();
  await expect(tab.call(auth.me, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'job/cancelled' });
});

test('a request without a contract carries the token, and its failure is an error like any other', async () => {
  const { tab, account } = await signedIn();
  expect(await (await tab.fetch('/auth/me')).json()).toMatchObject({ email: account.email });
  await expect(tab.fetch('/nothing-here')).rejects.toMatchObject({ code: 'server/not-found' });
});

test.each([
  [Response.json({ code: 'RATE_LIMITED', message: '', detail: { reason: 'account/too-many-tries', seconds: 7 } }, { status: 429 }), 'account/too-many-tries', 'Too many tries. Wait 7 s and try again.'],
  [Response.json({ code: 'TEAPOT', message: 'A newer server says this.', detail: { reason: 'kitchen/teapot' } }, { status: 418 }), 'internal', 'Something unexpected went wrong (A newer server says this.).'],
  [new Response('<h1>Bad gateway</h1>', { status: 502 }), 'network/unavailable', 'The network cannot be reached. Connect and try again.'],
  [new Response('nothing', { status: 404 }), 'server/not-found', 'There is nothing at this address.'],
])('an answer %o is the error %s', async (answer, code, message) => {
  expect(await errorOfAnswer(answer)).toMatchObject({ code, message });
});

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0', 'Edge, Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'Safari, iPhone'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Linux'],
  ['curl/8.0', ''],
])('%s is called "%s"', (agent, name) => {
  expect(deviceName(agent)).toBe(name);
});
