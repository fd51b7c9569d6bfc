/** Access tokens: short-lived, signed, checked without asking the database. Source: RFC 9068 (JWT profile for access tokens). */
import { errors, jwtVerify, SignJWT } from 'jose';
import { AppError } from '../../shared/errors.ts';

/** s. A token outlives the end of its session by this at most, to read with. */
export const ACCESS_SECONDS = 10 * 60;
const ISSUER = 'tonetwin';
const ALGORITHM = 'HS256';

export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
}

/** A caller, and when their token ends. */
export interface TokenCaller extends Caller {
  /** Unix time, ms. */
  readonly endsMs: number;
}

export interface AccessTokens {
  issue(caller: Caller, nowMs: number): Promise<string>;
  /** @throws AppError 'account/sign-in' for one that is forged, foreign or over */
  check(token: string, nowMs: number): Promise<TokenCaller>;
}

/** @param secret 32 bytes or more, the same for all instances */
export function createAccessTokens(secret: Uint8Array): AccessTokens {
  return {
    issue({ userId, sessionId }, nowMs) {
      const issued = Math.floor(nowMs / 1000);
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt' })
        .setIssuer(ISSUER).setAudience(ISSUER).setSubject(userId)
        .setIssuedAt(issued).setExpirationTime(issued + ACCESS_SECONDS)
        .sign(secret);
    },
    async check(token, nowMs) {
      try {
        const { payload } = await jwtVerify(token, secret, { issuer: ISSUER, audience: ISSUER, algorithms: [ALGORITHM], typ: 'at+jwt', currentDate: new Date(nowMs) });
        const { sub, sid, exp } = payload;
        if (typeof sub === 'string' && typeof sid === 'string' && exp !== undefined) return { userId: sub, sessionId: sid, endsMs: 1000 * exp };
      } catch (thrown) {
        if (!(thrown instanceof errors.JOSEError)) throw thrown;
      }
      throw new AppError('account/sign-in');
    },
  };
}
