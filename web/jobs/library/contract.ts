/**
 * The library: everything a person has here, as one list of entries, and what can be done with any of them.
 * `library.ts` answers from the stores.
 */
import type { Style } from '../../../shared/style.ts';
import type { BackupRecord, Thumbnail } from '../../storage/contract.ts';
import type { LongTask, RecordingOrigin } from '../contract.ts';

/** A take is a recording made here; it is deleted and played like any other. */
export type EntryKind = 'recording' | 'take' | 'result' | 'preset';

/** Where an entry came from. */
export type EntryOrigin = RecordingOrigin | 'match' | 'saved';

export interface LibraryEntry {
  readonly id: string;
  readonly kind: EntryKind;
  /** As the person calls it, without the ending of a file; null: a result that goes by what it was made from. */
  readonly name: string | null;
  /** Of the file as it came, dot included, or empty. */
  readonly ending: string;
  readonly tags: readonly string[];
  readonly addedMs: number;
  readonly origin: EntryOrigin;
  readonly state: 'decoding' | 'ready' | 'failed';
  /** Marked as a sound to go by, or used as one. */
  readonly isReference: boolean;
  /** Null where it has none (a preset) or it is not known yet. */
  readonly seconds: number | null;
  readonly sampleRate: number | null;
  readonly channels: 1 | 2 | null;
  /** On disk; null for a preset. */
  readonly bytes: number | null;
  /** LUFS; null while nothing measured it, or where there is nothing to measure. */
  readonly integratedLufs: number | null;
  /** Of a result or a preset: the entries it was made from. */
  readonly targetId: string | null;
  readonly referenceId: string | null;
  readonly resultId: string | null;
  /** Of a result: the job that shows it. */
  readonly jobId: string | null;
}

/** An entry that is deleted and can still be brought back. */
export interface BinnedEntry {
  readonly id: string;
  readonly name: string;
  readonly untilMs: number;
}

/** So long everything deleted can be brought back. */
export const UNDO_MS = 20_000;

export interface Deleted extends Pick<LibraryEntry, 'id' | 'kind'> {
  /** As it is shown. */
  readonly name: string;
}

export type BackupTarget =
  /** A folder or a file that the person chose. */
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  /** A zip in the browser's own storage, to be handed out as a download. */
  | { readonly kind: 'download' };

export interface PresetName {
  readonly id: string;
  readonly name: string;
}

export interface NewPreset {
  readonly name: string;
  readonly style: Style;
  /** What it was saved from; null: it came as a file. */
  readonly from: { readonly resultId: string; readonly targetId: string; readonly referenceId: string | null } | null;
}

export interface LibraryService {
  /** Calls back at once and after every change, in this tab or another; what is in the bin is left out. Answers how to stop. */
  watch(listener: (entries: readonly LibraryEntry[]) => void): () => void;
  /**
   * A small picture of the audio; made once, one recording at a time.
   * @throws AppError 'storage/missing' when there is no audio, 'job/cancelled'
   */
  thumbnail(id: string, signal?: AbortSignal): Promise<Thumbnail>;

  /** @param name trimmed; an empty one gives a result its own name back and leaves others as they are */
  rename(entry: Pick<LibraryEntry, 'id' | 'kind'>, name: string): Promise<void>;
  /** A recording as it came, a take as 24-bit WAV. @throws AppError 'storage/missing', 'storage/full' */
  file(id: string): Promise<Blob>;
  /** Trimmed, each once, in the order given. */
  tag(id: string, tags: readonly string[]): Promise<void>;
  markReference(id: string, isReference: boolean): Promise<void>;

  /** Deletes: out of sight at once, removed from the device after `UNDO_MS`; a reload changes neither. */
  bin(entries: readonly Deleted[]): Promise<void>;
  /** Brings back what is still in the bin. */
  restore(ids: readonly string[]): Promise<void>;
  watchBin(listener: (binned: readonly BinnedEntry[]) => void): () => void;

  /** Names of presets, newest first; cheaper than the whole list. Answers how to stop. */
  watchPresets(listener: (presets: readonly PresetName[]) => void): () => void;
  /** What the person calls results, by id; those that go by what they were made from are left out. Answers how to stop. */
  watchTitles(listener: (titles: ReadonlyMap<string, string>) => void): () => void;

  /** The same style is kept once; saving it again renames it. @returns the preset's id */
  savePreset(preset: NewPreset): Promise<string>;
  /** @throws AppError 'storage/missing' */
  preset(id: string): Promise<{ readonly name: string; readonly style: Style }>;

  /**
   * Copies everything: recordings as they came, results and takes as 24-bit WAV, presets, and a list of it all in `library.json`.
   * @returns the zip for 'download', else null
   * @throws AppError 'storage/full', 'storage/failed', 'job/cancelled'; no half of a zip is left in the storage
   */
  backUp(target: BackupTarget, names: ReadonlyMap<string, string>, task?: LongTask): Promise<Blob | null>;
  lastBackup(): Promise<BackupRecord | null>;
}
