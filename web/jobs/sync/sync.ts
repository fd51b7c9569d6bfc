/** Backing up: the vault, the queue and what is on the server, put together. */
import * as blobs from '../../../shared/api/blobs.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ApiClient } from '../../api/client.ts';
import type { SendUpload } from '../../api/resumable-upload.ts';
import type { StageTools } from '../../pipeline/stage.ts';
import type { SyncChoiceRecord, SyncSettingsRecord, Table, UploadRecord } from '../../storage/contract.ts';
import type { Stretch } from '../../vault/vault-keys.ts';
import { LIBRARY_TABLES, readEntries } from '../library/entries.ts';
import type { LibraryEntry } from '../library/contract.ts';
import type { Locks } from '../runner.ts';
import { takeLock } from '../take-shelf.ts';
import type { Pause, SyncService, SyncState, VaultView } from './contract.ts';
import { createDevicePairing } from './device-pairing.ts';
import { itemStates, lastStoredMs } from './item-states.ts';
import type { Network } from './network.ts';
import { createRemote } from './remote.ts';
import { startSyncRunner } from './sync-runner.ts';
import { nextUpload } from './upload-machine.ts';
import { DEFAULT_SETTINGS, dueUploads, factsUploadId, fileUploadId, entryFileName, isWanted, planUploads } from './upload-plan.ts';
import { createUploader } from './uploader.ts';
import { createVaultSession } from './vault-session.ts';

export interface SyncParts {
  readonly tools: StageTools;
  readonly api: ApiClient;
  readonly send: SendUpload;
  readonly stretch: Stretch;
  readonly locks: Locks;
  readonly network: Network;
  readonly onChange: (tables: readonly Table[], listener: () => void) => () => void;
  readonly random: () => number;
  /** As the person would call it. */
  readonly device: string;
}

export interface RunningSync extends SyncService {
  stop(): Promise<void>;
}

const TABLES: readonly Table[] = [...LIBRARY_TABLES, 'vault', 'syncSettings', 'syncChoices', 'uploads'];

/** Everything the plan is made from. */
interface Known {
  readonly entries: readonly LibraryEntry[];
  readonly settings: SyncSettingsRecord;
  readonly choices: ReadonlyMap<string, SyncChoiceRecord>;
  readonly takes: ReadonlyMap<string, string>;
  readonly records: ReadonlyMap<string, UploadRecord>;
}

const byId = <T extends { readonly id: string }>(list: readonly T[]): Map<string, T> => new Map(list.map((one) => [one.id, one]));

export function createSync({ tools, api, send, stretch, locks, network, onChange, random, device }: SyncParts): RunningSync {
  const { documents } = tools.storage;
  const listeners = new Set<(state: SyncState) => void>();
  const session = createVaultSession({ api, documents, stretch, nowMs: tools.nowMs, onChange: () => changed() });
  const remote = createRemote({ tools, api, opened: () => session.opened().open });
  const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(new AppError('job/cancelled'));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  const pairing = createDevicePairing({ api, sleep });
  const uploader = createUploader({ tools, api, send, sleep, sealing: () => session.sealing() });

  const settingsOf = async (): Promise<SyncSettingsRecord> => (await documents.get('syncSettings', 'settings')) ?? DEFAULT_SETTINGS;

  async function known(): Promise<Known> {
    const [entries, settings, choices, recordings, records] = await Promise.all([
      readEntries(documents), settingsOf(), documents.list('syncChoices'), documents.list('recordings'), documents.list('uploads'),
    ]);
    const takes = new Map(recordings.flatMap(({ id, take }) => (take ? [[id, take.id]] : [])));
    return { entries, settings, choices: byId(choices), takes, records: byId(records) };
  }

  async function pause(): Promise<Pause> {
    if (session.account.status !== 'in') return 'signed-out';
    if (session.state.status !== 'locked' && session.state.status !== 'unlocked') return 'no-vault';
    if (!(await session.sealing().then(() => true, () => false))) return 'locked';
    if (!network.isOnline()) return 'offline';
    return network.isMetered() && !(await settingsOf()).metered ? 'metered' : null;
  }

  function vaultView(): VaultView {
    const { account, state } = session;
    if (account.status === 'absent') return { status: 'absent' };
    if (account.status === 'out') return { status: 'signed-out' };
    if (account.status !== 'in') return { status: 'unknown' };
    if (state.status !== 'locked' && state.status !== 'unlocked') return { status: state.status };
    const { created_at, updated_at } = state.vault;
    return { status: state.status, createdMs: Date.parse(created_at), changedMs: Date.parse(updated_at), lockAtMs: state.status === 'unlocked' ? state.lockAtMs : null };
  }

  async function stateNow(): Promise<SyncState> {
    const { entries, settings, choices, takes, records } = await known();
    const { mode, metered } = settings;
    const items = itemStates(entries, records, takes, (id) => isWanted(id, settings, choices));
    return { vault: vaultView(), settings: { mode, metered }, pause: await pause(), items, lastStoredMs: lastStoredMs(records.values()) };
  }

  let telling = false;
  let tellAgain = false;
  /** At most one reading at a time; what changed meanwhile is told by the next. */
  async function tell(): Promise<void> {
    if (telling) {
      tellAgain = true;
      return;
    }
    telling = true;
    try {
      do {
        tellAgain = false;
        if (listeners.size === 0) break;
        const state = await stateNow();
        for (const listener of listeners) listener(state);
      } while (tellAgain);
    } finally {
      telling = false;
    }
  }

  /** What is recorded as sent, and is no more: another device, or the server, removed it. */
  async function reconcile(): Promise<void> {
    const records = (await documents.list('uploads')).filter(({ state }) => state.status === 'stored');
    if (records.length === 0) return;
    const there = new Set((await remote.blobs()).map(({ id }) => id));
    for (const { id, state } of records) if (state.status === 'stored' && !there.has(state.blobId)) await uploader.move(id, { type: 'outdated' });
  }

  const runner = startSyncRunner({
    uploader, locks, nowMs: tools.nowMs, random, pause, reconcile,
    async due() {
      const { entries, settings, choices, takes, records } = await known();
      return dueUploads(planUploads(entries, settings, choices, takes), records, tools.nowMs());
    },
    async isWanted(uploadId) {
      const { entries, settings, choices, takes } = await known();
      return (await liveTake()) === uploadId.replace(/^file takes\//, '') || planUploads(entries, settings, choices, takes).some((planned) => planned.uploadId === uploadId);
    },
    liveTake: () => liveTake(),
  });

  /** What is being recorded, in this tab or another. */
  async function liveTake(): Promise<string | null> {
    if ((await settingsOf()).mode !== 'all') return null;
    for (const { id, status, content } of await documents.list('takes')) if (status === 'recording' && content === null && (await locks.isHeld(takeLock(id)))) return id;
    return null;
  }

  function changed(): void {
    runner.poke();
    void tell().catch(() => undefined);
  }
  /** What other devices did to the vault while there was no network. */
  const reached = (): void => {
    if (session.account.status === 'in' && network.isOnline()) void session.refresh();
    changed();
  };
  const unwatch = [onChange(TABLES, () => changed()), network.onChange(reached)];

  // A destruction that a crash cut short is finished.
  let isFinishing = false;
  async function finishDestruction(task = {}): Promise<void> {
    if (isFinishing) return;
    isFinishing = true;
    try {
      await remote.removeAll(task);
      await session.endDestruction();
    } finally {
      isFinishing = false;
    }
  }
  const resumeVault = (): void => {
    if (session.state.status === 'destroying' && session.account.status === 'in') void session.beginDestruction().then(() => finishDestruction()).catch(() => undefined);
    // File keys that were not sealed anew when the vault key was exchanged, here or elsewhere.
    if (session.state.status === 'unlocked') void remote.sealAnew().catch(() => undefined);
  };
  const unwatchAccount = api.watch(() => setTimeout(resumeVault, 0));

  async function uploadIdsOf(entryId: string): Promise<string[]> {
    const { entries, takes } = await known();
    const entry = entries.find(({ id }) => id === entryId);
    return entry ? [fileUploadId(entryFileName(entry, takes)), factsUploadId(entryId)] : [factsUploadId(entryId)];
  }

  return {
    watch(listener) {
      listeners.add(listener);
      void tell().catch(() => undefined);
      return () => void listeners.delete(listener);
    },
    async setSettings(settings) {
      await documents.update('syncSettings', 'settings', (before) => ({ ...DEFAULT_SETTINGS, ...before, ...settings }));
    },
    async choose(entryIds, wanted) {
      for (const id of entryIds) await documents.update('syncChoices', id, () => (wanted === null ? undefined : { id, wanted }));
    },
    async retry(entryId) {
      for (const id of await uploadIdsOf(entryId)) await documents.update('uploads', id, (record) => record && { ...record, state: nextUpload(record.state, { type: 'retried' }, tools.nowMs()) });
    },
    async forget(entryIds) {
      await remote.list();
      await this.choose(entryIds, false);
      await remote.remove(entryIds);
      await reconcile();
      for (const entryId of entryIds) for (const id of await uploadIdsOf(entryId)) await documents.update('uploads', id, (record) => (record?.state.status === 'stored' ? record : undefined));
    },

    createVault: (passphrase) => session.create(passphrase),
    async unlock(passphrase) {
      await session.unlock(passphrase);
      resumeVault();
    },
    recover: (code, passphrase) => session.recover(code, passphrase),
    lock: () => session.lock(),
    touch: () => session.touch(),
    changePassphrase: (current, wanted) => session.changePassphrase(current, wanted),
    newRecoveryCode: () => session.newCode(),
    async rotate(passphrase, task = {}) {
      const code = await session.rotate(passphrase);
      // The new key is in place and its code has to be shown whatever happens to the rest, which goes on at the next unlock.
      await remote.sealAnew(task).catch(() => undefined);
      return code;
    },
    async destroyVault(task = {}) {
      await session.beginDestruction();
      await finishDestruction(task);
    },

    startPairing: async () => {
      session.opened();
      return pairing.start(() => session.opened().open.vaultKey);
    },
    async joinByCode(code, signal) {
      await session.unlockWithKey(await pairing.join(code, device, signal));
      resumeVault();
    },

    remote: () => remote.list(),
    async remoteUse() {
      const { used_bytes, quota_bytes } = await api.call(blobs.storageUse);
      return { usedBytes: used_bytes, quotaBytes: quota_bytes };
    },
    download: (entryId, task) => remote.download(entryId, task),
    remotePcm: (entryId) => remote.pcm(entryId),

    async stop() {
      for (const stop of unwatch) stop();
      unwatchAccount();
      session.stop();
      await runner.stop();
    },
  };
}

