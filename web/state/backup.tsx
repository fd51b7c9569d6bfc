/** Backing up, as the page sees it; null where there is no server to back up to. */
import { createContext, createSignal, onCleanup, useContext } from 'solid-js';
import type { Accessor, ParentProps } from 'solid-js';
import type { ItemState, SyncService, SyncState } from '../jobs/sync/contract.ts';

export interface Backup {
  readonly sync: SyncService;
  /** Null until the first answer of the store. */
  readonly state: Accessor<SyncState | null>;
  /** Whether anything is to be said of backups: not without a server that keeps accounts. */
  readonly isOffered: Accessor<boolean>;
  item(entryId: string): ItemState;
  readonly counts: Accessor<{ readonly wanted: number; readonly stored: number; readonly failed: number }>;
}

const HERE: ItemState = { status: 'here' };
/** That the person is there is worth telling so often, ms. */
const TOUCH_MS = 10_000;

export function createBackup(sync: SyncService): Backup {
  const [state, setState] = createSignal<SyncState | null>(null);
  onCleanup(sync.watch((now) => setState(now)));
  let touchedMs = 0;
  const touch = (): void => {
    if (Date.now() - touchedMs < TOUCH_MS) return;
    touchedMs = Date.now();
    sync.touch();
  };
  for (const kind of ['pointerdown', 'keydown'] as const) {
    addEventListener(kind, touch, { passive: true });
    onCleanup(() => removeEventListener(kind, touch));
  }
  return {
    sync,
    state,
    isOffered() {
      const status = state()?.vault.status ?? 'absent';
      return status !== 'absent' && status !== 'unknown';
    },
    item: (entryId) => state()?.items.get(entryId) ?? HERE,
    counts() {
      const items = [...(state()?.items.values() ?? [])];
      const count = (wanted: ItemState['status']): number => items.filter(({ status }) => status === wanted).length;
      return { wanted: items.length, stored: count('stored'), failed: count('failed') };
    },
  };
}

const BackupContext = createContext<Backup | null>(null);

export function BackupProvider(props: ParentProps<{ sync: SyncService | null }>) {
  const backup = props.sync && createBackup(props.sync);
  return <BackupContext.Provider value={backup}>{props.children}</BackupContext.Provider>;
}

export const useBackup = (): Backup | null => useContext(BackupContext);
