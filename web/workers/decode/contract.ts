/** Keeps and decodes recordings. Bytes go straight from the file to the store; only a file of some minutes is held whole on its way. */
import type { Notice } from '../../../shared/pcm.ts';
import type { RecordingRecord } from '../../storage/contract.ts';
import type { WorkerMethod } from '../rpc.ts';

/** What decoding found out. */
export interface DecodedFacts {
  readonly readAs: NonNullable<RecordingRecord['readAs']>;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  readonly notices: readonly Notice[];
}

export interface DecodeRequest {
  readonly recordingId: string;
  readonly name: string;
}

export interface HashedFile {
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly hash: string;
  /** The whole file, where it was read whole: fetching it once more costs as much as keeping it. */
  readonly bytes: ArrayBuffer | null;
}

export type DecodeMethods = {
  /** @throws AppError 'audio/empty', 'storage/missing' when it cannot be read */
  readonly hash: WorkerMethod<Blob, HashedFile>;
  /** Writes a file, or its bytes, into the store. @throws AppError 'storage/full' with nothing left behind */
  readonly keep: WorkerMethod<{ readonly file: Blob | ArrayBuffer; readonly recordingId: string }, null>;
  /**
   * Decodes a kept recording once, from start to end.
   * @throws AppError 'audio/not-audio', 'audio/needs-fallback', 'audio/decode-failed', 'audio/sample-rate', 'audio/empty',
   *   'audio/not-finite', 'storage/*'; then no decoded copy is left
   */
  readonly decode: WorkerMethod<DecodeRequest, DecodedFacts>;
  /** Makes and keeps the peaks of a recording or a result. */
  readonly peaks: WorkerMethod<string, null>;
};
