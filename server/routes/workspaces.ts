/** Workspaces and their members. */
import { and, asc, count, eq, gt } from 'drizzle-orm';
import * as contract from '../../shared/api/workspaces.ts';
import { AppError } from '../../shared/errors.ts';
import { readAudit, writeAudit } from '../audit.ts';
import type { Queries } from '../database/open-database.ts';
import { memberships, users, workspaces as workspaceTable } from '../database/schema.ts';
import { newId } from '../ids.ts';
import { MOST_WORKSPACES, type Quotas } from '../quotas.ts';
import type { Workspaces } from '../workspaces.ts';
import type { Mount } from './mount.ts';

export interface WorkspaceRouteParts {
  readonly queries: Queries;
  readonly workspaces: Workspaces;
  readonly quotas: Quotas;
  readonly nowMs: () => number;
}

type Transaction = Parameters<Parameters<Queries['transaction']>[0]>[0];
type Reader = Pick<Queries, 'select'>;

/** @returns what a list shows, and where it goes on */
export function paged<T>(rows: readonly T[], limit: number, idOf: (row: T) => string): { shown: readonly T[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  return { shown, next_cursor: rows.length > limit ? idOf(shown.at(-1)!) : null };
}

/** One more. @throws AppError 'workspace/full' */
export async function roomToBelong(reader: Reader, userId: string): Promise<void> {
  const [row] = await reader.select({ count: count() }).from(memberships).where(eq(memberships.userId, userId));
  if (row!.count >= MOST_WORKSPACES) throw new AppError('workspace/full', { what: 'workspaces', most: MOST_WORKSPACES });
}

/** As its member sees it. @throws AppError 'server/not-found' */
export async function workspaceFor(reader: Reader, userId: string, id: string) {
  const [row] = await reader
    .select({ id: workspaceTable.id, name: workspaceTable.name, personalOf: workspaceTable.personalOf, role: memberships.role, createdAt: workspaceTable.createdAt })
    .from(memberships).innerJoin(workspaceTable, eq(workspaceTable.id, memberships.workspaceId))
    .where(and(eq(memberships.userId, userId), eq(workspaceTable.id, id)));
  if (!row) throw new AppError('server/not-found');
  const { personalOf, createdAt, ...rest } = row;
  return { ...rest, personal: personalOf !== null, created_at: createdAt.toISOString() };
}

export function mountWorkspaces(mount: Mount, { queries, workspaces, quotas, nowMs }: WorkspaceRouteParts): void {
  /** One change of its members after the other, so that two owners cannot both go at once. */
  const ruling = <T>(workspaceId: string, work: (transaction: Transaction, personalOf: string | null) => Promise<T>): Promise<T> =>
    queries.transaction(async (transaction) => {
      const [row] = await transaction.select({ personalOf: workspaceTable.personalOf }).from(workspaceTable).where(eq(workspaceTable.id, workspaceId)).for('update');
      if (!row) throw new AppError('server/not-found');
      return work(transaction, row.personalOf);
    });

  const theirs = (workspaceId: string, userId: string) => and(eq(memberships.workspaceId, workspaceId), eq(memberships.userId, userId));

  /** @throws AppError 'workspace/last-owner' where nobody would own it without this one */
  async function anotherOwner(reader: Reader, workspaceId: string, userId: string): Promise<void> {
    const owners = await reader.select({ userId: memberships.userId }).from(memberships).where(and(eq(memberships.workspaceId, workspaceId), eq(memberships.role, 'owner')));
    if (owners.every((owner) => owner.userId === userId)) throw new AppError('workspace/last-owner');
  }

  async function memberOf(reader: Reader, workspaceId: string, userId: string) {
    const [row] = await reader.select({ user_id: users.id, email: users.email, role: memberships.role, createdAt: memberships.createdAt })
      .from(memberships).innerJoin(users, eq(users.id, memberships.userId)).where(theirs(workspaceId, userId));
    if (!row) throw new AppError('server/not-found');
    const { createdAt, ...rest } = row;
    return { ...rest, created_at: createdAt.toISOString() };
  }

  async function takeOut(workspaceId: string, userId: string, by: string): Promise<void> {
    await ruling(workspaceId, async (transaction, personalOf) => {
      if (personalOf === userId) throw new AppError('workspace/personal');
      const { role } = await memberOf(transaction, workspaceId, userId);
      if (role === 'owner') await anotherOwner(transaction, workspaceId, userId);
      await transaction.delete(memberships).where(theirs(workspaceId, userId));
      await writeAudit(transaction, { userId: by, workspaceId, action: by === userId ? 'member.left' : 'member.removed', detail: { member: userId } }, nowMs());
    });
  }

  mount.on(contract.listWorkspaces, async ({ caller, query: { limit, cursor } }) => {
    const rows = await queries
      .select({ id: workspaceTable.id, name: workspaceTable.name, personalOf: workspaceTable.personalOf, role: memberships.role, createdAt: workspaceTable.createdAt })
      .from(memberships).innerJoin(workspaceTable, eq(workspaceTable.id, memberships.workspaceId))
      .where(and(eq(memberships.userId, caller.userId), cursor === undefined ? undefined : gt(workspaceTable.id, cursor)))
      .orderBy(asc(workspaceTable.id)).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, (row) => row.id);
    return { workspaces: shown.map(({ personalOf, createdAt, ...rest }) => ({ ...rest, personal: personalOf !== null, created_at: createdAt.toISOString() })), next_cursor };
  });

  mount.on(contract.createWorkspace, ({ caller, body }) =>
    queries.transaction(async (transaction) => {
      await roomToBelong(transaction, caller.userId);
      const [id, createdAt] = [newId(nowMs()), new Date(nowMs())];
      await transaction.insert(workspaceTable).values({ id, name: body.name, createdAt });
      await transaction.insert(memberships).values({ workspaceId: id, userId: caller.userId, role: 'owner', createdAt });
      await writeAudit(transaction, { userId: caller.userId, workspaceId: id, action: 'workspace.made' }, nowMs());
      return workspaceFor(transaction, caller.userId, id);
    }));

  mount.on(contract.getWorkspace, async ({ caller, params }) => {
    const workspace = await workspaceFor(queries, caller.userId, params.id);
    const used = { members: await quotas.used(queries, params.id, 'members'), presets: await quotas.used(queries, params.id, 'presets'), webhooks: await quotas.used(queries, params.id, 'webhooks') };
    return { ...workspace, quotas: await quotas.of(queries, params.id), used };
  });

  mount.on(contract.renameWorkspace, async ({ caller, params, body }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    await queries.transaction(async (transaction) => {
      await transaction.update(workspaceTable).set({ name: body.name }).where(eq(workspaceTable.id, params.id));
      await writeAudit(transaction, { userId: caller.userId, workspaceId: params.id, action: 'workspace.renamed' }, nowMs());
    });
    return workspaceFor(queries, caller.userId, params.id);
  });

  mount.on(contract.deleteWorkspace, async ({ caller, params }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    await ruling(params.id, async (transaction, personalOf) => {
      if (personalOf !== null) throw new AppError('workspace/personal');
      await transaction.delete(workspaceTable).where(eq(workspaceTable.id, params.id));
      // About the account from now on: there is no workspace to be about.
      await writeAudit(transaction, { userId: caller.userId, workspaceId: null, action: 'workspace.deleted', detail: { workspace: params.id } }, nowMs());
    });
  });

  mount.on(contract.listMembers, async ({ caller, params, query: { limit, cursor } }) => {
    await workspaces.allowed(caller.userId, params.id, 'read');
    const rows = await queries.select({ user_id: users.id, email: users.email, role: memberships.role, createdAt: memberships.createdAt })
      .from(memberships).innerJoin(users, eq(users.id, memberships.userId))
      .where(and(eq(memberships.workspaceId, params.id), cursor === undefined ? undefined : gt(users.id, cursor)))
      .orderBy(asc(users.id)).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, (row) => row.user_id);
    return { members: shown.map(({ createdAt, ...rest }) => ({ ...rest, created_at: createdAt.toISOString() })), next_cursor };
  });

  mount.on(contract.changeMember, async ({ caller, params, body }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    return ruling(params.id, async (transaction, personalOf) => {
      const { role } = await memberOf(transaction, params.id, params.user_id);
      if (personalOf === params.user_id) throw new AppError('workspace/personal');
      if (role === 'owner' && body.role !== 'owner') await anotherOwner(transaction, params.id, params.user_id);
      await transaction.update(memberships).set({ role: body.role }).where(theirs(params.id, params.user_id));
      await writeAudit(transaction, { userId: caller.userId, workspaceId: params.id, action: 'member.role', detail: { member: params.user_id, role: body.role } }, nowMs());
      return memberOf(transaction, params.id, params.user_id);
    });
  });

  mount.on(contract.removeMember, async ({ caller, params }) => {
    await workspaces.allowed(caller.userId, params.id, caller.userId === params.user_id ? 'read' : 'administer');
    await takeOut(params.id, params.user_id, caller.userId);
  });

  mount.on(contract.leaveWorkspace, async ({ caller, params }) => {
    await workspaces.allowed(caller.userId, params.id, 'read');
    await takeOut(params.id, caller.userId, caller.userId);
  });

  mount.on(contract.transferWorkspace, async ({ caller, params, body }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    await ruling(params.id, async (transaction, personalOf) => {
      if (personalOf !== null) throw new AppError('workspace/personal');
      await memberOf(transaction, params.id, body.user_id);
      await transaction.update(memberships).set({ role: 'editor' }).where(theirs(params.id, caller.userId));
      await transaction.update(memberships).set({ role: 'owner' }).where(theirs(params.id, body.user_id));
      await writeAudit(transaction, { userId: caller.userId, workspaceId: params.id, action: 'workspace.transferred', detail: { to: body.user_id } }, nowMs());
    });
    return workspaceFor(queries, caller.userId, params.id);
  });

  mount.on(contract.listAudit, async ({ caller, query: { workspace_id, limit, cursor } }) => {
    const workspaceId = await workspaces.allowed(caller.userId, workspace_id ?? null, 'administer');
    const { personal } = await workspaceFor(queries, caller.userId, workspaceId);
    const [own] = await queries.select({ id: workspaceTable.id }).from(workspaceTable).where(eq(workspaceTable.personalOf, caller.userId));
    const rows = await readAudit(queries, workspaceId, personal && own?.id === workspaceId ? caller.userId : null, cursor, limit + 1);
    const { shown, next_cursor } = paged(rows, limit, ({ id }) => id);
    return { entries: shown.map((row) => ({ id: row.id, at: row.at.toISOString(), user_id: row.userId, action: row.action, detail: row.detail as Record<string, unknown> })), next_cursor };
  });
}
