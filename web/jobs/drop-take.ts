import type { Storage } from '../storage/contract.ts';

/** Removes a take for good. A crash in between leaves a record that says so, and cleaning goes on. */
export async function dropTake({ documents, bytes }: Storage, id: string): Promise<void> {
  await documents.update('takes', id, (before) => before && { ...before, status: 'discarded' });
  await documents.remove('peaks', id);
  await bytes.remove({ folder: 'takes', id });
  await documents.remove('takes', id);
}
