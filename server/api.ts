/** Everything under /api: who calls, how often, and the routes. Opened once the database is. */
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../shared/errors.ts';
import type { RouteContract } from '../shared/api/contract.ts';
import type { WorkspaceQuotas } from '../shared/api/workspaces.ts';
import type { RawRouteContract } from '../shared/api/raw-contract.ts';
import { createAccessTokens, type TokenCaller } from './auth/access-tokens.ts';
import { createAccounts } from './auth/accounts.ts';
import { createPasswords } from './auth/passwords.ts';
import { serverKey } from './auth/server-keys.ts';
import type { Database } from './database/open-database.ts';
import { failure } from './failure.ts';
import { createJobEvents, type JobEvents, jobNews } from './job-events.ts';
import { createJobs } from './jobs.ts';
import { createDocs } from './routes/docs.ts';
import { mountAuth } from './routes/auth.ts';
import { type JobRouteParts, mountJobs } from './routes/jobs.ts';
import { mountPresets } from './routes/presets.ts';
import { mountInvitations } from './routes/invitations.ts';
import { mountWebhooks } from './routes/webhooks.ts';
import { mountWorkspaces } from './routes/workspaces.ts';
import { createDeliveries, type Deliveries } from './webhooks/deliveries.ts';
import { createWebhookSender, type SendWebhook } from './webhooks/send-webhook.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Check } from './routes/monitoring.ts';
import { createMount, MOST_BODY_BYTES, type MountParts } from './routes/mount.ts';
import { createQuotas } from './quotas.ts';
import { createWorkspaces } from './workspaces.ts';

export interface ApiParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** The page is served over TLS. */
  readonly isSecure: boolean;
  readonly addressOf: MountParts['addressOf'];
  /** Where a stored file is; none is while nothing stores files. */
  readonly fileUrl?: JobRouteParts['fileUrl'];
  /** Of event streams; tests are less patient. */
  readonly heartbeatMs?: number;
  readonly workspaceQuotas?: WorkspaceQuotas | undefined;
  readonly metrics?: Metrics;
  /** Tests have webhooks of their own. */
  readonly sendWebhook?: SendWebhook;
}

export interface Api {
  readonly app: Hono;
  /** What is mounted: for the reference, and for tests that attack every route. */
  readonly contracts: readonly (RouteContract | RawRouteContract)[];
  readonly events: JobEvents;
  readonly deliveries: Deliveries;
  /** What has to work for it to work, by name. */
  readonly checks: Readonly<Record<string, Check>>;
  /** What goes on without being asked: webhooks are sent. */
  start(): void;
  /** Event streams end, what is being sent is waited for. The database stays open. */
  close(): Promise<void>;
}

const { version: VERSION } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export async function createApi({ database, nowMs, isSecure, addressOf, fileUrl = async () => null, heartbeatMs, workspaceQuotas, metrics = createMetrics(), sendWebhook }: ApiParts): Promise<Api> {
  const { queries, news } = database;
  const tokens = createAccessTokens(await serverKey(queries, 'access-tokens', nowMs()));
  const app = new Hono();
  app.notFound((c) => failure(c, new AppError('server/not-found')));
  app.onError((thrown, c) => failure(c, thrown));
  app.use('/api/*', bodyLimit({ maxSize: MOST_BODY_BYTES, onError: () => { throw new AppError('request/too-large'); } }));
  const mount = createMount(app, {
    addressOf,
    async callerOf(context): Promise<TokenCaller | null> {
      const header = context.req.header('authorization');
      if (header === undefined) return null;
      const [, token] = BEARER.exec(header) ?? [];
      if (!token) throw new AppError('account/sign-in');
      return tokens.check(token, nowMs());
    },
  });
  const accounts = createAccounts({ queries, passwords: createPasswords(), nowMs });
  const workspaces = createWorkspaces(queries);
  const quotas = createQuotas(workspaceQuotas);
  mountPresets(mount, { queries, workspaces, quotas, nowMs });
  const deliveries = createDeliveries({ queries, news, send: sendWebhook ?? createWebhookSender({ nowMs }), nowMs, metrics });
  const jobs = createJobs({
    queries, nowMs, onMoving: deliveries.note,
    onMoved({ row, from, metrics: measured }) {
      news.tell(jobNews(row.workspaceId));
      if (row.status !== from) metrics.job(row.status, row.finishedAt ? (row.finishedAt.getTime() - row.createdAt.getTime()) / 1000 : undefined);
      if (measured) metrics.quality(measured);
      if (row.status !== from && row.finishedAt !== null) deliveries.wake();
    },
  });
  const events = createJobEvents({ queries, news, jobs, workspaces, nowMs, heartbeatMs });
  metrics.streams(events.count);
  mountJobs(mount, { queries, jobs, events, workspaces, quotas, nowMs, fileUrl });
  mountWorkspaces(mount, { queries, workspaces, quotas, nowMs });
  mountInvitations(mount, { queries, workspaces, quotas, nowMs });
  mountWebhooks(mount, { queries, workspaces, quotas, deliveries, nowMs });
  mountAuth(mount, { queries, accounts, tokens, nowMs, isSecure });
  app.route('/', createDocs({ version: VERSION, contracts: mount.mounted }));
  let worker: ReturnType<Deliveries['start']> | undefined;
  return {
    app, contracts: mount.mounted, events, deliveries,
    checks: { database: () => database.ping() },
    start: () => void (worker ??= deliveries.start()),
    async close() {
      events.end();
      await worker?.stop();
    },
  };
}
