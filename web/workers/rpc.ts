/**
 * Calls to workers. Comlink carries them; this adds what it lacks: abort ends the work, a failure crosses as data with its
 * code intact, a worker that dies or goes silent rejects every waiting call instead of letting it hang for ever.
 */
import * as Comlink from 'comlink';
import { AppError, type ErrorBody, toAppError } from '../../shared/errors.ts';

export interface Segment {
  readonly index: number;
  readonly count: number;
}

/** What a caller may give along with a call. */
export interface Task {
  readonly signal?: AbortSignal | undefined;
  /** 0 to 1. */
  readonly onProgress?: ((fraction: number, segment: Segment | null) => void) | undefined;
}

/** What a worker's method gets beside its input. */
export interface WorkerTask {
  readonly signal: AbortSignal;
  onProgress(fraction: number, segment?: Segment | null): void;
}

/** Every method takes one plain value and answers one plain value. */
export type WorkerMethod<I, O> = (input: I, task: WorkerTask) => Promise<O>;
// The bivariance of method parameters is what lets one table hold methods of different inputs.
export type WorkerMethods = Readonly<Record<string, (input: never, task: WorkerTask) => Promise<unknown>>>;

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorBody };
type Report = (fraction: number, segment: Segment | null) => void;

interface Remote {
  call(id: number, method: string, input: unknown, report: Report | null): Promise<Outcome>;
  abort(id: number): void;
}

const transfers = new WeakMap<object, Transferable[]>();

/** Marks buffers of an answer as moved, not copied. */
export function transferring<T extends object>(value: T, buffers: Transferable[]): T {
  transfers.set(value, buffers);
  return value;
}

const fromBody = ({ code, args }: ErrorBody): AppError => new AppError(code, args);

/** In a worker: answers calls with these methods. */
export function serve(methods: WorkerMethods, endpoint: Comlink.Endpoint = self as unknown as Comlink.Endpoint): void {
  const running = new Map<number, AbortController>();
  const remote: Remote = {
    async call(id, method, input, report) {
      const controller = new AbortController();
      running.set(id, controller);
      try {
        const run = methods[method] as WorkerMethod<unknown, unknown> | undefined;
        if (!run) throw new AppError('internal', { detail: `no method ${method}` });
        const value = await run(input, { signal: controller.signal, onProgress: (fraction, segment = null) => void report?.(fraction, segment) });
        const outcome: Outcome = { ok: true, value };
        const buffers = typeof value === 'object' && value !== null ? transfers.get(value) : undefined;
        return buffers ? Comlink.transfer(outcome, buffers) : outcome;
      } catch (thrown) {
        return { ok: false, error: toAppError(controller.signal.aborted ? new AppError('job/cancelled') : thrown).toBody() };
      } finally {
        running.delete(id);
        (report as Partial<Record<typeof Comlink.releaseProxy, () => void>> | null)?.[Comlink.releaseProxy]?.();
      }
    },
    abort: (id) => running.get(id)?.abort(),
  };
  Comlink.expose(remote, endpoint);
}

export interface WorkerClient<M> {
  call<K extends keyof M & string>(
    method: K,
    input: M[K] extends WorkerMethod<infer I, unknown> ? I : never,
    task?: Task,
    transfer?: Transferable[],
  ): Promise<M[K] extends (input: never, task: WorkerTask) => Promise<infer O> ? O : never>;
  /** Ends the worker; waiting calls are rejected. The next call starts a fresh one. */
  terminate(): void;
}

export interface ClientOptions {
  /** A worker from which nothing is heard for so long while a call waits is taken for dead. */
  readonly silenceMs?: number;
  /** A worker that does not stop within this time after an abort is ended: at once, or as soon as nothing else is done in it. */
  readonly abortGraceMs?: number;
}

/** Silence is counted in ticks, so that a laptop that slept does not take its workers for dead. */
const TICK_MS = 5000;

interface Waiting {
  readonly reject: (error: AppError) => void;
}

/** @param spawn starts the worker; called at the first call and after a death */
export function createWorkerClient<M>(spawn: () => Worker, { silenceMs = 180_000, abortGraceMs = 2000 }: ClientOptions = {}): WorkerClient<M> {
  let worker: Worker | undefined;
  let remote: Comlink.Remote<Remote> | undefined;
  let ticker: ReturnType<typeof setInterval> | undefined;
  let silentTicks = 0;
  let nextId = 1;
  const waiting = new Map<number, Waiting>();
  /** Calls nobody waits for any more that the worker has not stopped. */
  const stuck = new Set<number>();
  const tickMs = Math.min(TICK_MS, silenceMs);

  const heard = (): void => {
    silentTicks = 0;
  };

  function die(error: AppError): void {
    worker?.terminate();
    worker = undefined;
    remote = undefined;
    clearInterval(ticker);
    ticker = undefined;
    const rejected = [...waiting.values()];
    waiting.clear();
    stuck.clear();
    for (const { reject } of rejected) reject(error);
  }

  function connect(): Comlink.Remote<Remote> {
    if (remote) return remote;
    worker = spawn();
    worker.addEventListener('message', heard);
    worker.addEventListener('error', (event) => die(new AppError('job/worker-died', {}, { cause: event })));
    worker.addEventListener('messageerror', (event) => die(new AppError('job/worker-died', {}, { cause: event })));
    remote = Comlink.wrap<Remote>(worker);
    return remote;
  }

  function watch(): void {
    heard();
    ticker ??= setInterval(() => {
      if (waiting.size === 0) {
        clearInterval(ticker);
        ticker = undefined;
        return;
      }
      silentTicks += 1;
      if (silentTicks * tickMs >= silenceMs) die(new AppError('job/worker-died'));
    }, tickMs);
  }

  async function call(method: string, input: unknown, task: Task = {}, transfer: Transferable[] = []): Promise<unknown> {
    const { signal, onProgress } = task;
    if (signal?.aborted) throw new AppError('job/cancelled');
    const id = nextId;
    nextId += 1;
    const connected = connect();
    const report: Report | null = onProgress
      ? Comlink.proxy((fraction: number, segment: Segment | null) => {
          heard();
          if (waiting.has(id)) onProgress(fraction, segment);
        })
      : null;
    const died = new Promise<never>((_, reject) => waiting.set(id, { reject }));
    watch();
    let grace: ReturnType<typeof setTimeout> | undefined;
    const abort = (): void => {
      void connected.abort(id);
      grace = setTimeout(() => {
        const error = new AppError('job/cancelled');
        if (waiting.size === 1) return die(error);
        // What others wait for is not ended with it.
        stuck.add(id);
        waiting.get(id)?.reject(error);
      }, abortGraceMs);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const sent = transfer.length > 0 ? Comlink.transfer(input as object, transfer) : input;
      const answered = connected.call(id, method, sent, report).finally(() => stuck.delete(id));
      const outcome = await Promise.race([answered, died]);
      if (!outcome.ok) throw fromBody(outcome.error);
      return outcome.value;
    } finally {
      waiting.delete(id);
      clearTimeout(grace);
      signal?.removeEventListener('abort', abort);
      if (stuck.size > 0 && waiting.size === 0) die(new AppError('job/cancelled'));
    }
  }

  return {
    call: call as WorkerClient<M>['call'],
    terminate: () => die(new AppError('job/cancelled')),
  };
}
