/** Where every way of signing in ends: a session, its tokens, and for pages of our own a cookie. */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { AppError } from '../../shared/errors.ts';
import { ACCESS_SECONDS, type AccessTokens } from '../auth/access-tokens.ts';
import type { Account } from '../auth/accounts.ts';
import { openSession, type Opened } from '../auth/sessions.ts';
import type { Queries } from '../database/open-database.ts';

export interface EntranceParts {
  readonly queries: Queries;
  readonly tokens: AccessTokens;
  readonly nowMs: () => number;
  /** The page is served over TLS: cookies say so. */
  readonly isSecure: boolean;
  /** Where people find the page, https://... without a slash at the end; null: wherever they asked for it. */
  readonly publicUrl: string | null;
}

export type EntranceMode = 'json' | 'cookie';

/** Cookies of signing in are sent to these routes alone. */
export const AUTH_PATH = '/api/auth';

/** A host as a browser sends it; whatever else is sent is none of ours. */
const HOST = /^[\w.:[\]-]+$/;

export function createEntrance({ queries, tokens, nowMs, isSecure, publicUrl }: EntranceParts) {
  /** With TLS the name itself forbids another host or path to set it. */
  const cookieName = isSecure ? '__Secure-tonetwin-refresh' : 'tonetwin-refresh';

  /**
   * What a cookie alone proves, another site's page could send too: such requests have to come from our own pages.
   * Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Fetch Metadata" and "Verifying Origin".
   * @throws AppError 'account/origin'
   */
  function checkOrigin(context: Context): void {
    const site = context.req.header('sec-fetch-site');
    const origin = context.req.header('origin');
    const isOurs = site !== undefined ? site === 'same-origin' : origin !== undefined && URL.canParse(origin) && new URL(origin).host === context.req.header('host');
    if (!isOurs) throw new AppError('account/origin');
  }

  async function answer(context: Context, account: Account, { sessionId, refreshToken, expiresAt }: Opened, mode: EntranceMode) {
    if (mode === 'cookie') setCookie(context, cookieName, refreshToken, { httpOnly: true, secure: isSecure, sameSite: 'Strict', path: AUTH_PATH, expires: expiresAt });
    return {
      access_token: await tokens.issue({ userId: account.id, sessionId }, nowMs()), token_type: 'Bearer' as const, expires_in: ACCESS_SECONDS,
      ...(mode === 'json' ? { refresh_token: refreshToken } : {}),
      user: { id: account.id, email: account.email, created_at: account.createdAt.toISOString() }, workspace_id: account.workspaceId,
    };
  }

  return {
    checkOrigin,
    answer,
    /** A new session for whoever has proved to be somebody. */
    enter: async (context: Context, account: Account, device: string, mode: EntranceMode) => answer(context, account, await openSession(queries, account.id, device, nowMs()), mode),
    cookieOf: (context: Context): string | undefined => getCookie(context, cookieName),
    forgetCookie: (context: Context): void => void deleteCookie(context, cookieName, { path: AUTH_PATH, secure: isSecure }),
    /** Where the page is, as its reader sees it: https://host, without a slash. */
    originOf(context: Context): string {
      if (publicUrl !== null) return publicUrl;
      const host = context.req.header('host') ?? '';
      return `${isSecure ? 'https' : 'http'}://${HOST.test(host) ? host : 'localhost'}`;
    },
  };
}

export type Entrance = ReturnType<typeof createEntrance>;
