/**
 * Calls to the provider: the key, time limits, turns, the circuit, tries again where that is safe, and a log line without content.
 * A try again comes only after 429 and 503, or after no answer to something that changes nothing, and never after the first byte.
 */
import { AppError, toAppError } from '../../../shared/errors.ts';
import { ask, type Circuit, CLOSED, told } from '../circuit.ts';
import type { ProviderTrouble } from '../contract.ts';
import { createTurns } from '../turns.ts';
import { isIllness, OVERLOADED, upstreamFailure } from './failures.ts';
import { EMULATOR_HEADER, TRACE_HEADER } from './wire.ts';

/** What is told about a call: never a key, a text or sound. */
export interface CallReport {
  readonly method: string;
  readonly path: string;
  /** Null: no answer. */
  readonly status: number | null;
  readonly ms: number;
  readonly attempt: number;
  /** The provider's own number of the call. */
  readonly trace: string | null;
}

export interface Watcher {
  called(report: CallReport): void;
  circuit(circuit: Circuit): void;
  /** Something an operator has to mend: the key, the account. */
  trouble(trouble: 'key' | 'account'): void;
}

export interface ClientParts {
  /** With /v1 or the like. */
  readonly baseUrl: string;
  readonly key: string;
  readonly watcher: Watcher;
  readonly nowMs: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1, for spreading tries. */
  readonly random: () => number;
  /** Calls at a time. */
  readonly concurrency: number;
  /** Until an answer begins, and between two pieces of one. */
  readonly timeoutMs?: number;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>> | FormData;
  readonly accept?: string;
  /** What may be asked for again: nothing changes with it ('always'), it is refused before anything happens ('refused'), or never. */
  readonly again: 'always' | 'refused' | 'never';
  readonly signal: AbortSignal;
}

export interface Client {
  /** @throws AppError 'upstream/*', 'content/blocked', 'job/cancelled' */
  json(call: Call): Promise<unknown>;
  /** @throws as `json` */
  bytes(call: Call): Promise<AsyncIterable<Uint8Array>>;
  trouble(): ProviderTrouble | null;
  /** The other side says it is an emulator. */
  isEmulator(): boolean;
}

const TIMEOUT_MS = 30_000;
const TRIES = 3;
const FIRST_WAIT_MS = 500;
const MOST_WAITING = 32;

export function createClient({ baseUrl, key, watcher, nowMs, wait, random, concurrency, timeoutMs = TIMEOUT_MS }: ClientParts): Client {
  const turns = createTurns(concurrency, MOST_WAITING);
  let circuit: Circuit = CLOSED;
  let refused: 'key' | 'account' | null = null;
  let emulates = false;

  function turnTo(next: Circuit): void {
    const isNews = next.status !== circuit.status;
    circuit = next;
    if (isNews) watcher.circuit(next);
  }

  function remember(error: AppError | null): void {
    const trouble = error?.code === 'upstream/auth' ? 'key' : error?.code === 'upstream/quota' ? 'account' : null;
    if (trouble) watcher.trouble(trouble);
    if (trouble || !error) refused = trouble;
    turnTo(told(circuit, error === null ? 'success' : isIllness(error) ? 'failure' : error.code === 'job/cancelled' ? 'neither' : 'success', nowMs()));
  }

  /** One attempt, up to the head of its answer. The turn goes on until the body is read, so the caller ends it. */
  async function attempt({ method, path, body, accept, signal }: Call, number: number, stop: AbortController): Promise<Response> {
    const begun = nowMs();
    const timer = setTimeout(() => stop.abort(new AppError('upstream/timeout')), timeoutMs);
    const give = (): void => stop.abort(new AppError('job/cancelled'));
    signal.addEventListener('abort', give, { once: true });
    if (signal.aborted) give();
    let [status, trace]: [number | null, string | null] = [null, null];
    try {
      const isForm = body instanceof FormData;
      const response = await fetch(`${baseUrl}${path}`, {
        method, redirect: 'error', signal: stop.signal,
        headers: { Authorization: `Bearer ${key}`, ...(accept === undefined ? {} : { Accept: accept }), ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      });
      [status, trace] = [response.status, response.headers.get(TRACE_HEADER)];
      emulates = response.headers.has(EMULATOR_HEADER);
      if (response.ok) return response;
      throw upstreamFailure(status, await response.json().catch(() => null));
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      // What stopped it, or a connection that failed; its own words may name what is none of the caller's business.
      throw stop.signal.reason instanceof AppError ? stop.signal.reason : new AppError('upstream/failed', {}, { cause: thrown });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
      watcher.called({ method, path: path.split('?')[0]!, status, ms: nowMs() - begun, attempt: number, trace });
    }
  }

  const mayTryAgain = (again: Call['again'], error: AppError): boolean => {
    // Both say that nothing was begun.
    if (error.code === 'upstream/rate-limited' || error.cause === OVERLOADED) return again !== 'never';
    return again === 'always' && isIllness(error);
  };

  async function begin(call: Call): Promise<{ readonly response: Response; readonly stop: AbortController; readonly end: () => void }> {
    for (let number = 1; ; number += 1) {
      const end = await turns.take(call.signal);
      const asked = ask(circuit, nowMs());
      turnTo(asked.circuit);
      if (asked.waitMs > 0) {
        end();
        throw new AppError('upstream/circuit-open', { seconds: Math.ceil(asked.waitMs / 1000) });
      }
      const stop = new AbortController();
      try {
        const response = await attempt(call, number, stop);
        remember(null);
        return { response, stop, end };
      } catch (thrown) {
        end();
        const error = toAppError(thrown);
        remember(error);
        if (number >= TRIES || !mayTryAgain(call.again, error)) throw error;
      }
      // Doubled each time, and spread by half so that many do not come back together.
      await wait(FIRST_WAIT_MS * 2 ** (number - 1) * (1 + random() / 2), call.signal);
    }
  }

  /** The body in pieces, each within the time limit; the turn ends with it. */
  async function* pieces({ response, stop, end }: Awaited<ReturnType<typeof begin>>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const give = (): void => stop.abort(new AppError('job/cancelled'));
    signal.addEventListener('abort', give, { once: true });
    if (signal.aborted) give();
    let timer: NodeJS.Timeout | undefined;
    const reader = response.body!.getReader();
    try {
      for (;;) {
        timer = setTimeout(() => stop.abort(new AppError('upstream/timeout')), timeoutMs);
        const { done, value } = await reader.read();
        clearTimeout(timer);
        if (done) return;
        yield value;
      }
    } catch (thrown) {
      const error = stop.signal.reason instanceof AppError ? stop.signal.reason : new AppError('upstream/failed', {}, { cause: thrown });
      remember(error);
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
      // Whoever stops reading stops the work.
      stop.abort(new AppError('job/cancelled'));
      end();
    }
  }

  return {
    isEmulator: () => emulates,
    trouble: () => refused ?? (circuit.status === 'closed' ? null : 'failing'),
    async bytes(call) {
      return pieces(await begin(call), call.signal);
    },
    async json(call) {
      const parts: Uint8Array[] = [];
      for await (const piece of pieces(await begin(call), call.signal)) parts.push(piece);
      try {
        return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
      } catch (cause) {
        throw new AppError('upstream/failed', {}, { cause });
      }
    },
  };
}
