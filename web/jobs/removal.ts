/** Removing things for good, with all that belongs to them. Doing it twice is fine: a crash in between is made up for. */
import type { BinRecord, Storage } from '../storage/contract.ts';
import { removePreset } from './library/presets.ts';
import { isFinished } from './machine.ts';
import type { Queue } from './queue.ts';
import type { Shelf } from './shelf.ts';

export function createRemoval({ documents, bytes }: Storage, queue: Queue, shelf: Shelf) {
  /** What works on it is stopped first. */
  async function removeRecording(id: string): Promise<void> {
    for (const job of await queue.list()) if (!isFinished(job) && [job.referenceId, job.targetId].includes(id)) await queue.apply(job.id, { type: 'cancelled' });
    await shelf.remove(id);
  }

  /** A job and its result, which has the job's id. */
  async function removeJob(id: string): Promise<void> {
    const isMatch = (await documents.get('jobs', id))?.plan === 'match';
    await queue.remove(id);
    for (const table of ['results', 'checkpoints', 'peaks', 'cards', 'labels'] as const) await documents.remove(table, id);
    if (isMatch) await documents.remove('styles', id);
    const files = (await bytes.list()).filter((file) => ['results', 'scratch', 'exports'].includes(file.folder) && file.id.startsWith(id));
    // A worker that is just being stopped may still hold one; cleaning takes it later.
    for (const file of files) await bytes.remove(file).catch(() => undefined);
  }

  function removeEntry(kind: BinRecord['kind'], id: string): Promise<void> {
    switch (kind) {
      case 'recording':
        return removeRecording(id);
      case 'result':
        return removeJob(id);
      case 'preset':
        return removePreset(documents, id);
      default:
        return kind satisfies never;
    }
  }

  return { removeRecording, removeJob, removeEntry };
}
