/** For whoever runs the server: whether it is ready, and what it counts. */
import { timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { AppError } from '../../shared/errors.ts';
import { failure } from '../failure.ts';
import type { Metrics } from '../metrics.ts';

/** Throws, or never ends, where something cannot do its work. */
export type Check = () => Promise<void>;

export interface MonitoringParts {
  readonly checks: () => Readonly<Record<string, Check>>;
  readonly metrics: Metrics;
  /** null: this machine alone may read what is counted. */
  readonly metricsToken: string | null;
  readonly socketAddress: (context: Context) => string | undefined;
}

const PATIENCE_MS = 2000;
/** One that hangs is tried again after this time: not with every question, of which there are several a second. */
const RETRY_MS = 5000;
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(::ffff:)?127\.|^::1$/i.test(address);

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function inPatience(work: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)));
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever asks while a check runs waits for that one: many who ask put no more load on what is checked. */
function createLook(checks: MonitoringParts['checks']) {
  const running = new Map<string, { readonly sinceMs: number; readonly work: Promise<boolean> }>();
  function begin(name: string, check: Check): Promise<boolean> {
    const work = check().then(() => true, () => false);
    const entry = { sinceMs: performance.now(), work };
    running.set(name, entry);
    void work.then(() => running.get(name) === entry && running.delete(name));
    return work;
  }
  return (): Promise<(readonly [name: string, works: boolean])[]> => Promise.all(Object.entries(checks()).map(async ([name, check]) => {
    const current = running.get(name);
    const isCurrent = current !== undefined && performance.now() - current.sinceMs < RETRY_MS;
    return [name, await inPatience(isCurrent ? current.work : begin(name, check))] as const;
  }));
}

export function createMonitoring({ checks, metrics, metricsToken, socketAddress }: MonitoringParts): Hono {
  const app = new Hono();
  const look = createLook(checks);
  app.get('/ready', async (c) => {
    const found = (await look()).map(([name, works]) => [name, works ? 'ok' : 'failed'] as const);
    const isReady = found.every(([, state]) => state === 'ok');
    c.header('Cache-Control', 'no-store');
    return c.json({ status: isReady ? 'ok' : 'failed', checks: Object.fromEntries(found) }, isReady ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    const [, token] = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
    // A proxy on this machine speaks for everybody.
    const isHere = isLoopback(socketAddress(c)) && FORWARDED.every((name) => c.req.header(name) === undefined);
    const may = metricsToken === null ? isHere : token !== undefined && isSame(token, metricsToken);
    if (!may) return failure(c, new AppError('server/not-found'));
    metrics.checks(await look());
    return c.body(await metrics.page(), 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' });
  });
  return app;
}
