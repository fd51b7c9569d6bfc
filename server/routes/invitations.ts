/** Invitations into workspaces: they wait for whoever is meant, and tell nobody whether an address has an account. */
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import * as contract from '../../shared/api/workspaces.ts';
import { AppError } from '../../shared/errors.ts';
import { writeAudit } from '../audit.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import { memberships, users, workspaceInvitations as invitations, workspaces as workspaceTable } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Mount } from './mount.ts';
import { paged, roomToBelong, workspaceFor, type WorkspaceRouteParts } from './workspaces.ts';

const DAY_MS = 24 * 3600 * 1000;
const LASTS_MS = 14 * DAY_MS;
const INVITE_LIMIT: Limit = { tries: 100, window: 24 * 3600 };

type Row = typeof invitations.$inferSelect;
const invitationOf = ({ id, email, role, createdAt, expiresAt }: Row) => ({ id, email, role, created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() });

export function mountInvitations(mount: Mount, { queries, workspaces, quotas, nowMs }: WorkspaceRouteParts): void {
  const now = () => new Date(nowMs());

  mount.on(contract.invite, async ({ caller, params, body: { email, role } }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    await countTry(queries, `invite ${caller.userId}`, INVITE_LIMIT, nowMs());
    return invitationOf(await queries.transaction(async (transaction) => {
      await quotas.room(transaction, params.id, 'members');
      const [account] = await transaction.select({ id: users.id }).from(users).where(eq(sql`lower(${users.email})`, email.normalize('NFC').toLowerCase()));
      // The same row, written the same way, whether there is an account or none; asked again it begins anew.
      const said = { email, role, userId: account?.id ?? null, invitedBy: caller.userId, createdAt: now(), expiresAt: new Date(nowMs() + LASTS_MS) };
      await transaction.delete(invitations).where(and(eq(invitations.workspaceId, params.id), eq(sql`lower(${invitations.email})`, email.toLowerCase())));
      const [row] = await transaction.insert(invitations).values({ id: newId(nowMs()), workspaceId: params.id, ...said }).returning();
      await writeAudit(transaction, { userId: caller.userId, workspaceId: params.id, action: 'member.invited', detail: { invitation: row!.id, role } }, nowMs());
      return row!;
    }));
  });

  mount.on(contract.listInvitations, async ({ caller, params, query: { limit, cursor } }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    const rows = await queries.select().from(invitations)
      .where(and(eq(invitations.workspaceId, params.id), gt(invitations.expiresAt, now()), cursor === undefined ? undefined : gt(invitations.id, cursor)))
      .orderBy(asc(invitations.id)).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, (row) => row.id);
    return { invitations: shown.map(invitationOf), next_cursor };
  });

  mount.on(contract.revokeInvitation, async ({ caller, params }) => {
    await workspaces.allowed(caller.userId, params.id, 'administer');
    await queries.transaction(async (transaction) => {
      const gone = await transaction.delete(invitations).where(and(eq(invitations.id, params.invitation_id), eq(invitations.workspaceId, params.id))).returning({ id: invitations.id });
      if (gone.length === 0) throw new AppError('server/not-found');
      await writeAudit(transaction, { userId: caller.userId, workspaceId: params.id, action: 'invitation.revoked', detail: { invitation: params.invitation_id } }, nowMs());
    });
  });

  const mine = (userId: string, id: string) => and(eq(invitations.id, id), eq(invitations.userId, userId), gt(invitations.expiresAt, now()));

  mount.on(contract.myInvitations, async ({ caller, query: { limit, cursor } }) => {
    const rows = await queries
      .select({ id: invitations.id, workspace: workspaceTable.name, invitedBy: users.email, role: invitations.role, createdAt: invitations.createdAt, expiresAt: invitations.expiresAt })
      .from(invitations).innerJoin(workspaceTable, eq(workspaceTable.id, invitations.workspaceId)).leftJoin(users, eq(users.id, invitations.invitedBy))
      .where(and(eq(invitations.userId, caller.userId), gt(invitations.expiresAt, now()), cursor === undefined ? undefined : gt(invitations.id, cursor)))
      .orderBy(asc(invitations.id)).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, (row) => row.id);
    return { invitations: shown.map(({ id, workspace, invitedBy, role, createdAt, expiresAt }) => ({ id, workspace, invited_by: invitedBy, role, created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() })), next_cursor };
  });

  mount.on(contract.acceptInvitation, async ({ caller, params }) =>
    queries.transaction(async (transaction) => {
      const [row] = await transaction.delete(invitations).where(mine(caller.userId, params.id)).returning();
      if (!row) throw new AppError('server/not-found');
      // Whoever is in already keeps the role they have.
      await transaction.select({ id: workspaceTable.id }).from(workspaceTable).where(eq(workspaceTable.id, row.workspaceId)).for('update');
      const [member] = await transaction.select({ role: memberships.role }).from(memberships).where(and(eq(memberships.workspaceId, row.workspaceId), eq(memberships.userId, caller.userId)));
      if (!member) {
        await quotas.room(transaction, row.workspaceId, 'members');
        await roomToBelong(transaction, caller.userId);
        await transaction.insert(memberships).values({ workspaceId: row.workspaceId, userId: caller.userId, role: row.role, createdAt: now() });
        await writeAudit(transaction, { userId: caller.userId, workspaceId: row.workspaceId, action: 'member.joined', detail: { role: row.role } }, nowMs());
      }
      return workspaceFor(transaction, caller.userId, row.workspaceId);
    }));

  mount.on(contract.declineInvitation, async ({ caller, params }) => {
    const gone = await queries.delete(invitations).where(mine(caller.userId, params.id)).returning({ id: invitations.id });
    if (gone.length === 0) throw new AppError('server/not-found');
  });
}
