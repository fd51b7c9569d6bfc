/** What happened, written down: signing in, sharing, deleting, ruling. Never an address, a password or a key. */
import { and, desc, eq, isNull, lt, or } from 'drizzle-orm';
import type { Queries } from './database/open-database.ts';
import { auditLogs } from './database/schema.ts';

export interface AuditEntry {
  readonly userId: string | null;
  /** null: it is about the account alone. */
  readonly workspaceId: string | null;
  readonly action: string;
  readonly detail?: Readonly<Record<string, string | number>>;
}

/** With the deed itself, in its transaction, so that neither is there without the other. */
export async function writeAudit(writer: Pick<Queries, 'insert'>, { userId, workspaceId, action, detail = {} }: AuditEntry, nowMs: number): Promise<void> {
  await writer.insert(auditLogs).values({ at: new Date(nowMs), userId, workspaceId, action, detail });
}

/** The newest first. @param personalOf  also what is about this account alone */
export const readAudit = (queries: Queries, workspaceId: string, personalOf: string | null, before: string | undefined, limit: number) =>
  queries.select().from(auditLogs)
    .where(and(
      or(eq(auditLogs.workspaceId, workspaceId), personalOf === null ? undefined : and(isNull(auditLogs.workspaceId), eq(auditLogs.userId, personalOf))),
      before === undefined ? undefined : lt(auditLogs.id, before),
    ))
    .orderBy(desc(auditLogs.id)).limit(limit);
