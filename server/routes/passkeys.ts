/** Passkeys: adding, naming, removing, signing in. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import * as contract from '../../shared/api/passkeys.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { Passkey, Passkeys } from '../auth/passkeys.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { Queries } from '../database/open-database.ts';
import type { Entrance } from './entrance.ts';
import type { Mount } from './mount.ts';
import { paged } from './workspaces.ts';

export interface PasskeyParts {
  readonly queries: Queries;
  readonly accounts: Accounts;
  readonly passkeys: Passkeys;
  readonly entrance: Entrance;
  readonly nowMs: () => number;
}

/** From one address; a passkey cannot be guessed, but each question is kept for a while. */
const LIMIT: Limit = { tries: 60, window: 15 * 60 };

const shown = ({ id, name, createdAt, usedAt }: Passkey) => ({ id, name, created_at: createdAt.toISOString(), used_at: usedAt?.toISOString() ?? null });
const plain = (options: object): Record<string, unknown> => ({ ...options });

export function mountPasskeys(mount: Mount, { queries, accounts, passkeys, entrance, nowMs }: PasskeyParts): void {
  mount.on(contract.listPasskeys, async ({ caller, query: { limit, cursor } }) => {
    // There are twenty at most.
    const found = (await passkeys.list(caller.userId)).filter(({ id }) => cursor === undefined || id > cursor);
    const page = paged(found, limit, ({ id }) => id);
    return { passkeys: page.shown.map(shown), next_cursor: page.next_cursor };
  });

  mount.on(contract.askPasskey, async ({ caller, context }) => {
    const { email } = await accounts.account(caller.userId);
    return plain(await passkeys.askToAdd(caller.userId, email, entrance.originOf(context)));
  });

  mount.on(contract.addPasskey, async ({ caller, body, context }) => shown(await passkeys.add(caller.userId, body.name, body.response as unknown as RegistrationResponseJSON, entrance.originOf(context))));

  mount.on(contract.renamePasskey, ({ caller, params, body }) => passkeys.rename(caller.userId, params.id, body.name));

  mount.on(contract.removePasskey, ({ caller, params }) => passkeys.remove(caller.userId, params.id));

  mount.on(contract.askPasskeyLogin, async ({ address, context }) => {
    await countTry(queries, `passkey ${address}`, LIMIT, nowMs());
    return plain(await passkeys.askToEnter(entrance.originOf(context)));
  });

  mount.on(contract.passkeyLogin, async ({ body, address, context }) => {
    if (body.mode === 'cookie') entrance.checkOrigin(context);
    await countTry(queries, `passkey ${address}`, LIMIT, nowMs());
    const userId = await passkeys.enter(body.response as unknown as AuthenticationResponseJSON, entrance.originOf(context));
    return entrance.enter(context, await accounts.account(userId), body.device, body.mode);
  });
}
