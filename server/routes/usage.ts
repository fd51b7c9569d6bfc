/** What the caller used, day by day. */
import * as contract from '../../shared/api/usage.ts';
import type { Queries } from '../database/open-database.ts';
import { usageOf } from '../usage.ts';
import type { Mount } from './mount.ts';
import { paged } from './workspaces.ts';

export function mountUsage(mount: Mount, { queries }: { readonly queries: Queries }): void {
  mount.on(contract.listUsage, async ({ caller, query: { from, to, limit, cursor } }) => {
    const { shown, next_cursor } = paged(await usageOf(queries, caller.userId, { from, to, before: cursor, limit: limit + 1 }), limit, ({ day }) => day);
    return { days: [...shown], next_cursor };
  });
}
