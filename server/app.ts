/** The web server: the built page with the headers it needs, and a sign of life. Thin: it stores and computes nothing. */
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { OUTSIDE } from '../shared/api/outside.ts';
import { AppError } from '../shared/errors.ts';
import type { Api } from './api.ts';
import { failure } from './failure.ts';
import { newId } from './ids.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { notesOf, type RequestNotes } from './request-notes.ts';
import { createModels } from './routes/models.ts';
import { type Check, createMonitoring } from './routes/monitoring.ts';

/**
 * Everything comes from our own origin; WebAssembly is compiled, no text becomes script.
 * Workers and blobs: waveforms and downloads are blobs made by the page itself.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The reference's page sets style attributes as it goes, which the policy of all other pages forbids. */
const DOCS_POLICY = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'microphone=(self), camera=(self), geolocation=(), payment=(), usb=()',
};

export interface AppOptions {
  /** Folder of the built page, relative to the working directory or absolute. */
  readonly pageFolder: string;
  /** False: served without cross-origin isolation, as behind a host that cannot set the headers. For tests. */
  readonly isolated?: boolean;
  /** What answers under /api, once it is open; nothing does where there is none. */
  readonly api?: Api | Promise<Api> | undefined;
  /** Of the connection itself; nobody where there is none, as in tests. */
  readonly socketAddress?: (context: Context) => string | undefined;
  /** A trusted proxy in front ends TLS. */
  readonly isBehindTls?: (context: Context) => boolean;
  readonly metrics?: Metrics;
  readonly metricsToken?: string | null;
  readonly log?: Log;
  /** It is about to end: /ready says so, and every connection is closed behind its answer, so that the next request goes elsewhere. */
  readonly isEnding?: () => boolean;
  /** Address of the manifest of a speaker encoder, which the page fetches: on another origin, that origin may be reached too. */
  readonly speakerEncoder?: string | null;
  /** Folder of what is found under /models/. */
  readonly modelsFolder?: string;
}

/** The policy, with one more place that may be asked. */
function policyWith(speakerEncoder: string | null): string {
  if (!speakerEncoder?.startsWith('https://')) return CONTENT_SECURITY_POLICY;
  return CONTENT_SECURITY_POLICY.replace('connect-src', `connect-src ${new URL(speakerEncoder).origin}`);
}

const OUTSIDE_PATHS = new Set(OUTSIDE.map(({ path }) => path));

const PROBES: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** Where the API answers. */
const API_PLACES = ['/api/*', '/p/*', '/openapi.json', '/docs', '/docs/*'];

/** Two years, as browsers ask of those that want it always. */
const STRICT_TRANSPORT = 'max-age=63072000; includeSubDomains';
/** What a client may call its request. */
const REQUEST_ID = /^[\w.-]{8,64}$/;

export function createApp({ pageFolder, isolated = true, api, socketAddress = () => undefined, isBehindTls = () => false, metrics = createMetrics(), metricsToken = null, log = createLog('silent'), isEnding = () => false, speakerEncoder = null, modelsFolder }: AppOptions): Hono {
  const headers = { ...SECURITY_HEADERS, 'Content-Security-Policy': policyWith(speakerEncoder) };
  const app = new Hono();
  let opened: Api | null = null;
  void Promise.resolve(api).then((ready) => (opened = ready ?? null), () => undefined);
  app.use('*', async (c, next) => {
    const startMs = performance.now();
    const given = c.req.header('x-request-id');
    const notes: RequestNotes = { id: given !== undefined && REQUEST_ID.test(given) ? given : newId(Date.now()), route: null, userId: null, thrown: undefined };
    c.set('notes' as never, notes as never);
    await next();
    c.res.headers.set('X-Request-Id', notes.id);
    const { status } = c.res;
    const route = notes.route ?? (c.req.path.startsWith('/assets/') ? '/assets' : c.req.path.startsWith('/api/') ? '/api' : OUTSIDE_PATHS.has(c.req.path) ? c.req.path : '/');
    const seconds = (performance.now() - startMs) / 1000;
    metrics.request(c.req.method, route, status, seconds);
    const fields = { request: notes.id, method: c.req.method, route, status, ms: Math.round(1000 * seconds), ...(notes.userId ? { user: notes.userId } : {}), ...(notes.thrown instanceof AppError ? { reason: notes.thrown.code } : {}) };
    if (status >= 500) log.error('request', { ...fields, ...(notes.thrown === undefined ? {} : { thrown: notes.thrown }) });
    // Those who watch ask every second, and are told what is the matter by the answer.
    else if (!PROBES.has(route)) log.info('request', fields);
  });
  app.use('*', async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) {
      // A picture that other sites may show says so itself.
      if (name === 'Cross-Origin-Resource-Policy' && c.res.headers.has(name)) continue;
      if (isolated || !name.startsWith('Cross-Origin')) c.res.headers.set(name, value);
    }
    if (/^\/docs(\/|$)/.test(c.req.path)) c.res.headers.set('Content-Security-Policy', DOCS_POLICY);
    // A body that nobody reads would keep the line open for as long as it drips.
    const isUnread = (c.req.method === 'GET' || c.req.method === 'HEAD') && (c.req.header('transfer-encoding') !== undefined || Number(c.req.header('content-length') ?? 0) > 0);
    if (isEnding() || isUnread) c.res.headers.set('Connection', 'close');
    if (isBehindTls(c)) c.res.headers.set('Strict-Transport-Security', STRICT_TRANSPORT);
    // Hashed names never change what they hold; everything else is asked for again.
    const isHashed = c.req.path.startsWith('/assets/') && c.res.status === 200;
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  });
  app.use('*', compress());
  // Shares are taken by the service worker on the device. Where there is none yet the page says so; nothing is read here.
  app.post('/share', (c) => c.redirect('/library?shared=missed', 303));
  app.get('/health', (c) => c.json({ status: 'ok' }));
  // Asked by every page that is opened; a page of a server without accounts has no error for it in its log.
  if (!api) app.get('/api/auth/offer', (c) => c.json({ accounts: false, provider: null }));
  const notOpen = (): Promise<void> => Promise.reject(new AppError('server/database', { detail: 'it is not open' }));
  const ending = (): Promise<void> => Promise.reject(new Error('it ends'));
  const checks = (): Readonly<Record<string, Check>> => ({ ...(api ? (opened?.checks ?? { database: notOpen }) : {}), ...(isEnding() ? { stays: ending } : {}) });
  app.route('/', createMonitoring({ checks, metrics, metricsToken, socketAddress }));
  // The page is there before the database is; calls that come earlier wait for it.
  for (const place of API_PLACES) app.all(place, async (c) => (api ? (await api).app.fetch(c.req.raw, { ...(c.env as object | undefined), notes: notesOf(c) }) : failure(c, new AppError('server/not-found'))));
  if (modelsFolder !== undefined) app.route('/', createModels(modelsFolder));
  app.use('*', serveStatic({ root: pageFolder }));
  // Addresses of the page's own router; anything that looks like a file and is not there is missing.
  app.get('*', async (c, next) => (/\.\w+$/.test(c.req.path) ? next() : serveStatic({ root: pageFolder, path: 'index.html' })(c, next)));
  app.notFound((c) => failure(c, new AppError('server/not-found')));
  app.onError((thrown, c) => failure(c, thrown));
  return app;
}
