/** Addresses that are good for one thing and a while without signing in: an HMAC over what for, which, and until when (RFC 2104). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';

export type Purpose = 'download' | 'upload';

export interface SignedLinks {
  /** @returns the query: `?expires=...&signature=...` */
  sign(purpose: Purpose, id: string, expiresMs: number): string;
  /** @throws AppError 'upload/link' */
  check(purpose: Purpose, id: string, query: { readonly expires: number; readonly signature: string }, nowMs: number): void;
}

/** @param secret  32 bytes or more, the same for all instances */
export function createSignedLinks(secret: Uint8Array): SignedLinks {
  const signatureOf = (purpose: Purpose, id: string, expires: number): string => createHmac('sha256', secret).update(`${purpose} ${id} ${expires}`).digest('base64url');
  return {
    sign(purpose, id, expiresMs) {
      const expires = Math.floor(expiresMs / 1000);
      return `?expires=${expires}&signature=${signatureOf(purpose, id, expires)}`;
    },
    check(purpose, id, { expires, signature }, nowMs) {
      const [given, right] = [Buffer.from(signature), Buffer.from(signatureOf(purpose, id, expires))];
      if (given.length !== right.length || !timingSafeEqual(given, right) || nowMs >= 1000 * expires) throw new AppError('upload/link');
    },
  };
}
