/**
 * What is told to webhooks: written down with the change it is about, sent afterwards by whichever instance takes it, tried again
 * with growing pauses, given up to be looked at. A message may come twice (an instance that dies between the answer and the note);
 * its id tells.
 */
import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { jobOverEvent } from '../../shared/api/webhooks.ts';
import type { Queries } from '../database/open-database.ts';
import type { News } from '../database/news.ts';
import { webhookDeliveries, webhooks } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { JobMove } from '../jobs.ts';
import type { Metrics } from '../metrics.ts';
import type { SendWebhook } from './send-webhook.ts';

type Writer = Pick<Queries, 'insert' | 'select'>;
export type DeliveryRow = typeof webhookDeliveries.$inferSelect;

export interface DeliveriesParts {
  readonly queries: Queries;
  readonly news: News;
  readonly send: SendWebhook;
  readonly nowMs: () => number;
  readonly metrics: Pick<Metrics, 'webhook'>;
  /** 0 to 1. */
  readonly random?: () => number;
}

/** Some eleven hours altogether. */
export const MOST_TRIES = 9;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 6 * 3600 * 1000;
/** An instance that took a delivery has this time for it; then another may. */
const LEASE_MS = 60_000;
const AT_ONCE = 10;
/** Due ones are looked for so often even when no news comes. */
const LOOK_MS = 5000;
const CLEAN_MS = 3600 * 1000;
const KEPT_MS = 14 * 24 * 3600 * 1000;
const WEBHOOK_NEWS = 'webhooks';

/**
 * The pause after the n-th try, ms: it triples, half of it left to chance, so that what failed together does not come again together.
 * Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015 ("equal jitter").
 */
export function pauseMs(tries: number, random: () => number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 3 ** (tries - 1));
  return longest / 2 + (longest / 2) * random();
}

export function createDeliveries({ queries, news, send, nowMs, metrics, random = Math.random }: DeliveriesParts) {
  async function add(writer: Writer, webhookIds: readonly string[], event: string, data: unknown): Promise<void> {
    if (webhookIds.length === 0) return;
    const now = new Date(nowMs());
    const body = JSON.stringify({ type: event, timestamp: now.toISOString(), data });
    await writer.insert(webhookDeliveries).values(webhookIds.map((webhookId) => ({ id: newId(nowMs()), webhookId, event, body, state: 'waiting' as const, tries: 0, dueAt: now, createdAt: now })));
  }

  /** Takes some that are due, so that no other instance does. */
  async function take(): Promise<DeliveryRow[]> {
    const now = new Date(nowMs()).toISOString();
    const due = sql`(SELECT id FROM webhook_deliveries WHERE state = 'waiting' AND due_at <= ${now} ORDER BY due_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)`;
    return queries.update(webhookDeliveries).set({ tries: sql`${webhookDeliveries.tries} + 1`, dueAt: new Date(nowMs() + LEASE_MS) }).where(sql`${webhookDeliveries.id} IN ${due}`).returning();
  }

  async function deliver(row: DeliveryRow): Promise<void> {
    const [hook] = await queries.select().from(webhooks).where(eq(webhooks.id, row.webhookId));
    if (!hook) return;
    const { isTaken, status, error } = hook.isActive ? await send({ id: row.id, url: hook.url, secret: hook.secret, body: row.body }) : { isTaken: false, status: null, error: 'the webhook is switched off' };
    const now = new Date(nowMs());
    const isDead = !isTaken && (row.tries >= MOST_TRIES || !hook.isActive);
    metrics.webhook(isTaken ? 'taken' : isDead ? 'dead' : 'refused');
    const to = isTaken ? { state: 'delivered' as const, endedAt: now } : isDead ? { state: 'dead' as const, endedAt: now } : { dueAt: new Date(nowMs() + pauseMs(row.tries, random)) };
    // Not if it took longer than its time and another instance has it now.
    await queries.update(webhookDeliveries).set({ ...to, lastStatus: status, lastError: error }).where(and(eq(webhookDeliveries.id, row.id), eq(webhookDeliveries.tries, row.tries), eq(webhookDeliveries.state, 'waiting')));
  }

  async function work(): Promise<number> {
    const taken = await take();
    await Promise.all(taken.map(deliver));
    return taken.length;
  }

  const api = {
    /** In the transaction of a job's change. */
    async note(writer: Writer, { row, from, metrics }: JobMove): Promise<void> {
      if (row.status === from || (row.status !== 'COMPLETED' && row.status !== 'FAILED')) return;
      const hooks = await writer.select({ id: webhooks.id }).from(webhooks).where(and(eq(webhooks.workspaceId, row.workspaceId), eq(webhooks.isActive, true)));
      await add(writer, hooks.map(({ id }) => id), row.status === 'COMPLETED' ? 'job.completed' : 'job.failed', jobOverEvent(row, metrics));
    },

    async test(webhookId: string): Promise<void> {
      await add(queries, [webhookId], 'ping', {});
      news.tell(WEBHOOK_NEWS);
    },

    /** There may be something to do. */
    wake: (): void => news.tell(WEBHOOK_NEWS),

    /** The newest first. */
    list: (webhookId: string, { state, before, limit }: { state: DeliveryRow['state'] | undefined; before: string | undefined; limit: number }): Promise<DeliveryRow[]> =>
      queries.select().from(webhookDeliveries)
        .where(and(eq(webhookDeliveries.webhookId, webhookId), state && eq(webhookDeliveries.state, state), before === undefined ? undefined : lt(webhookDeliveries.id, before)))
        .orderBy(desc(webhookDeliveries.id)).limit(limit),

    /** Once more from the start. @returns false where there is no such delivery, or it waits already */
    async again(webhookId: string, id: string): Promise<boolean> {
      const done = await queries.update(webhookDeliveries).set({ state: 'waiting', tries: 0, dueAt: new Date(nowMs()), endedAt: null })
        .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.webhookId, webhookId), inArray(webhookDeliveries.state, ['dead', 'delivered']))).returning({ id: webhookDeliveries.id });
      if (done.length > 0) news.tell(WEBHOOK_NEWS);
      return done.length > 0;
    },

    /** One round. @returns how many were tried */
    work,

    /** Works until it is told to stop, which waits for the round under way. */
    start(): { stop(): Promise<void> } {
      let isStopped = false;
      let timer: NodeJS.Timeout | undefined;
      let cleanedMs = 0;
      let turn: Promise<void> = Promise.resolve();
      const round = (): void => {
        turn = turn.then(async () => {
          clearTimeout(timer);
          try {
            while (!isStopped && (await work()) === AT_ONCE);
            if (!isStopped && nowMs() - cleanedMs > CLEAN_MS) {
              cleanedMs = nowMs();
              await queries.delete(webhookDeliveries).where(and(inArray(webhookDeliveries.state, ['delivered', 'dead']), lt(webhookDeliveries.endedAt, new Date(nowMs() - KEPT_MS))));
            }
          } catch {
            // The database is away; the next look may find it.
          }
          clearTimeout(timer);
          if (!isStopped) timer = setTimeout(round, LOOK_MS).unref();
        });
      };
      const stopListening = news.on(WEBHOOK_NEWS, round);
      round();
      return {
        async stop() {
          isStopped = true;
          stopListening();
          clearTimeout(timer);
          await turn;
        },
      };
    },
  };
  return api;
}

export type Deliveries = ReturnType<typeof createDeliveries>;
