/** What is in the backup, read while it changes. */
import { createRoot } from 'solid-js';
import { describe, expect, test } from 'vitest';
import type { RemoteEntry, SyncService } from '../../../web/jobs/sync/contract.ts';
import type { TonetwinService } from '../../../web/jobs/contract.ts';
import { createRemoteEntries } from '../../../web/state/remote-entries.ts';

const entry = (id: string): RemoteEntry => ({ id, name: id, kind: 'recording', bytes: 1, storedMs: 0, seconds: 1, isHere: true, canPlay: true }) as unknown as RemoteEntry;

/** A backup whose answers are under way until they are let go: each holds what was there when it was asked. */
function slowBackup() {
  let stored: readonly RemoteEntry[] = [];
  let asked = 0;
  const waiting: (() => void)[] = [];
  const sync = {
    remote: () => {
      asked += 1;
      const answer = stored;
      return new Promise<readonly RemoteEntry[]>((resolve) => waiting.push(() => resolve(answer)));
    },
    remoteUse: () => Promise.resolve({ usedBytes: stored.length, quotaBytes: 10 }),
  } as unknown as SyncService;
  return { sync, store: (id: string) => (stored = [...stored, entry(id)]), answer: () => waiting.shift()?.(), asked: () => asked };
}

const inRoot = (run: (backup: ReturnType<typeof slowBackup>, entries: ReturnType<typeof createRemoteEntries>) => Promise<void>): Promise<void> =>
  createRoot(async (dispose) => {
    const backup = slowBackup();
    const entries = createRemoteEntries(backup.sync, {} as unknown as TonetwinService, { t: ((key: string) => key) as never });
    await run(backup, entries).finally(dispose);
  });

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the list of the backup', () => {
  test('an entry stored while the list is read is in the list', () =>
    inRoot(async (backup, entries) => {
      backup.store('first');
      const reading = entries.read();
      backup.store('second');
      await entries.read();
      backup.answer();
      await settled();
      backup.answer();
      await reading;
      expect(entries.entries()?.map(({ id }) => id)).toEqual(['first', 'second']);
      expect(entries.use()?.usedBytes).toBe(2);
      expect(entries.isBusy()).toBe(false);
    }));

  test('it is read once where nothing came in between', () =>
    inRoot(async (backup, entries) => {
      backup.store('first');
      const reading = entries.read();
      backup.answer();
      await reading;
      await settled();
      expect(backup.asked()).toBe(1);
    }));
});
