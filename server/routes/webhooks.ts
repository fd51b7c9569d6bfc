/** Webhooks of a workspace, and what was sent to them. For owners: whoever has the secret can speak in our name. */
import { randomBytes } from 'node:crypto';
import { and, desc, eq, lt } from 'drizzle-orm';
import * as contract from '../../shared/api/webhooks.ts';
import { AppError } from '../../shared/errors.ts';
import { writeAudit } from '../audit.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { Queries } from '../database/open-database.ts';
import { webhooks as hooks } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Quotas } from '../quotas.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import { wrongWebhookUrl } from '../webhooks/send-webhook.ts';
import type { Workspaces } from '../workspaces.ts';
import type { Mount } from './mount.ts';
import { paged } from './workspaces.ts';

export interface WebhookRouteParts {
  readonly queries: Queries;
  readonly workspaces: Workspaces;
  readonly quotas: Quotas;
  readonly deliveries: Deliveries;
  readonly nowMs: () => number;
}

type Row = typeof hooks.$inferSelect;
const SECRET_BYTES = 32;
/** Sent because somebody asked, not because something happened. */
const SEND_LIMIT: Limit = { tries: 60, window: 3600 };

const webhookOf = ({ id, workspaceId, url, isActive, createdAt }: Row) => ({ id, workspace_id: workspaceId, url, active: isActive, created_at: createdAt.toISOString() });

function checkedUrl(url: string): string {
  const wrong = wrongWebhookUrl(url);
  if (wrong !== null) throw new AppError('webhook/address', { detail: wrong });
  return new URL(url).href;
}

export function mountWebhooks(mount: Mount, { queries, workspaces, quotas, deliveries, nowMs }: WebhookRouteParts): void {
  async function owned(userId: string, id: string): Promise<Row> {
    const [row] = await queries.select().from(hooks).where(eq(hooks.id, id));
    if (!row) throw new AppError('server/not-found');
    await workspaces.allowed(userId, row.workspaceId, 'administer');
    return row;
  }

  mount.on(contract.createWebhook, async ({ caller, query, body }) => {
    const workspaceId = await workspaces.allowed(caller.userId, query.workspace_id ?? null, 'administer');
    const url = checkedUrl(body.url);
    const secret = randomBytes(SECRET_BYTES);
    const row = await queries.transaction(async (transaction) => {
      await quotas.room(transaction, workspaceId, 'webhooks');
      const [made] = await transaction.insert(hooks).values({ id: newId(nowMs()), workspaceId, url, secret, isActive: true, createdBy: caller.userId, createdAt: new Date(nowMs()) }).returning();
      await writeAudit(transaction, { userId: caller.userId, workspaceId, action: 'webhook.made', detail: { webhook: made!.id } }, nowMs());
      return made!;
    });
    return { ...webhookOf(row), secret: `whsec_${secret.toString('base64')}` };
  });

  mount.on(contract.listWebhooks, async ({ caller, query: { workspace_id, limit, cursor } }) => {
    const workspaceId = await workspaces.allowed(caller.userId, workspace_id ?? null, 'administer');
    const rows = await queries.select().from(hooks).where(and(eq(hooks.workspaceId, workspaceId), cursor === undefined ? undefined : lt(hooks.id, cursor))).orderBy(desc(hooks.id)).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, (row) => row.id);
    return { webhooks: shown.map(webhookOf), next_cursor };
  });

  mount.on(contract.updateWebhook, async ({ caller, params, body }) => {
    const row = await owned(caller.userId, params.id);
    const to = { url: body.url === undefined ? row.url : checkedUrl(body.url), isActive: body.active ?? row.isActive };
    return webhookOf(await queries.transaction(async (transaction) => {
      const [changed] = await transaction.update(hooks).set(to).where(eq(hooks.id, row.id)).returning();
      if (!changed) throw new AppError('server/not-found');
      await writeAudit(transaction, { userId: caller.userId, workspaceId: row.workspaceId, action: 'webhook.changed', detail: { webhook: row.id } }, nowMs());
      return changed;
    }));
  });

  mount.on(contract.deleteWebhook, async ({ caller, params }) => {
    const row = await owned(caller.userId, params.id);
    await queries.transaction(async (transaction) => {
      await transaction.delete(hooks).where(eq(hooks.id, row.id));
      await writeAudit(transaction, { userId: caller.userId, workspaceId: row.workspaceId, action: 'webhook.deleted', detail: { webhook: row.id } }, nowMs());
    });
  });

  mount.on(contract.testWebhook, async ({ caller, params }) => {
    const row = await owned(caller.userId, params.id);
    await countTry(queries, `webhook ${row.workspaceId}`, SEND_LIMIT, nowMs());
    await deliveries.test(row.id);
  });

  mount.on(contract.listDeliveries, async ({ caller, params, query: { state, limit, cursor } }) => {
    const row = await owned(caller.userId, params.id);
    const { shown, next_cursor } = paged(await deliveries.list(row.id, { state, before: cursor, limit: limit + 1 }), limit, ({ id }) => id);
    return {
      deliveries: shown.map(({ id, event, state: at, tries, lastStatus, lastError, createdAt, dueAt }) => ({
        id, event, state: at, tries, last_status: lastStatus, last_error: lastError, created_at: createdAt.toISOString(), next_try_at: at === 'waiting' ? dueAt.toISOString() : null,
      })),
      next_cursor,
    };
  });

  mount.on(contract.retryDelivery, async ({ caller, params }) => {
    const row = await owned(caller.userId, params.id);
    await countTry(queries, `webhook ${row.workspaceId}`, SEND_LIMIT, nowMs());
    if (!(await deliveries.again(row.id, params.delivery_id))) throw new AppError('server/not-found');
  });
}
