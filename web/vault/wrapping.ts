/** Small secrets under a key: AES-256-GCM (RFC 5116) with a random nonce before it. */
import { AppError } from '../../shared/errors.ts';
import { utf8 } from './base64url.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const NONCE_BYTES = 12;

const keyOf = (raw: Bytes): Promise<CryptoKey> => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

/**
 * @param key    32 bytes. Random nonces: safe for far more messages than a vault ever wraps (2^32, NIST SP 800-38D)
 * @param label  what it is; the same is asked for when it is opened
 */
export async function wrap(key: Bytes, secret: Bytes, label: string): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(label) }, await keyOf(key), secret));
  const wrapped = new Uint8Array(NONCE_BYTES + sealed.length);
  wrapped.set(iv);
  wrapped.set(sealed, NONCE_BYTES);
  return wrapped;
}

/** @throws AppError 'vault/damaged': another key, another label, or changed */
export async function unwrap(key: Bytes, wrapped: Bytes, label: string): Promise<Bytes> {
  try {
    const iv = wrapped.slice(0, NONCE_BYTES);
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(label) }, await keyOf(key), wrapped.slice(NONCE_BYTES)));
  } catch (cause) {
    throw new AppError('vault/damaged', {}, { cause });
  }
}
