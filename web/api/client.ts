/**
 * The way to our own server. One client for the whole page (`main.tsx` makes it and hands it down).
 *
 * ```ts
 * import * as presets from '../../shared/api/presets.ts';
 * const { presets: list, next_cursor } = await client.call(presets.listPresets, { query: { limit: 20 } });
 * await client.call(presets.sharePreset, { params: { id } });
 * const answer = await client.fetch(`/blobs/${id}`, { headers: { range: 'bytes=0-99' }, signal }); // no contract: a stream, a file
 * xhr.setRequestHeader('authorization', await client.authorization()); // for a library that sends its own requests
 * client.watch((account) => ...); // who is signed in, from now on and in every tab
 * ```
 *
 * - A route is called by its contract of `shared/api`, which types what goes in and checks what comes out.
 * - The access token is in memory alone and never leaves the page that asked for it. The refresh token is a cookie that no script
 *   reads; it is exchanged by one tab at a time (a Web Lock), so that no two use the same one.
 * - Nothing is sent before `start`, and nothing at all by a page that is never signed in but the one question of `start`.
 * - Everything fails with an AppError: the fine code of the server's answer, 'network/unavailable' without a server,
 *   'account/sign-in' where an account is needed and nobody is signed in (no request is made then), 'job/cancelled' on abort.
 * - Without an account: routes of access 'anybody' are sent all the same, with the cookies of our origin. A session of a guest is
 *   such a cookie, set by the server; nothing has to be done for it here.
 */
import type { z } from 'zod';
import { AppError, type ErrorCode, toAppError } from '../../shared/errors.ts';
import { signInOffer, refresh, logout, type tokens } from '../../shared/api/auth.ts';
import type { RouteContract } from '../../shared/api/contract.ts';
import { errorOfAnswer } from './answer-error.ts';

/** Who is signed in. */
export interface SignedIn {
  readonly id: string;
  readonly email: string;
  /** Their own. */
  readonly workspaceId: string;
}

export type SignInOffer = z.output<typeof signInOffer.answer>;

export type AccountState =
  /** Not asked yet, or the server was not reached. */
  | { readonly status: 'unknown' }
  /** This server keeps no accounts. */
  | { readonly status: 'absent' }
  | { readonly status: 'out'; readonly offer: SignInOffer }
  /** Also without a network: what is kept of an account on this device stays its own. */
  | { readonly status: 'in'; readonly account: SignedIn };

type Tokens = z.output<typeof tokens>;
type Empty = Record<never, never>;

/** A part of a request that may be left out where nothing in it is needed. */
type Part<N extends string, I> = [I] extends [void] ? Empty : Empty extends I ? { readonly [K in N]?: I } : undefined extends I ? { readonly [K in N]?: I } : { readonly [K in N]: I };

export type RequestOf<C extends RouteContract> = Part<'params', z.input<C['params']>> & Part<'query', z.input<C['query']>> & Part<'body', z.input<C['body']>> & { readonly signal?: AbortSignal | undefined };

type Optional<R> = Empty extends R ? [request?: R] : [request: R];

/** Routes that end in being signed in; the client says itself how and from where. */
type SignInContract = RouteContract & { readonly answer: typeof tokens };
type SignInBody<C extends SignInContract> = Omit<z.input<C['body']>, 'mode' | 'device'>;

export interface ApiClient {
  /** @throws AppError, see above */
  call<C extends RouteContract>(contract: C, ...request: Optional<RequestOf<C>>): Promise<z.output<C['answer']>>;
  /**
   * A request without a contract, as whoever is signed in or as nobody; tried once more where the token was over.
   * @param path under /api
   * @returns an answer of status 2xx or 3xx
   * @throws AppError, see above
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Value of the header `Authorization`, good for a minute at least. @throws AppError 'account/sign-in', 'network/unavailable' */
  authorization(signal?: AbortSignal): Promise<string>;

  readonly account: AccountState;
  /** Calls back at once and after every change, in this tab or another. Answers how to stop. */
  watch(listener: (account: AccountState) => void): () => void;
  /** Finds out who is signed in. Quiet where there is no server; ask again when the network comes back. */
  start(): Promise<void>;
  /** Registers or signs in, by `register`, `login` or what else answers with tokens. @throws AppError */
  signIn<C extends SignInContract>(contract: C, body: SignInBody<C>): Promise<SignedIn>;
  /** Takes up a session that the server has set itself: the way back from a provider of identity. @throws AppError */
  resume(): Promise<void>;
  /** Ends the session: at once on this device, on the server as soon as it is reached. */
  signOut(): Promise<void>;
  /** The account is gone or its sessions were ended: forgets who was signed in without asking the server. */
  forget(): Promise<void>;
}

export interface ApiClientParts {
  readonly fetch: typeof globalThis.fetch;
  readonly nowMs: () => number;
  /** What outlives the page: who was signed in, without any secret. */
  readonly memory: { getItem(name: string): string | null; setItem(name: string, value: string): void; removeItem(name: string): void };
  /** Runs `work` while no other tab does. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** Tells the other tabs; null: there are none. */
  readonly channel: { postMessage(message: unknown): void; addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void } | null;
  readonly device: string;
}

const PREFIX = '/api';
const MEMORY = 'tonetwin-account';
/** Signed out while the server was not reached: it is told at the next start. */
const LEAVING = 'tonetwin-account-leaving';
/** ms. A token this close to its end is not used any more. */
const MARGIN_MS = 60_000;

/** The session is none any more; 'server/not-found': nor are there accounts. */
const OVER: readonly ErrorCode[] = ['account/session-over', 'account/token-reused', 'account/sign-in', 'server/not-found'];

export function createApiClient({ fetch, nowMs, memory, alone, channel, device }: ApiClientParts): ApiClient {
  const listeners = new Set<(account: AccountState) => void>();
  let account: AccountState = { status: 'unknown' };
  let token: { readonly value: string; readonly endsMs: number } | null = null;
  let refreshing: Promise<string> | null = null;

  function remembered(): SignedIn | null {
    try {
      return JSON.parse(memory.getItem(MEMORY) ?? 'null') as SignedIn | null;
    } catch {
      return null;
    }
  }

  function become(next: AccountState): void {
    account = next;
    for (const listener of listeners) listener(next);
  }

  async function send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${PREFIX}${path}`, { credentials: 'same-origin', cache: 'no-store', redirect: 'follow', ...init });
    } catch (cause) {
      throw (cause as Error).name === 'AbortError' ? toAppError(cause) : new AppError('network/unavailable', {}, { cause });
    }
  }

  async function read<C extends RouteContract>(contract: C, answer: Response): Promise<z.output<C['answer']>> {
    if (!answer.ok) throw await errorOfAnswer(answer);
    if (contract.status === 204) return undefined as z.output<C['answer']>;
    // What is no JSON comes from something between us and the server, such as the page on which a hotel asks for a room number.
    const body: unknown = await answer.json().catch((cause: unknown) => {
      throw new AppError('network/unavailable', {}, { cause });
    });
    // The voice studio answers in a frame of its own.
    const parsed = contract.answer.safeParse(contract.isEnveloped ? (body as { readonly data?: unknown } | null)?.data : body);
    if (!parsed.success) throw new AppError('internal', { detail: `${contract.method} ${contract.path}: ${parsed.error.issues[0]?.message ?? 'not understood'}` });
    return parsed.data as z.output<C['answer']>;
  }

  const plain = (contract: RouteContract, body?: unknown): Promise<Response> =>
    send(contract.path, { method: contract.method.toUpperCase(), ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });

  function entered({ access_token, expires_in, user, workspace_id }: Tokens): SignedIn {
    token = { value: access_token, endsMs: nowMs() + 1000 * expires_in };
    const signedIn = { id: user.id, email: user.email, workspaceId: workspace_id };
    memory.setItem(MEMORY, JSON.stringify(signedIn));
    memory.removeItem(LEAVING);
    if (account.status !== 'in' || JSON.stringify(account.account) !== JSON.stringify(signedIn)) become({ status: 'in', account: signedIn });
    return signedIn;
  }

  /** Asks what the server offers to whoever is not signed in. */
  async function askOffer(): Promise<void> {
    token = null;
    memory.removeItem(MEMORY);
    try {
      const offer = await read(signInOffer, await plain(signInOffer));
      become(offer.accounts ? { status: 'out', offer } : { status: 'absent' });
    } catch (thrown) {
      become({ status: toAppError(thrown).code === 'server/not-found' ? 'absent' : 'unknown' });
    }
  }

  async function leave(): Promise<void> {
    memory.setItem(LEAVING, 'yes');
    await read(logout, await plain(logout, {}));
    memory.removeItem(LEAVING);
  }

  function refreshed(): Promise<string> {
    return (refreshing ??= alone(async () => {
      try {
        entered(await read(refresh, await plain(refresh, { mode: 'cookie' })));
        return token!.value;
      } catch (thrown) {
        const error = toAppError(thrown);
        if (OVER.includes(error.code)) await askOffer();
        throw error;
      }
    }).finally(() => {
      refreshing = null;
    }));
  }

  async function currentToken(signal?: AbortSignal | null): Promise<string> {
    if (remembered() === null && account.status !== 'in') throw new AppError('account/sign-in');
    if (token && token.endsMs - nowMs() > MARGIN_MS) return token.value;
    const value = await refreshed();
    signal?.throwIfAborted();
    return value;
  }

  async function asCaller(path: string, init: RequestInit, needsAccount: boolean): Promise<Response> {
    const isSignedIn = account.status === 'in' || remembered() !== null;
    if (!isSignedIn && !needsAccount) return send(path, init);
    const withToken = async (): Promise<Response> => {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${await currentToken(init.signal)}`);
      return send(path, { ...init, headers });
    };
    const answer = await withToken();
    if (answer.status !== 401) return answer;
    // Over earlier than our clock says, or signed by a key that is gone: a new one tells. Other reasons to refuse stay.
    const error = await errorOfAnswer(answer.clone());
    if (error.code !== 'account/sign-in') return answer;
    token = null;
    return withToken();
  }

  channel?.addEventListener('message', ({ data }) => {
    token = null;
    if (data === 'in') void refreshed().catch(() => undefined);
    if (data === 'out') void askOffer();
  });

  async function call(contract: RouteContract, request: { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown; signal?: AbortSignal | undefined } = {}): Promise<unknown> {
    const { params = {}, query = {}, body, signal } = request;
    const path = contract.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
    const asked = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
    const init: RequestInit = { method: contract.method.toUpperCase(), signal: signal ?? null, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) };
    return read(contract, await asCaller(asked.size > 0 ? `${path}?${asked.toString()}` : path, init, contract.access === 'account'));
  }

  return {
    call: call as ApiClient['call'],

    async fetch(path, init = {}) {
      const answer = await asCaller(path, init, false);
      if (answer.status >= 400) throw await errorOfAnswer(answer);
      return answer;
    },

    authorization: async (signal) => `Bearer ${await currentToken(signal)}`,

    get account() {
      return account;
    },

    watch(listener) {
      listeners.add(listener);
      listener(account);
      return () => void listeners.delete(listener);
    },

    async start() {
      const known = remembered();
      if (memory.getItem(LEAVING) !== null) await leave().catch(() => undefined);
      if (known === null) return askOffer();
      become({ status: 'in', account: known });
      await refreshed().catch(() => undefined);
    },

    async signIn(contract, body) {
      const signedIn = entered(await read(contract as SignInContract, await plain(contract, { ...body, mode: 'cookie', device })));
      channel?.postMessage('in');
      return signedIn;
    },

    async resume() {
      await refreshed();
      channel?.postMessage('in');
    },

    async signOut() {
      memory.removeItem(MEMORY);
      await leave().catch(() => undefined);
      await this.forget();
    },

    async forget() {
      await askOffer();
      channel?.postMessage('out');
    },
  };
}
