import { argon2id } from 'hash-wasm';
import type { StretchRequest } from './contract.ts';

/** Argon2id, version 0x13 (RFC 9106). Letters that look the same are the same on every keyboard: NFKC. */
export async function stretch({ passphrase, salt, memoryKib, iterations, parallelism }: StretchRequest): Promise<Uint8Array<ArrayBuffer>> {
  const key = await argon2id({ password: passphrase.normalize('NFKC'), salt, memorySize: memoryKib, iterations, parallelism, hashLength: 32, outputType: 'binary' });
  return new Uint8Array(key);
}
