import type { Storage } from '../storage/contract.ts';
import { removeTakeBytes } from '../storage/take-bytes.ts';

/** Removes a take for good. A crash in between leaves a record that says so, and cleaning goes on. */
export async function dropTake({ documents, bytes }: Storage, id: string): Promise<void> {
  await documents.update('takes', id, (before) => before && { ...before, status: 'discarded' });
  await documents.remove('peaks', id);
  await removeTakeBytes(bytes, id);
  await documents.remove('takes', id);
}

/** A recording of a take is gone: the take goes with the last of them, and until then is what another of them is. */
export async function releaseTake(storage: Storage, id: string, recordingId: string): Promise<void> {
  const other = (await storage.documents.list('recordings')).find(({ take }) => take?.id === id);
  if (!other) return dropTake(storage, id);
  await storage.documents.update('takes', id, (before) => (before?.recordingId === recordingId ? { ...before, recordingId: other.id, trim: other.take!.trim } : before));
}
