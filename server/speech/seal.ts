/** Sound at rest: encrypted under the server's key, and bound to the row it belongs to. Source: NIST SP 800-38D (GCM), random 96-bit nonces. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';

export interface Seal {
  /** @param about  what it is and whose: only with the same is it opened again */
  close(bytes: Uint8Array, about: string): Buffer;
  /** @throws AppError 'storage/failed' where it was changed, or put elsewhere */
  open(sealed: Uint8Array, about: string): Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

/**
 * @param key     32 bytes, of the database
 * @param secret  of the environment, so that a copy of the database alone opens nothing; empty: there is none
 */
export function createSeal(key: Uint8Array, secret: string): Seal {
  const own = Buffer.from(hkdfSync('sha256', key, createHash('sha256').update(secret).digest(), 'tonetwin speech', 32));
  return {
    close(bytes, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', own, nonce).setAAD(Buffer.from(about));
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, about) {
      try {
        if (sealed[0] !== VERSION) throw new Error('of another version');
        const decipher = createDecipheriv('aes-256-gcm', own, sealed.subarray(1, 1 + NONCE_BYTES)).setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new AppError('storage/failed', {}, { cause });
      }
    },
  };
}
