/**
 * Where things are kept on the device: documents (facts) and files of bytes.
 *
 * The order is always: write the bytes, then the fact that records them. A crash in between leaves bytes nobody knows,
 * which cleaning removes; never a fact about bytes that are not there.
 */
import type { Vault } from '../../shared/api/vault.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { Features } from '../../shared/features.ts';
import type { Job } from '../../shared/jobs.ts';
import type { Style } from '../../shared/style.ts';
import type { TakeBacking, TakeMarker, TakeRole, TakeSegment, TakeTrim } from '../../shared/takes.ts';
import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import type { RenderCheckpoint } from '../../wasm/rendering/checkpoint.ts';
import type { SealingKeys } from '../vault/item-seal.ts';
import type { Peaks, RecordingOrigin, RecordingState, ResultInfo } from '../jobs/contract.ts';

export interface RecordingRecord {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly addedMs: number;
  readonly usedMs: number;
  readonly state: RecordingState;
  /** Uncompressed files and takes are read in place; others from a decoded copy, which can be made again. */
  readonly readAs: 'wav' | 'aiff' | 'copy' | 'take' | null;
  /** With readAs 'take': whose journal it is read from, and which part of it. */
  readonly take?: { readonly id: string; readonly trim: TakeTrim | null };
  /** The person agreed to the additional decoder for this file. */
  readonly allowFallbackDecoder: boolean;
  /** How it came here; absent in records of versions that did not ask. */
  readonly origin?: RecordingOrigin;
}

export interface FeaturesRecord {
  /** `<recording id>-<engine digest>-<with or without F0>`. */
  readonly id: string;
  readonly recordingId: string;
  readonly features: Features;
}

export interface CheckpointRecord {
  /** The job's id. */
  readonly id: string;
  readonly checkpoint: RenderCheckpoint;
  /** Of scratch and result. */
  readonly channels: 1 | 2;
  readonly savedMs: number;
}

export interface PeaksRecord extends Peaks {
  readonly id: string;
}

export interface StyleRecord {
  readonly id: string;
  readonly style: Style;
}

export interface TakeRecord {
  readonly id: string;
  readonly name: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** recording: it has not been ended; whether somebody still records it is told by its lock. discarded: its bytes are about to go. */
  readonly status: 'recording' | 'kept' | 'discarded';
  /** What is in the journal; known once it has ended. */
  readonly content: TakeContent | null;
  readonly recordingId: string | null;
  readonly trim: TakeTrim | null;
  readonly role: TakeRole | null;
  /** Absent where nothing was played along to. */
  readonly backings?: readonly TakeBacking[];
  /** In `styles`. */
  readonly withPreset: string | null;
}

export interface TakeContent {
  /** SHA-256 of the journal's readable bytes, hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  readonly segments: readonly TakeSegment[];
  readonly markers: readonly TakeMarker[];
}

/** A style saved and named. The style itself lies in `styles`, under the same id. */
export interface PresetRecord {
  /** `preset-` and the SHA-256 of the style's document: the same style is kept once. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  /** The result it was saved from; null: it came as a file. */
  readonly resultId: string | null;
  readonly targetId: string | null;
  readonly referenceId: string | null;
}

/** What a person says of an entry of the library, whatever it is. */
export interface LabelRecord {
  /** The entry's id. */
  readonly id: string;
  /** In place of the name a result got by itself; recordings and presets carry their own. */
  readonly title: string | null;
  readonly tags: readonly string[];
  /** Marked as a sound to go by. */
  readonly isReference: boolean;
}

/** Deleted, and not yet removed: all of it is still there until `untilMs`. */
export interface BinRecord {
  /** The entry's id. */
  readonly id: string;
  readonly kind: 'recording' | 'result' | 'preset';
  /** As it was shown. */
  readonly name: string;
  readonly untilMs: number;
}

/** What a list shows of a large document, so that a long list reads none of those. Made again when missing. */
export interface CardRecord {
  /** Of the recording or the result. */
  readonly id: string;
  /** Null: not measurable. Undefined: not measured yet. */
  readonly integratedLufs?: number | null;
  readonly thumbnail?: Thumbnail;
  /** Of a result. */
  readonly result?: Pick<ResultInfo, 'jobId' | 'name' | 'targetId' | 'referenceId' | 'sampleRate' | 'channels' | 'frames' | 'createdMs'>;
}

/** Lowest and highest sample per column, full scale ±127. */
export interface Thumbnail {
  readonly min: Int8Array<ArrayBuffer>;
  readonly max: Int8Array<ArrayBuffer>;
}

/** A copy of everything that a person took away. */
export interface BackupRecord {
  readonly id: string;
  readonly atMs: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What this device knows of the vault of whoever is signed in. */
export interface VaultRecord {
  readonly id: 'vault';
  readonly accountId: string;
  /** As last seen: it is opened without a network too. Null: being destroyed, files may still lie on the server. */
  readonly vault: Vault | null;
  /** What is sealed with, also while the vault is locked; null until it was open here once. */
  readonly sealing: SealingKeys | null;
}

/** What is backed up. */
export interface SyncSettingsRecord {
  readonly id: 'settings';
  /** chosen: what was asked for one by one. */
  readonly mode: 'chosen' | 'all';
  /** Also where the connection is paid by what goes over it. */
  readonly metered: boolean;
}

/** What a person said about backing up one entry, whatever the settings say. */
export interface SyncChoiceRecord {
  /** The entry's id. */
  readonly id: string;
  readonly wanted: boolean;
}

export type UploadState =
  | { readonly status: 'waiting'; readonly attempts: number; readonly notBeforeMs: number; readonly error: ErrorBody | null }
  | { readonly status: 'sending'; readonly attempts: number; readonly sentBytes: number; readonly totalBytes: number | null }
  | { readonly status: 'stored'; readonly blobId: string; readonly storedMs: number }
  | { readonly status: 'failed'; readonly error: ErrorBody };

/** How the bytes of an upload are sealed: for these bytes and no others. Kept before the first of them is. */
export interface UploadSeal {
  /** Whose owner it is sealed for. */
  readonly vaultId: string;
  /** Usable here, readable by nobody. */
  readonly key: CryptoKey;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly chunkLog2: number;
  /** What the server keeps beside it: the same key, sealed for the owner. */
  readonly sealed: string;
  /** By which equal files are found again; null while it grows. */
  readonly tag: string | null;
  /** Of the plaintext; null while it grows. */
  readonly plainBytes: number | null;
  /** While it grows: so much may have been sealed. A file that has less is another one. */
  readonly settledBytes: number;
}

/** One thing that is, or is to be, on the server. */
export interface UploadRecord {
  /** `file <folder>/<id>`, or `facts <entry id>`. */
  readonly id: string;
  readonly state: UploadState;
  /** What it is a copy of; null where that is not known yet. Anything else than what is here now: it has to be sent anew. */
  readonly content: string | null;
  readonly seal: UploadSeal | null;
  /** Where the upload goes on. */
  readonly url: string | null;
  /** A blob that this one takes the place of. */
  readonly replaces: string | null;
}

/** Every table and what it holds. */
export interface Documents {
  recordings: RecordingRecord;
  features: FeaturesRecord;
  styles: StyleRecord;
  results: ResultInfo;
  checkpoints: CheckpointRecord;
  jobs: Job;
  peaks: PeaksRecord;
  takes: TakeRecord;
  presets: PresetRecord;
  labels: LabelRecord;
  bin: BinRecord;
  cards: CardRecord;
  backups: BackupRecord;
  vault: VaultRecord;
  syncSettings: SyncSettingsRecord;
  syncChoices: SyncChoiceRecord;
  uploads: UploadRecord;
}
export type Table = keyof Documents;
export const TABLES = [
  'recordings', 'features', 'styles', 'results', 'checkpoints', 'jobs', 'peaks', 'takes',
  'presets', 'labels', 'bin', 'cards', 'backups',
  'vault', 'syncSettings', 'syncChoices', 'uploads',
] as const satisfies readonly Table[];

export interface DocumentStore {
  get<T extends Table>(table: T, id: string): Promise<Documents[T] | undefined>;
  list<T extends Table>(table: T): Promise<Documents[T][]>;
  /** The ids alone: cheap however large the documents are. */
  ids(table: Table): Promise<string[]>;
  /**
   * Reads and writes in one step that nobody can come between.
   * @param change answers the new document; undefined removes it; the very same object leaves it as it is
   * @returns what is stored afterwards
   * @throws AppError 'storage/full', 'storage/failed'; the document is then as it was
   */
  update<T extends Table>(table: T, id: string, change: (before: Documents[T] | undefined) => Documents[T] | undefined): Promise<Documents[T] | undefined>;
  put<T extends Table>(table: T, document: Documents[T]): Promise<void>;
  remove(table: Table, id: string): Promise<void>;
}

/** Folders of the byte store. recordings, takes and results are precious; the rest can be made again. */
export const FOLDERS = ['recordings', 'takes', 'results', 'decoded', 'scratch', 'exports', 'models'] as const;
export type Folder = (typeof FOLDERS)[number];
export interface FileName {
  readonly folder: Folder;
  readonly id: string;
}

export interface ByteWriter {
  /** Bytes written so far. */
  readonly position: number;
  /** The bytes are written when `write` returns, before its promise resolves: for those who cannot wait. */
  readonly isImmediate: boolean;
  /** @throws AppError 'storage/full', 'storage/failed' */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What was written is safe afterwards. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface StoredFile extends FileName {
  readonly bytes: number;
}

export interface ByteStore {
  /**
   * Opens for appending.
   * @param position goes on from there; what lies after it is dropped. 0 (default) starts afresh
   * @throws AppError 'storage/missing' where less than `position` is there, 'storage/failed' while another writer has it
   */
  writer(name: FileName, position?: number): Promise<ByteWriter>;
  /** @throws AppError 'storage/missing' */
  open(name: FileName): Promise<ByteSource>;
  /** The whole file without copying it, where the platform can. @throws AppError 'storage/missing' */
  blob(name: FileName): Promise<Blob>;
  list(): Promise<StoredFile[]>;
  /** Removing what is not there is fine. */
  remove(name: FileName): Promise<void>;
}

export interface Storage {
  readonly documents: DocumentStore;
  readonly bytes: ByteStore;
}
