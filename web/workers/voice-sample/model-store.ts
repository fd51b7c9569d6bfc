/**
 * A large file that is fetched once: goes on where a broken connection or a closed page left it, and is used only
 * where its SHA-256 is the one that was promised. A file that changed in between is found by its hash, and fetched anew.
 * Source: RFC 9110, section 14 (range requests).
 */
import { createSHA256 } from 'hash-wasm';
import { AppError, throwIfAborted } from '../../../shared/errors.ts';
import type { ByteStore, FileName } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';

export interface WantedFile {
  readonly url: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Broken connections in a row that brought nothing. */
const MOST_VAIN_TRIES = 4;
const FIRST_WAIT_MS = 500;
/** A line that says nothing for so long is taken for dead. */
const SILENCE_MS = 30_000;

interface Parts {
  readonly bytes: ByteStore;
  readonly fetch: typeof fetch;
  /** Bytes that may still be written; Infinity: not known. */
  readonly room?: () => Promise<number>;
  readonly wait?: typeof waitFor;
  readonly silenceMs?: number;
}

/** Also over when nobody waits for it any more. */
function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

/**
 * @returns all its bytes
 * @throws AppError 'network/unavailable' (what came is kept), 'encoder/damaged' where it is another file, 'job/cancelled';
 *   'storage/full': nothing of it stays, since what people record needs the room more
 */
export async function storedModel(parts: Parts, wanted: WantedFile, task: WorkerTask): Promise<Uint8Array<ArrayBuffer>> {
  const name: FileName = { folder: 'models', id: wanted.sha256 };
  const had = await sizeOf(parts.bytes, name);
  if (((await parts.room?.()) ?? Infinity) < wanted.bytes - had) {
    await parts.bytes.remove(name);
    throw new AppError('storage/full');
  }
  const whole = await fetchRest(parts, wanted, name, had, task).then(
    () => read(parts.bytes, name, wanted),
    async (thrown: unknown) => {
      if (thrown instanceof AppError && thrown.code === 'encoder/damaged') return null;
      if (thrown instanceof AppError && thrown.code === 'storage/full') await parts.bytes.remove(name);
      throw thrown;
    },
  );
  if (whole) return whole;
  await parts.bytes.remove(name);
  // What was begun earlier may be of another file than what came now.
  if (had === 0) throw new AppError('encoder/damaged');
  return storedModel(parts, wanted, task);
}

/** Of other files nothing is needed any more. */
export async function forgetOtherModels(bytes: ByteStore, keep: readonly string[]): Promise<void> {
  for (const { folder, id } of await bytes.list()) if (folder === 'models' && !keep.includes(id)) await bytes.remove({ folder, id }).catch(() => undefined);
}

async function sizeOf(bytes: ByteStore, name: FileName): Promise<number> {
  return (await bytes.list()).find(({ folder, id }) => folder === name.folder && id === name.id)?.bytes ?? 0;
}

async function read(bytes: ByteStore, name: FileName, { bytes: size, sha256 }: WantedFile): Promise<Uint8Array<ArrayBuffer> | null> {
  const whole = new Uint8Array(await (await bytes.blob(name)).arrayBuffer());
  if (whole.length !== size) return null;
  const hash = await createSHA256();
  return hash.update(whole).digest('hex') === sha256 ? whole : null;
}

/** Until all of it is there, however often the connection breaks, as long as something comes. */
async function fetchRest(parts: Parts, wanted: WantedFile, name: FileName, had: number, task: WorkerTask): Promise<void> {
  let [size, vain] = [had, 0];
  while (size < wanted.bytes) {
    const before = size;
    try {
      size = await fetchOn(parts, wanted, name, size, task);
      if (size < wanted.bytes) throw new AppError('network/unavailable');
    } catch (thrown) {
      throwIfAborted(task.signal);
      if (!(thrown instanceof AppError) || thrown.code !== 'network/unavailable') throw thrown;
      size = await sizeOf(parts.bytes, name);
      vain = size > before ? 0 : vain + 1;
      if (vain >= MOST_VAIN_TRIES) throw thrown;
      await (parts.wait ?? waitFor)(FIRST_WAIT_MS * 2 ** vain, task.signal);
    }
  }
}

/** One request, written as it comes. @returns how much is there then */
async function fetchOn(parts: Parts, wanted: WantedFile, name: FileName, had: number, task: WorkerTask): Promise<number> {
  const line = new AbortController();
  const end = (): void => line.abort();
  task.signal.addEventListener('abort', end, { once: true });
  let patience: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(patience);
    patience = setTimeout(end, parts.silenceMs ?? SILENCE_MS);
  };
  heard();
  try {
    return await fetchOver(parts, wanted, name, had, { signal: line.signal, heard, onProgress: (fraction) => task.onProgress(fraction) });
  } finally {
    clearTimeout(patience);
    task.signal.removeEventListener('abort', end);
  }
}

interface Line {
  readonly signal: AbortSignal;
  heard(): void;
  onProgress(fraction: number): void;
}

async function fetchOver({ bytes, fetch }: Parts, wanted: WantedFile, name: FileName, had: number, { signal, heard, onProgress }: Line): Promise<number> {
  const unreachable = (cause: unknown): never => {
    throw new AppError('network/unavailable', {}, { cause });
  };
  const answer = await fetch(wanted.url, { signal, cache: 'no-store', credentials: 'omit', headers: had > 0 ? { Range: `bytes=${had}-` } : {} }).catch(unreachable);
  if (!answer.ok && answer.status !== 416) throw new AppError(answer.status === 404 ? 'encoder/manifest' : 'network/unavailable', { detail: `model.url: the server answers ${answer.status}` });
  heard();
  // Another origin shows this header only where it says so (CORS, exposed headers): unseen it is what was asked for, and the hash has the last word.
  const from = /^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1];
  const goesOn = answer.status === 206 && (from === undefined || Number(from) === had);
  // No ranges there, or a shorter file than before: from its start.
  const writer = await bytes.writer(name, goesOn ? had : 0);
  try {
    if (answer.status === 416 || !answer.body) return writer.position;
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch(unreachable);
      heard();
      if (done) break;
      if (writer.position + value.length > wanted.bytes) {
        await reader.cancel();
        throw new AppError('encoder/damaged');
      }
      await writer.write(value);
      onProgress(writer.position / wanted.bytes);
    }
    return writer.position;
  } finally {
    await writer.close();
  }
}
