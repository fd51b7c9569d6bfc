/** A request's body, piece by piece, until it ends, somebody else wants to send, or nothing comes any more. */
import { AppError } from '../../shared/errors.ts';

/** A line that says nothing for so long is taken for dead; what came is kept. */
const IDLE_MS = 30_000;

export interface BodyLimits {
  /** Stops the reading: 'upload/busy'. */
  readonly signal: AbortSignal;
  readonly mostBytes: number;
  /** What is thrown where more than that comes. */
  readonly tooMuch: () => AppError;
  readonly idleMs?: number;
}

/** @throws AppError 'upload/busy', 'upload/cut', or what `tooMuch` makes; what was within the limit has been handed over before */
export async function* bodyChunks(body: ReadableStream<Uint8Array> | null, { signal, mostBytes, tooMuch, idleMs = IDLE_MS }: BodyLimits): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  let left = mostBytes;
  let failure: AppError | null = null;
  let refuse = (_failure: AppError): void => undefined;
  const stop = (why: AppError): void => {
    failure ??= why;
    refuse(failure);
  };
  // No Promise.race against one promise for all pieces: that one would hold every piece until the end.
  const next = () => new Promise<ReadableStreamReadResult<Uint8Array>>((resolve, reject) => {
    if (failure) return reject(failure);
    refuse = reject;
    reader.read().then(resolve, (cause: unknown) => reject(new AppError('upload/cut', {}, { cause })));
  });
  const onWanted = (): void => stop(new AppError('upload/busy'));
  const idle = setTimeout(() => stop(new AppError('upload/cut')), idleMs);
  if (signal.aborted) onWanted();
  signal.addEventListener('abort', onWanted);
  try {
    for (;;) {
      const { done, value } = await next();
      if (done) return;
      idle.refresh();
      if (value.length > left) {
        if (left > 0) yield value.subarray(0, left);
        throw tooMuch();
      }
      left -= value.length;
      if (value.length > 0) yield value;
    }
  } finally {
    clearTimeout(idle);
    signal.removeEventListener('abort', onWanted);
    void reader.cancel().catch(() => undefined);
  }
}
