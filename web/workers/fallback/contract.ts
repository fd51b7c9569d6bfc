/**
 * The additional decoder: FFmpeg's core, a GPL binary of 32 MB (10 MB compressed) that is fetched only when a person has agreed to it.
 * A worker of its own: it computes without a break and is ended as a whole.
 */
import type { DecodedFacts, DecodeRequest } from '../decode/contract.ts';
import type { WorkerMethod } from '../rpc.ts';

/** The core addresses 32 bits and can be stopped only from outside; larger files belong into a converter. */
export const FALLBACK_LIMIT_MEGABYTES = 1024;

export type FallbackMethods = {
  /**
   * Decodes a kept recording of any format FFmpeg reads.
   * @throws AppError 'audio/too-large-for-fallback', 'audio/not-audio' when FFmpeg finds no audio either, 'network/unavailable', 'storage/*'
   */
  readonly decode: WorkerMethod<DecodeRequest, DecodedFacts>;
};
