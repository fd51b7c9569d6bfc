/** Backing up, as screens see it. `sync.ts` answers from the queue, the vault and the server. */
import type { ErrorBody } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import type { SyncSettingsRecord } from '../../storage/contract.ts';
import type { LongTask } from '../contract.ts';
import type { Card } from './facts.ts';

export type SyncSettings = Omit<SyncSettingsRecord, 'id'>;

/** Where one entry stands. */
export type ItemState =
  | { readonly status: 'here' }
  | { readonly status: 'queued' }
  /** 0 to 100. */
  | { readonly status: 'uploading'; readonly percent: number }
  | { readonly status: 'stored'; readonly storedMs: number }
  | { readonly status: 'failed'; readonly error: ErrorBody };

/** Why nothing is sent now. */
export type Pause = 'signed-out' | 'no-vault' | 'locked' | 'offline' | 'metered' | null;

export type VaultView =
  /** No server, or no account: nothing is said of backups. */
  | { readonly status: 'absent' }
  | { readonly status: 'signed-out' }
  | { readonly status: 'unknown' }
  | { readonly status: 'none' }
  | { readonly status: 'locked' | 'unlocked'; readonly createdMs: number; readonly changedMs: number; readonly lockAtMs: number | null }
  | { readonly status: 'destroying' };

export interface SyncState {
  readonly vault: VaultView;
  readonly settings: SyncSettings;
  readonly pause: Pause;
  /** Of every entry that is wanted or stored. */
  readonly items: ReadonlyMap<string, ItemState>;
  /** When the last of them got there; null: none has. */
  readonly lastStoredMs: number | null;
}

/** An entry of the backup. */
export interface RemoteEntry extends Card {
  /** Of the file, sealed. */
  readonly bytes: number;
  readonly storedMs: number;
  /** In the library of this device too. */
  readonly isHere: boolean;
  /** Can be played without being downloaded. */
  readonly canPlay: boolean;
}

export interface RemoteUse {
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

export interface Pairing {
  /** For the eye and the keyboard. */
  readonly code: string;
  readonly expiresMs: number;
  /** Waits for a device to answer and tells its name. @throws AppError 'job/cancelled', 'server/not-found' when time is over */
  answered(signal: AbortSignal): Promise<string>;
  /** The person agreed: sends the key. */
  confirm(): Promise<void>;
  end(): Promise<void>;
}

export interface SyncService {
  /** Calls back at once and after every change. Answers how to stop. */
  watch(listener: (state: SyncState) => void): () => void;
  setSettings(settings: Partial<SyncSettings>): Promise<void>;
  /** @param wanted null: as the settings say */
  choose(entryIds: readonly string[], wanted: boolean | null): Promise<void>;
  retry(entryId: string): Promise<void>;
  /** Takes it out of the backup; what is here stays. @throws AppError */
  forget(entryIds: readonly string[]): Promise<void>;

  /** @returns the recovery code, shown once. @throws AppError 'vault/exists', 'network/unavailable' */
  createVault(passphrase: string): Promise<string>;
  /** @throws AppError 'vault/wrong-passphrase' */
  unlock(passphrase: string): Promise<void>;
  /** Opens it with the code and sets another passphrase. @returns the new code. @throws AppError 'vault/wrong-code', 'vault/code-typo' */
  recover(code: string, passphrase: string): Promise<string>;
  lock(): void;
  /** The person is there: an open vault stays open. */
  touch(): void;
  /** @throws AppError 'vault/wrong-passphrase', 'vault/locked', 'vault/changed-meanwhile' */
  changePassphrase(current: string, wanted: string): Promise<void>;
  /** @returns the new code */
  newRecoveryCode(): Promise<string>;
  /** Another vault key; file keys are sealed anew. @returns the new recovery code. @throws AppError 'vault/wrong-passphrase' */
  rotate(passphrase: string, task?: LongTask): Promise<string>;
  /** Destroys the keys, then deletes what they opened. What is on this device stays. */
  destroyVault(task?: LongTask): Promise<void>;

  /** On the device that has the key. @throws AppError 'vault/locked' */
  startPairing(): Promise<Pairing>;
  /** On the new device: waits for the key and unlocks. @throws AppError 'vault/code-typo', 'server/not-found', 'job/cancelled' */
  joinByCode(code: string, signal: AbortSignal): Promise<void>;

  /** What is in the backup. @throws AppError 'vault/locked', 'network/unavailable' */
  remote(): Promise<readonly RemoteEntry[]>;
  remoteUse(): Promise<RemoteUse>;
  /** Brings an entry back to this device. @throws AppError 'vault/damaged', 'storage/full' ... */
  download(entryId: string, task?: LongTask): Promise<void>;
  /** Audio of an entry of the backup, fetched as it is played. @throws AppError 'audio/unsupported' where it has to be downloaded first */
  remotePcm(entryId: string): Promise<PcmSource>;
}
