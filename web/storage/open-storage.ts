/** Chooses the backends this browser has. The same answer on the page and in its workers, so that they see the same files. */
import type { Storage } from './contract.ts';
import { openIndexedDbBytes } from './indexeddb/indexeddb-bytes.ts';
import { openIndexedDbDocuments } from './indexeddb/indexeddb-documents.ts';
import { openOpfsBytes } from './opfs/opfs-bytes.ts';
import { guarded } from './storage-error.ts';

let opened: Promise<Storage> | undefined;

/**
 * The storage of this origin: documents in IndexedDB, files in the private file system or else in IndexedDB.
 * @throws AppError 'storage/unavailable' where the browser allows neither (some private windows)
 */
export function openStorage(): Promise<Storage> {
  opened ??= guarded(async () => ({ documents: await openIndexedDbDocuments(), bytes: await openOpfsBytes().catch(() => openIndexedDbBytes()) }));
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}
