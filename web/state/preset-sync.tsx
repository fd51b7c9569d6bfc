/** Keeps the presets here and those of the account together, while somebody is signed in. */
import { createContext, createEffect, createSignal, on, onCleanup, useContext } from 'solid-js';
import type { Accessor, ParentProps } from 'solid-js';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { createPresetSync } from '../jobs/library/preset-sync.ts';
import type { PresetSync } from '../jobs/library/preset-sync.ts';
import { useAccount } from './account.tsx';
import { useProduct } from './product.tsx';

export type PresetSyncState =
  | { readonly status: 'off' }
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly atMs: number; readonly count: number }
  | { readonly status: 'failed'; readonly error: ErrorBody };

export interface PresetSyncAccess {
  readonly state: Accessor<PresetSyncState>;
  again(): void;
  /** Of a preset here, its id on the server. @throws AppError 'account/sign-in', 'storage/missing', and what calls may fail with */
  remoteId(localId: string): Promise<string>;
}

/** ms. Several changes in a row are brought over together. */
const CALM_MS = 1500;
/** ms. Somebody who comes back to the page sees what other devices did, but not more often than this. */
const RETURN_MS = 60_000;

const PresetSyncContext = createContext<PresetSyncAccess | null>(null);

/** Turns within this page where a browser has no locks. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { readonly locks?: LockManager };
  return locks ? (locks.request('tonetwin-preset-sync', work) as Promise<T>) : work();
}

function createAccess(): PresetSyncAccess | null {
  const account = useAccount();
  if (!account) return null;
  const { service } = useProduct();
  const { t } = useI18n();
  const [state, setState] = createSignal<PresetSyncState>({ status: 'off' });
  const [count, setCount] = createSignal(0);
  let sync: PresetSync | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function run(): Promise<void> {
    const mine = sync;
    if (!mine) return;
    clearTimeout(timer);
    setState({ status: 'running' });
    try {
      await mine.run();
      if (mine === sync) setState({ status: 'done', atMs: Date.now(), count: count() });
    } catch (thrown) {
      if (mine === sync) setState({ status: 'failed', error: toAppError(thrown).toBody() });
    }
  }
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), CALM_MS);
  };
  const onReturn = (): void => {
    const now = state();
    if (document.visibilityState === 'visible' && !(now.status === 'done' && Date.now() - now.atMs < RETURN_MS)) soon();
  };
  const userId = (): string | null => account.signedIn()?.id ?? null;

  createEffect(
    on(userId, (id) => {
      clearTimeout(timer);
      sync = null;
      setState({ status: 'off' });
      if (id === null) return;
      sync = createPresetSync({ client: account.client, shelf: service.library, userId: id, memory: localStorage, alone, nowMs: () => Date.now(), earlierName: (name) => t('sync.earlier', { name }) });
      const mine = sync;
      // Calls back at once: that is the first run.
      const stop = service.library.watchPresets((presets) => {
        setCount(presets.length);
        void mine.noteChanges().catch(() => undefined);
        soon();
      });
      addEventListener('online', soon);
      document.addEventListener('visibilitychange', onReturn);
      onCleanup(() => {
        stop();
        clearTimeout(timer);
        removeEventListener('online', soon);
        document.removeEventListener('visibilitychange', onReturn);
      });
    }),
  );
  return {
    state,
    again: () => void run(),
    remoteId: (localId) => (sync ? sync.remoteId(localId) : Promise.reject(new AppError('account/sign-in'))),
  };
}

export function PresetSyncProvider(props: ParentProps) {
  return <PresetSyncContext.Provider value={createAccess()}>{props.children}</PresetSyncContext.Provider>;
}

export const usePresetSync = (): PresetSyncAccess | null => useContext(PresetSyncContext);
