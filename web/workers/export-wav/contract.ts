/** Writes a result or a recording as a file that every program reads. */
import type { WavBitDepth } from '../../jobs/contract.ts';
import type { FileName } from '../../storage/contract.ts';
import type { WorkerMethod } from '../rpc.ts';

export type ExportWavMethods = {
  /** @returns where the finished file lies  @throws AppError 'storage/missing', 'storage/full' with nothing left behind */
  readonly write: WorkerMethod<{ readonly resultId: string; readonly bitDepth: WavBitDepth }, FileName>;
  /** 24 bits. As `write`. */
  readonly writeFlac: WorkerMethod<{ readonly id: string }, FileName>;
};
