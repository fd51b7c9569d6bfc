/** What a journal holds, and its hash: read through once, in pieces. */
import { createSHA256 } from 'hash-wasm';
import { throwIfAborted } from '../../../shared/errors.ts';
import { openTakeJournal } from '../../../wasm/formats/take-journal/journal-reader.ts';
import type { ByteStore, TakeContent } from '../../storage/contract.ts';
import { openTakeBytes } from '../../storage/take-bytes.ts';
import type { WorkerTask } from '../rpc.ts';

const READ_BYTES = 4 * 1024 * 1024;

/** A torn tail does not count: the same take has the same hash before and after. */
export async function inspectJournal(bytes: ByteStore, takeId: string, { signal, onProgress }: WorkerTask): Promise<TakeContent> {
  const source = await openTakeBytes(bytes, takeId);
  const journal = await openTakeJournal(source);
  const hash = await createSHA256();
  for (let offset = 0; offset < journal.bytes; offset += READ_BYTES) {
    throwIfAborted(signal);
    hash.update(await source.read(offset, Math.min(READ_BYTES, journal.bytes - offset)));
    onProgress(Math.min(1, (offset + READ_BYTES) / journal.bytes));
  }
  return { hash: hash.digest('hex'), bytes: journal.bytes, segments: journal.segments, markers: journal.markers };
}
