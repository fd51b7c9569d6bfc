/** Makes a key of a passphrase, away from the page: it takes a quarter of a second here and more on a phone. */
import type { WorkerMethod } from '../rpc.ts';

/** Cost of Argon2id (RFC 9106). */
export interface StretchRequest {
  readonly passphrase: string;
  /** 16 bytes. */
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

export type PassphraseMethods = {
  /** @returns 32 bytes */
  readonly stretch: WorkerMethod<StretchRequest, Uint8Array<ArrayBuffer>>;
};
