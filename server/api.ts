/** Everything under /api: who calls, how often, and the routes. Opened once the database is. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../shared/errors.ts';
import type { RouteContract } from '../shared/api/contract.ts';
import type { RawRouteContract } from '../shared/api/raw-contract.ts';
import { createAccessTokens, type TokenCaller } from './auth/access-tokens.ts';
import { createAccounts } from './auth/accounts.ts';
import { createPasswords } from './auth/passwords.ts';
import { serverKey } from './auth/server-keys.ts';
import type { Database } from './database/open-database.ts';
import { failure } from './failure.ts';
import { createJobEvents, type JobEvents, jobNews } from './job-events.ts';
import { createJobs } from './jobs.ts';
import { mountAuth } from './routes/auth.ts';
import { type JobRouteParts, mountJobs } from './routes/jobs.ts';
import { mountPresets } from './routes/presets.ts';
import { createMount, MOST_BODY_BYTES, type MountParts } from './routes/mount.ts';
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
}

export interface Api {
  readonly app: Hono;
  /** What is mounted: for the reference, and for tests that attack every route. */
  readonly contracts: readonly (RouteContract | RawRouteContract)[];
  readonly events: JobEvents;
}

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export async function createApi({ database, nowMs, isSecure, addressOf, fileUrl = async () => null, heartbeatMs }: ApiParts): Promise<Api> {
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
  mountPresets(mount, { queries, workspaces, nowMs });
  const jobs = createJobs({ queries, nowMs, onMoved: ({ row }) => news.tell(jobNews(row.workspaceId)) });
  const events = createJobEvents({ queries, news, jobs, workspaces, nowMs, heartbeatMs });
  mountJobs(mount, { queries, jobs, events, workspaces, nowMs, fileUrl });
  mountAuth(mount, { queries, accounts, tokens, nowMs, isSecure });
  return { app, contracts: mount.mounted, events };
}
