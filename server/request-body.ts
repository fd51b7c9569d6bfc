/** A request's body, whole: not a byte more than may be, and within the time that a slow line takes. */
import type { Context } from 'hono';
import { AppError } from '../shared/errors.ts';
import { BODY_MS, inTime } from './limits.ts';

/** Bytes a second: a line that is slower is taken for dead. */
const SLOWEST = 64 * 1024;

/** Of what is not said beforehand, or comes in chunks. */
async function counted(body: ReadableStream<Uint8Array> | null, mostBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0);
  const reader = body.getReader();
  // Whatever stops the reading, nothing more is taken.
  signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined), { once: true });
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    length += value.length;
    if (length > mostBytes) throw new AppError('request/too-large');
    parts.push(value);
  }
}

/** @throws AppError 'request/too-large' where more is announced, before anything is read */
export function checkLength(context: Context, mostBytes: number): void {
  if (Number(context.req.header('content-length') ?? 0) > mostBytes) throw new AppError('request/too-large');
}

/** @throws AppError 'request/too-large', 'request/too-slow' */
export async function wholeBody(context: Context, mostBytes: number, leastMs: number = BODY_MS): Promise<Uint8Array> {
  checkLength(context, mostBytes);
  const said = context.req.header('transfer-encoding') === undefined ? context.req.header('content-length') : undefined;
  const ms = leastMs + (1000 * Number(said ?? mostBytes)) / SLOWEST;
  const over = new AbortController();
  try {
    // What is announced is read by node itself, which is quicker and takes no more than that.
    return await inTime(said === undefined ? counted(context.req.raw.body, mostBytes, over.signal) : context.req.arrayBuffer().then((bytes) => new Uint8Array(bytes)), ms);
  } finally {
    over.abort();
  }
}
