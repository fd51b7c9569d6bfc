/** A file's bytes on their way into the store. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { ByteStore, FileName } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';

const READ_BYTES = 4 * 1024 * 1024;

/** Calls back with every piece of the file, in order; the next one of a Blob is fetched meanwhile. */
export async function readPieces(file: Blob | ArrayBuffer, { signal, onProgress }: WorkerTask, take: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void): Promise<void> {
  const size = file instanceof Blob ? file.size : file.byteLength;
  const fetched = async (offset: number): Promise<Uint8Array<ArrayBuffer>> =>
    file instanceof Blob ? new Uint8Array(await file.slice(offset, offset + READ_BYTES).arrayBuffer()) : new Uint8Array(file).subarray(offset, offset + READ_BYTES);
  let next = fetched(0);
  for (let offset = 0; offset < size; offset += READ_BYTES) {
    throwIfAborted(signal);
    const piece = await next;
    next = fetched(offset + READ_BYTES);
    // Whoever awaits it is told.
    next.catch(() => undefined);
    await take(piece);
    onProgress(Math.min(1, (offset + READ_BYTES) / size));
  }
}

/** Copies the file into the store. @throws AppError 'storage/full', 'job/cancelled' with nothing left behind */
export async function keepFile(bytes: ByteStore, name: FileName, file: Blob | ArrayBuffer, task: WorkerTask): Promise<void> {
  const writer = await bytes.writer(name);
  try {
    await readPieces(file, task, (piece) => writer.write(piece));
    await writer.close();
  } catch (thrown) {
    await writer.close().catch(() => undefined);
    await bytes.remove(name);
    throw thrown;
  }
}
