/** Who may do what in a workspace: asked in this one place, by everything that belongs to one. */
import { and, eq, sql } from 'drizzle-orm';
import { AppError } from '../shared/errors.ts';
import type { Queries } from './database/open-database.ts';
import { memberships, workspaces } from './database/schema.ts';

export type Deed = 'read' | 'write' | 'administer';

const ALLOWED = { viewer: ['read'], editor: ['read', 'write'], owner: ['read', 'write', 'administer'] } as const satisfies Record<string, readonly Deed[]>;

export interface Workspaces {
  /**
   * The workspace somebody means, once it is known that they may.
   * @param given null: their own
   * @throws AppError 'server/not-found' where they are no member, as if there were none; 'account/not-allowed' where their role does not reach
   */
  allowed(userId: string, given: string | null, deed: Deed): Promise<string>;
}

export function createWorkspaces(queries: Queries): Workspaces {
  return {
    async allowed(userId, given, deed) {
      const [found] = await queries
        .select({ id: workspaces.id, role: memberships.role })
        .from(memberships)
        .innerJoin(workspaces, eq(workspaces.id, memberships.workspaceId))
        .where(and(eq(memberships.userId, userId), given === null ? eq(workspaces.personalOf, userId) : eq(workspaces.id, given)));
      if (!found) throw new AppError('server/not-found');
      if (!(ALLOWED[found.role] as readonly Deed[]).includes(deed)) throw new AppError('account/not-allowed');
      return found.id;
    },
  };
}

/**
 * Before an account goes: workspaces that nobody else belongs to go with it; those it owned alone get the member of longest
 * standing as their owner, an editor before a viewer.
 */
export async function leaveWorkspaces(writer: Pick<Queries, 'execute'>, userId: string): Promise<void> {
  await writer.execute(sql`
    DELETE FROM workspaces WHERE id IN (SELECT workspace_id FROM memberships WHERE user_id = ${userId})
      AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.workspace_id = workspaces.id AND m.user_id <> ${userId})`);
  await writer.execute(sql`
    UPDATE memberships SET role = 'owner' FROM (
      SELECT DISTINCT ON (m.workspace_id) m.workspace_id, m.user_id FROM memberships m
      WHERE m.user_id <> ${userId}
        AND m.workspace_id IN (SELECT workspace_id FROM memberships WHERE user_id = ${userId} AND role = 'owner')
        AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.user_id <> ${userId})
      ORDER BY m.workspace_id, m.role = 'viewer', m.created_at, m.user_id
    ) heir WHERE memberships.workspace_id = heir.workspace_id AND memberships.user_id = heir.user_id`);
}
