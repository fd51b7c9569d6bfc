/** Everything under /api: who calls, how often, and the routes. Opened once the database is. */
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { AppError } from '../shared/errors.ts';
import type { RouteContract } from '../shared/api/contract.ts';
import type { WorkspaceQuotas } from '../shared/api/workspaces.ts';
import type { RawRouteContract } from '../shared/api/raw-contract.ts';
import { createAccessTokens, type TokenCaller } from './auth/access-tokens.ts';
import { cleanAccounts, createAccounts } from './auth/accounts.ts';
import { workspaceBelongings } from './auth/belongings.ts';
import { createOpenId, type ProviderPlace } from './auth/openid.ts';
import { createPasskeys } from './auth/passkeys.ts';
import { createPasswords } from './auth/passwords.ts';
import { type BlobService, type BlobServiceParts, createBlobService } from './blobs/blob-service.ts';
import { serverKey } from './auth/server-keys.ts';
import { isOpen } from './auth/sessions.ts';
import type { Database } from './database/open-database.ts';
import { failure, isEnveloped } from './failure.ts';
import { createJobEvents, type JobEvents, jobNews } from './job-events.ts';
import { createJobs } from './jobs.ts';
import { createDocs } from './routes/docs.ts';
import { mountAuth } from './routes/auth.ts';
import { mountBlobs } from './routes/blobs.ts';
import { createEntrance } from './routes/entrance.ts';
import { mountOpenId } from './routes/openid.ts';
import { mountPasskeys } from './routes/passkeys.ts';
import { type JobRouteParts, mountJobs } from './routes/jobs.ts';
import { mountPresets } from './routes/presets.ts';
import { mountShare } from './routes/share.ts';
import { mountUploads } from './routes/uploads.ts';
import { mountVault, vaultOfUser } from './routes/vault.ts';
import { mountInvitations } from './routes/invitations.ts';
import { mountUsage } from './routes/usage.ts';
import { mountWebhooks } from './routes/webhooks.ts';
import { mountWorkspaces } from './routes/workspaces.ts';
import { createDeliveries, type Deliveries } from './webhooks/deliveries.ts';
import { createWebhookSender, type SendWebhook } from './webhooks/send-webhook.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Check } from './routes/monitoring.ts';
import { createMount, MOST_BODY_BYTES, type MountParts } from './routes/mount.ts';
import { createQuotas } from './quotas.ts';
import { checkLength } from './request-body.ts';
import { mountFiles } from './routes/files.ts';
import { mountSpeech } from './routes/speech.ts';
import { mountTts } from './routes/tts.ts';
import { mountVoices } from './routes/voices.ts';
import { studioDataOf } from './speech/data-of.ts';
import { type OpenStudio, openStudio, type StudioParts } from './speech/open-studio.ts';
import { usageOf } from './usage.ts';
import { createWorkspaces } from './workspaces.ts';

export interface ApiParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** The page is served over TLS. */
  readonly isSecure: boolean;
  readonly addressOf: MountParts['addressOf'];
  /** Where people find the page, https://... without a slash at the end; null: wherever they asked for it. */
  readonly publicUrl?: string | null;
  /** Of identity; null: accounts are made here alone. */
  readonly provider?: ProviderPlace | null;
  /** Where files go and how many; without it none are taken. */
  readonly blobs?: Pick<BlobServiceParts, 'store' | 'limits'> | undefined;
  /** Where a stored file is; none is while nothing stores files. */
  readonly fileUrl?: JobRouteParts['fileUrl'];
  /** Of event streams; tests are less patient. */
  readonly heartbeatMs?: number;
  readonly workspaceQuotas?: WorkspaceQuotas | undefined;
  readonly metrics?: Metrics;
  /** Tests have webhooks of their own. */
  readonly sendWebhook?: SendWebhook;
  /** Who speaks; without it nobody does, and the voice studio says so. */
  readonly speech?: Omit<StudioParts, 'queries' | 'nowMs' | 'isSecure'>;
}

export interface Api {
  readonly app: Hono;
  /** What is mounted: for the reference, and for tests that attack every route. */
  readonly contracts: readonly (RouteContract | RawRouteContract)[];
  /** Null where no files are taken. */
  readonly blobs: BlobService | null;
  readonly events: JobEvents;
  readonly deliveries: Deliveries;
  readonly studio: OpenStudio;
  /** What has to work for it to work, by name. */
  readonly checks: Readonly<Record<string, Check>>;
  /** One round of removing sessions, counted tries and guests that are over. */
  clean(): Promise<void>;
  /** What goes on without being asked: webhooks are sent, what is over is removed. */
  start(): void;
  /** Event streams end, what is under way is waited for. The database stays open. */
  close(): Promise<void>;
}

const { version: VERSION } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** A style carries the impulse responses of its room and its match filter: megabytes. */
const MOST_STYLE_BYTES = 16 * 1024 * 1024;
const STYLE_PLACE = /^\/api\/presets(\/|$)/;
/** These read their bodies themselves, with limits of their own. */
const LARGE_BODIES = new Set(['/api/files/upload']);
/** How often what is over is removed: sessions, counted tries, what guests made. */
const CLEAN_MS = 10 * 60_000;
const PIECES_PLACE = /^\/api\/uploads(\/|$)/;

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export async function createApi(parts: ApiParts): Promise<Api> {
  const { database, nowMs, isSecure, addressOf, publicUrl = null, provider = null, blobs: blobParts, fileUrl, heartbeatMs, workspaceQuotas, metrics = createMetrics(), sendWebhook, speech = { provider: null } } = parts;
  const { queries, news } = database;
  const tokens = createAccessTokens(await serverKey(queries, 'access-tokens', nowMs()));
  const app = new Hono();
  app.onError((thrown, c) => failure(c, thrown));
  const mostBytesOf = (path: string): number => (STYLE_PLACE.test(path) ? MOST_STYLE_BYTES : MOST_BODY_BYTES);
  app.use('/api/*', async (c, next) => {
    // What comes in pieces is counted by whoever takes it.
    if (!(PIECES_PLACE.test(c.req.path) && c.req.path !== '/api/uploads/sign') && !LARGE_BODIES.has(c.req.path)) checkLength(c, mostBytesOf(c.req.path));
    await next();
  });
  const studio = await openStudio({ ...speech, queries, nowMs, isSecure });
  app.use('/api/*', async (c, next) => {
    await next();
    // Nobody is to take the emulator's voice for another.
    if (isEnveloped(c.req.path)) c.res.headers.set('X-Speech-Provider', studio.provider?.name ?? 'none');
  });
  const mount = createMount(app, {
    addressOf, mostBytesOf,
    async callerOf(context, isReading): Promise<TokenCaller | null> {
      const header = context.req.header('authorization');
      if (header === undefined) return null;
      const [, token] = BEARER.exec(header) ?? [];
      if (!token) throw new AppError('account/sign-in');
      const caller = await tokens.check(token, nowMs());
      // Whoever was signed out, by a changed password say, makes no passkey of their own in the minutes that are left to their token.
      if (!isReading && !(await isOpen(queries, caller.sessionId, nowMs()))) throw new AppError('account/sign-in');
      return caller;
    },
  });
  app.notFound((c) => {
    const allowed = mount.methodsAt(c.req.path).join(', ');
    if (allowed === '') return failure(c, new AppError('server/not-found'));
    c.header('Allow', allowed);
    return c.req.method === 'OPTIONS' ? c.body(null, 204) : failure(c, new AppError('request/method', { method: c.req.method, allowed }));
  });
  const blobs = blobParts ? await createBlobService({ queries, nowMs, metrics, ...blobParts }) : null;
  const passkeys = createPasskeys(queries, nowMs);
  const accounts = createAccounts({ queries, passwords: createPasswords(), nowMs, onRemoved: () => blobs?.cleaning.soon() });
  if (blobs) {
    mountUploads(mount, blobs);
    mountBlobs(mount, blobs);
  }
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
  mountJobs(mount, { queries, jobs, events, workspaces, quotas, nowMs, fileUrl: fileUrl ?? blobs?.fileUrl ?? (() => Promise.resolve(null)) });
  mountWorkspaces(mount, { queries, workspaces, quotas, nowMs });
  mountInvitations(mount, { queries, workspaces, quotas, nowMs });
  mountWebhooks(mount, { queries, workspaces, quotas, deliveries, nowMs });
  const entrance = createEntrance({ queries, tokens, nowMs, isSecure, publicUrl });
  mountShare(app, mount, { queries, nowMs, addressOf, entrance });
  const openId = provider && createOpenId(provider, queries, nowMs);
  mountAuth(mount, { queries, accounts, entrance, nowMs, provider: provider?.name ?? null, belongings: { passkeys: (userId) => passkeys.list(userId), ...workspaceBelongings(queries), vault: (userId) => vaultOfUser(queries, userId), studio: (userId) => studioDataOf(queries, userId), usage: (userId) => usageOf(queries, userId), ...(blobs ? { files: blobs.belongings } : {}) } });
  mountPasskeys(mount, { queries, accounts, passkeys, entrance, nowMs });
  if (openId) mountOpenId(app, mount, { queries, accounts, openId, entrance, addressOf, nowMs, isSecure });
  mountVault(mount, { queries, nowMs });
  mountUsage(mount, { queries });
  for (const mountPart of [mountSpeech, mountFiles, mountVoices, mountTts]) mountPart(mount, studio);
  app.route('/', createDocs({ version: VERSION, contracts: mount.mounted }));
  let timer: ReturnType<typeof setInterval> | undefined;
  let cleaning: Promise<void> = Promise.resolve();
  async function clean(): Promise<void> {
    const failed = (await Promise.allSettled([cleanAccounts(queries, nowMs()), studio.clean()])).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
  // What fails is over by the next round, too.
  const cleanSoon = (): void => void (cleaning = cleaning.then(clean).catch(() => undefined));
  let worker: ReturnType<Deliveries['start']> | undefined;
  return {
    app, contracts: mount.mounted, blobs, events, deliveries, studio,
    clean,
    checks: { database: () => database.ping(), ...(blobs ? { blobs: () => blobs.store.check() } : {}) },
    start() {
      worker ??= deliveries.start();
      blobs?.cleaning.start();
      if (timer !== undefined) return;
      timer = setInterval(cleanSoon, CLEAN_MS).unref();
      cleanSoon();
    },
    async close() {
      events.end();
      clearInterval(timer);
      await cleaning;
      await worker?.stop();
      await blobs?.cleaning.close();
    },
  };
}
