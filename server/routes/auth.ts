/** Signing in and out, and what belongs to an account. */
import { AppError } from '../../shared/errors.ts';
import * as contract from '../../shared/api/auth.ts';
import type { Account, Accounts } from '../auth/accounts.ts';
import { type Belonging, writtenOut } from '../auth/belongings.ts';
import { endByToken, endOtherSessions, endSession, isOpen, openSessions, rotate } from '../auth/sessions.ts';
import type { Queries } from '../database/open-database.ts';
import type { Entrance } from './entrance.ts';
import type { Mount } from './mount.ts';
import { readTimeCursor, timeCursor } from './time-cursor.ts';
import { paged } from './workspaces.ts';

export interface AuthParts {
  readonly queries: Queries;
  readonly accounts: Accounts;
  readonly entrance: Entrance;
  readonly nowMs: () => number;
  /** Name of a provider of identity; null: there is none. */
  readonly provider: string | null;
  /** What else is stored about somebody, by name: it goes with the export. */
  readonly belongings: Readonly<Record<string, Belonging>>;
}

const accountOf = ({ id, email, createdAt }: Account) => ({ id, email, created_at: createdAt.toISOString() });

export function mountAuth(mount: Mount, { queries, accounts, entrance, nowMs, provider, belongings }: AuthParts): void {
  mount.on(contract.signInOffer, () => Promise.resolve({ accounts: true, provider }));

  mount.on(contract.register, async ({ body: { email, password, mode, device }, address, context }) => {
    if (mode === 'cookie') entrance.checkOrigin(context);
    const account = await accounts.register(email, password, address);
    return entrance.enter(context, account, device, mode);
  });

  mount.on(contract.login, async ({ body: { email, password, mode, device }, address, context }) => {
    if (mode === 'cookie') entrance.checkOrigin(context);
    const account = await accounts.login(email, password, address);
    return entrance.enter(context, account, device, mode);
  });

  mount.on(contract.refresh, async ({ body, context }) => {
    const cookie = body.mode === 'cookie' ? entrance.cookieOf(context) : undefined;
    if (body.mode === 'cookie') entrance.checkOrigin(context);
    const token = body.refresh_token ?? cookie;
    if (!token) throw new AppError('account/session-over');
    const opened = await rotate(queries, token, nowMs());
    return entrance.answer(context, await accounts.account(opened.userId), opened, body.mode);
  });

  mount.on(contract.logout, async ({ body, context }) => {
    const cookie = entrance.cookieOf(context);
    if (cookie) entrance.checkOrigin(context);
    for (const token of [body.refresh_token, cookie]) if (token) await endByToken(queries, token, nowMs());
    if (cookie) entrance.forgetCookie(context);
  });

  mount.on(contract.me, async ({ caller }) => ({ ...accountOf(await accounts.account(caller.userId)), has_password: await accounts.hasPassword(caller.userId) }));

  mount.on(contract.listSessions, async ({ caller, query: { limit, cursor } }) => {
    const rows = await openSessions(queries, caller.userId, nowMs(), { after: cursor === undefined ? null : readTimeCursor(cursor), limit: limit + 1 });
    const { shown, next_cursor } = paged(rows, limit, ({ usedAt, id }) => timeCursor(usedAt, id));
    return {
      sessions: shown.map((row) => ({
        id: row.id, device: row.device, created_at: row.createdAt.toISOString(), used_at: row.usedAt.toISOString(), expires_at: row.expiresAt.toISOString(), is_current: row.id === caller.sessionId,
      })),
      next_cursor,
    };
  });

  mount.on(contract.revokeSession, async ({ caller, params }) => {
    if (!(await endSession(queries, caller.userId, params.id, nowMs()))) throw new AppError('server/not-found');
  });

  mount.on(contract.revokeOtherSessions, ({ caller }) => endOtherSessions(queries, caller.userId, caller.sessionId, nowMs()));

  mount.on(contract.changePassword, ({ caller, body, address }) => accounts.changePassword(caller.userId, caller.sessionId, body.current_password, body.new_password, address));

  mount.on(contract.deleteAccount, ({ caller, body, address }) => accounts.remove(caller.userId, caller.sessionId, body.password, address));

  mount.on(contract.exportAccount, async ({ caller }) => {
    // All at once is more than reading.
    if (!(await isOpen(queries, caller.sessionId, nowMs()))) throw new AppError('account/sign-in');
    // Known before it begins: who has no account is told so.
    const data = Object.entries(await accounts.dataOf(caller.userId)).map(([name, found]) => [name, () => Promise.resolve(found)] as const);
    return new Response(writtenOut(caller.userId, { ...Object.fromEntries(data), ...belongings }), { headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } });
  });
}
