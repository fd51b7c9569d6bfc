/** Keys of files: random, each for one file that never changes. */
import { SALT_BYTES } from './sealed-format.ts';

export const FILE_KEY_BYTES = 32;
const INFO = new TextEncoder().encode('tonetwin sealed file 1');

export interface FileKey {
  /** 32 random bytes. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** Of the file's header. */
  readonly salt: Uint8Array<ArrayBuffer>;
}

/** Of one file, made before its first byte is sealed. Changed content is another file with another key: a nonce is never used twice. */
export const newFileKey = (): FileKey => ({
  secret: crypto.getRandomValues(new Uint8Array(FILE_KEY_BYTES)),
  salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
});

/** What can be kept on the device while a file is sealed: usable by pages of this origin, readable by none. */
export const heldFileKey = (secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> => crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);

/** The key of the chunks. HKDF-SHA256 (RFC 5869). */
export const chunkKeyOf = (held: CryptoKey, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: INFO }, held, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
