/** The page's client, as a browser runs it, against a server of a test. */
import { type ApiClient, createApiClient } from '../../../web/api/client.ts';
import type { ApiCaller } from './api-caller.ts';

export interface TestBrowser {
  readonly memory: Map<string, string>;
  readonly sent: { readonly path: string; readonly authorization: string | null }[];
  isOffline: boolean;
  readonly storage: { getItem(name: string): string | null; setItem(name: string, value: string): void; removeItem(name: string): void };
  /** Turns between tabs. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** A new tab: one cookie and one memory for all of them. */
  tab(): ApiClient;
}

export function turns(): TestBrowser['alone'] {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = turn.then(work, work);
    turn = next.catch(() => undefined);
    return next;
  };
}

export function openBrowser(caller: ApiCaller): TestBrowser {
  let cookie = '';
  const memory = new Map<string, string>();
  const heard: ((event: { data: unknown }) => void)[] = [];
  const browser: TestBrowser = {
    memory, sent: [], isOffline: false,
    storage: { getItem: (name) => memory.get(name) ?? null, setItem: (name, value) => void memory.set(name, value), removeItem: (name) => void memory.delete(name) },
    alone: turns(),
    tab(): ApiClient {
      let mine: ((event: { data: unknown }) => void) | null = null;
      return createApiClient({
        nowMs: () => caller.nowMs,
        device: 'Firefox, Linux',
        memory: browser.storage,
        alone: browser.alone,
        channel: {
          postMessage: (data) => heard.filter((listener) => listener !== mine).forEach((listener) => listener({ data })),
          addEventListener: (_, listener) => void heard.push((mine = listener)),
        },
        async fetch(input, init = {}) {
          if (browser.isOffline) throw new TypeError('Failed to fetch');
          init.signal?.throwIfAborted();
          const headers = new Headers(init.headers);
          browser.sent.push({ path: String(input), authorization: headers.get('authorization') });
          headers.set('sec-fetch-site', 'same-origin');
          if (cookie) headers.set('cookie', cookie);
          const answer = await caller.app.request(String(input), { ...init, headers });
          const set = answer.headers.get('set-cookie');
          if (set) cookie = /Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(set) ? '' : set.split(';')[0]!;
          return answer;
        },
      });
    },
  };
  return browser;
}
