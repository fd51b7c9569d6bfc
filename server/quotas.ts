/** How much a workspace may have: what the configuration says, unless its own row says otherwise. */
import { count, eq } from 'drizzle-orm';
import { DEFAULT_QUOTAS, type WorkspaceQuotas } from '../shared/api/workspaces.ts';
import { AppError } from '../shared/errors.ts';
import type { Queries } from './database/open-database.ts';
import { memberships, presets, webhooks, workspaces } from './database/schema.ts';

/** Somebody may belong to so many. */
export const MOST_WORKSPACES = 50;

type Reader = Pick<Queries, 'select'>;
export type Counted = 'members' | 'presets' | 'webhooks';

const TABLES = { members: memberships, presets, webhooks } as const;

export function createQuotas(defaults: WorkspaceQuotas = DEFAULT_QUOTAS) {
  async function of(reader: Reader, workspaceId: string): Promise<WorkspaceQuotas> {
    const [row] = await reader.select({ quotas: workspaces.quotas }).from(workspaces).where(eq(workspaces.id, workspaceId));
    return { ...defaults, ...row?.quotas };
  }
  async function used(reader: Reader, workspaceId: string, what: Counted): Promise<number> {
    const table = TABLES[what];
    const [row] = await reader.select({ count: count() }).from(table).where(eq(table.workspaceId, workspaceId));
    return row!.count;
  }
  return {
    of, used,
    /** Room for one more, to the end of the transaction: of two that come at once the second counts the first. @throws AppError 'workspace/full' */
    async room(reader: Reader, workspaceId: string, what: Counted): Promise<void> {
      await reader.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.id, workspaceId)).for('no key update');
      const [most, have] = [(await of(reader, workspaceId))[what], await used(reader, workspaceId, what)];
      if (have >= most) throw new AppError('workspace/full', { what, most });
    },
  };
}

export type Quotas = ReturnType<typeof createQuotas>;
