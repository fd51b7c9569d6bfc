/** Copies what is stored into a folder or one zip, as streams: memory stays flat however much it is. */
import type { FileName } from '../../storage/contract.ts';
import type { WorkerMethod } from '../rpc.ts';

export type ArchiveSource =
  /** Stored bytes as they are. */
  | { readonly kind: 'file'; readonly file: FileName }
  /** Audio of a recording or result as a 24-bit WAV file. */
  | { readonly kind: 'wav'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string };

export interface ArchiveEntry {
  /** Folders and name, separated by `/`; each path once. */
  readonly path: string;
  readonly modifiedMs: number;
  /** As far as it is known beforehand, for the progress. */
  readonly bytes: number;
  readonly source: ArchiveSource;
}

export type ArchiveTarget =
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  | { readonly kind: 'stored'; readonly file: FileName };

export type ArchiveMethods = {
  /**
   * @returns bytes written
   * @throws AppError 'storage/missing', 'storage/full', 'job/cancelled'; a stored zip is removed then, in a folder stays what was finished
   */
  readonly write: WorkerMethod<{ readonly entries: readonly ArchiveEntry[]; readonly target: ArchiveTarget }, number>;
};
