/** Who may do what in a workspace: asked in this one place, by everything that belongs to one. */
import { and, eq } from 'drizzle-orm';
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
