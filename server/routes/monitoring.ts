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
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(::ffff:)?127\.|^::1$/i.test(address);

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function passes(check: Check): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)));
  try {
    return await Promise.race([check().then(() => true, () => false), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

export function createMonitoring({ checks, metrics, metricsToken, socketAddress }: MonitoringParts): Hono {
  const app = new Hono();
  const look = () => Promise.all(Object.entries(checks()).map(async ([name, check]) => [name, await passes(check)] as const));
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
