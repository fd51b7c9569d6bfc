/** To a provider of identity and back. Both are pages a browser goes to, no calls: they answer with where to go next. */
import type { Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { providerReturn, providerStart } from '../../shared/api/auth.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { OpenId } from '../auth/openid.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { Queries } from '../database/open-database.ts';
import { AUTH_PATH, type Entrance } from './entrance.ts';
import type { Mount } from './mount.ts';

export interface OpenIdParts {
  readonly queries: Queries;
  readonly accounts: Accounts;
  readonly openId: OpenId;
  readonly entrance: Entrance;
  readonly addressOf: (context: Context) => string;
  readonly nowMs: () => number;
  readonly isSecure: boolean;
}

export const PROVIDER_PATH = `${AUTH_PATH}/provider`;
const LIMIT: Limit = { tries: 60, window: 15 * 60 };
const MINUTES = 10;

export function mountOpenId(app: Hono, mount: Mount, { queries, accounts, openId, entrance, addressOf, nowMs, isSecure }: OpenIdParts): void {
  /** Ties the way back to the browser that set out: without it a page could sign somebody in as somebody else. */
  const cookie = isSecure ? '__Secure-tonetwin-provider' : 'tonetwin-provider';
  const returnAddress = (context: Context): string => `${entrance.originOf(context)}${PROVIDER_PATH}/return`;
  const failed = (context: Context, thrown: unknown): Response => {
    const { code } = thrown instanceof AppError ? thrown : toAppError(new Error('server'));
    return context.redirect(`/account?failed=${encodeURIComponent(code)}`, 303);
  };

  mount.list(providerStart);
  mount.list(providerReturn);
  app.get(PROVIDER_PATH, async (context) => {
    try {
      await countTry(queries, `provider ${addressOf(context)}`, LIMIT, nowMs());
      const { address, state } = await openId.start(returnAddress(context));
      // Lax: the browser comes back from another site.
      setCookie(context, cookie, state, { httpOnly: true, secure: isSecure, sameSite: 'Lax', path: PROVIDER_PATH, maxAge: 60 * MINUTES });
      return context.redirect(address, 303);
    } catch (thrown) {
      return failed(context, thrown);
    }
  });

  app.get(`${PROVIDER_PATH}/return`, async (context) => {
    try {
      const state = getCookie(context, cookie);
      deleteCookie(context, cookie, { path: PROVIDER_PATH, secure: isSecure });
      const identity = await openId.finish(new URL(context.req.url), state, returnAddress(context));
      const account = await accounts.enterByProvider(identity);
      await entrance.enter(context, account, openId.name, 'cookie');
      return context.redirect('/account?entered=yes', 303);
    } catch (thrown) {
      return failed(context, thrown);
    }
  });
}
