/** A file's bytes on their way into the store. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { ByteStore, FileName } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';

const READ_BYTES = 4 * 1024 * 1024;

/** Calls back with every piece of the file, in order; the next one is fetched meanwhile. */
export async function readPieces(file: Blob, { signal, onProgress }: WorkerTask, take: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void): Promise<void> {
  const fetched = (offset: number): Promise<ArrayBuffer> => file.slice(offset, offset + READ_BYTES).arrayBuffer();
  let next = fetched(0);
  for (let offset = 0; offset < file.size; offset += READ_BYTES) {
    throwIfAborted(signal);
    const piece = await next;
    next = fetched(offset + READ_BYTES);
    // Whoever awaits it is told.
    next.catch(() => undefined);
    await take(new Uint8Array(piece));
    onProgress(Math.min(1, (offset + READ_BYTES) / file.size));
  }
}

/** Copies the file into the store. @throws AppError 'storage/full', 'job/cancelled' with nothing left behind */
export async function keepFile(bytes: ByteStore, name: FileName, file: Blob, task: WorkerTask): Promise<void> {
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
