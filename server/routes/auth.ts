/** Signing in and out, and what belongs to an account. */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { AppError } from '../../shared/errors.ts';
import * as contract from '../../shared/api/auth.ts';
import { ACCESS_SECONDS, type AccessTokens } from '../auth/access-tokens.ts';
import type { Account, Accounts } from '../auth/accounts.ts';
import { endByToken, endSession, openSession, openSessions, type Opened, rotate } from '../auth/sessions.ts';
import type { Queries } from '../database/open-database.ts';
import type { Mount } from './mount.ts';

export interface AuthParts {
  readonly queries: Queries;
  readonly accounts: Accounts;
  readonly tokens: AccessTokens;
  readonly nowMs: () => number;
  /** The page is served over TLS: cookies say so. */
  readonly isSecure: boolean;
  /** What other parts of the server keep of somebody. */
  readonly moreDataOf?: (userId: string) => Promise<Record<string, unknown>>;
}

const PATH = '/api/auth';

/** With TLS the name itself forbids another host or path to set it. */
const cookieName = (isSecure: boolean): string => (isSecure ? '__Secure-tonetwin-refresh' : 'tonetwin-refresh');

const accountOf = ({ id, email, createdAt }: Account) => ({ id, email, created_at: createdAt.toISOString() });

/**
 * What a cookie alone proves, another site's page could send too: such requests have to come from our own pages.
 * Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Fetch Metadata" and "Verifying Origin".
 */
function checkOrigin(context: Context): void {
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  const isOurs = site !== undefined ? site === 'same-origin' : origin !== undefined && URL.canParse(origin) && new URL(origin).host === context.req.header('host');
  if (!isOurs) throw new AppError('account/origin');
}

export function mountAuth(mount: Mount, { queries, accounts, tokens, nowMs, isSecure, moreDataOf = async () => ({}) }: AuthParts): void {
  const name = cookieName(isSecure);

  async function answer(context: Context, account: Account, { sessionId, refreshToken, expiresAt }: Opened, mode: 'json' | 'cookie') {
    if (mode === 'cookie') setCookie(context, name, refreshToken, { httpOnly: true, secure: isSecure, sameSite: 'Strict', path: PATH, expires: expiresAt });
    return {
      access_token: await tokens.issue({ userId: account.id, sessionId }, nowMs()), token_type: 'Bearer' as const, expires_in: ACCESS_SECONDS,
      ...(mode === 'json' ? { refresh_token: refreshToken } : {}),
      user: accountOf(account), workspace_id: account.workspaceId,
    };
  }

  mount.on(contract.register, async ({ body: { email, password, mode, device }, address, context }) => {
    if (mode === 'cookie') checkOrigin(context);
    const account = await accounts.register(email, password, address);
    return answer(context, account, await openSession(queries, account.id, device, nowMs()), mode);
  });

  mount.on(contract.login, async ({ body: { email, password, mode, device }, address, context }) => {
    if (mode === 'cookie') checkOrigin(context);
    const account = await accounts.login(email, password, address);
    return answer(context, account, await openSession(queries, account.id, device, nowMs()), mode);
  });

  mount.on(contract.refresh, async ({ body, context }) => {
    const cookie = body.mode === 'cookie' ? getCookie(context, name) : undefined;
    if (body.mode === 'cookie') checkOrigin(context);
    const token = body.refresh_token ?? cookie;
    if (!token) throw new AppError('account/session-over');
    const opened = await rotate(queries, token, nowMs());
    return answer(context, await accounts.account(opened.userId), opened, body.mode);
  });

  mount.on(contract.logout, async ({ body, context }) => {
    const cookie = getCookie(context, name);
    if (cookie) checkOrigin(context);
    for (const token of [body.refresh_token, cookie]) if (token) await endByToken(queries, token, nowMs());
    if (cookie) deleteCookie(context, name, { path: PATH, secure: isSecure });
  });

  mount.on(contract.me, async ({ caller }) => accountOf(await accounts.account(caller.userId)));

  mount.on(contract.listSessions, async ({ caller }) => ({
    sessions: (await openSessions(queries, caller.userId, nowMs())).map((row) => ({
      id: row.id, device: row.device, created_at: row.createdAt.toISOString(), used_at: row.usedAt.toISOString(), expires_at: row.expiresAt.toISOString(), is_current: row.id === caller.sessionId,
    })),
  }));

  mount.on(contract.revokeSession, async ({ caller, params }) => {
    if (!(await endSession(queries, caller.userId, params.id, nowMs()))) throw new AppError('server/not-found');
  });

  mount.on(contract.changePassword, ({ caller, body, address }) => accounts.changePassword(caller.userId, caller.sessionId, body.current_password, body.new_password, address));

  mount.on(contract.deleteAccount, ({ caller, body, address }) => accounts.remove(caller.userId, body.password, address));

  mount.on(contract.exportAccount, async ({ caller }) => JSON.parse(JSON.stringify({ ...(await accounts.dataOf(caller.userId)), ...(await moreDataOf(caller.userId)) })) as Record<string, unknown>);
}
