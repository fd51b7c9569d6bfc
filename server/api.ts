/** Everything under /api: who calls, how often, and the routes. Opened once the database is. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../shared/errors.ts';
import type { RouteContract } from '../shared/api/contract.ts';
import type { RawRouteContract } from '../shared/api/raw-contract.ts';
import { type Caller, createAccessTokens } from './auth/access-tokens.ts';
import { createAccounts } from './auth/accounts.ts';
import { createPasswords } from './auth/passwords.ts';
import { type BlobService, type BlobServiceParts, createBlobService } from './blobs/blob-service.ts';
import { serverKey } from './auth/server-keys.ts';
import type { Database } from './database/open-database.ts';
import { failure } from './failure.ts';
import { mountAuth } from './routes/auth.ts';
import { mountBlobs } from './routes/blobs.ts';
import { mountPresets } from './routes/presets.ts';
import { mountUploads } from './routes/uploads.ts';
import { createMount, MOST_BODY_BYTES, type MountParts } from './routes/mount.ts';
import { createWorkspaces } from './workspaces.ts';

export interface ApiParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** The page is served over TLS. */
  readonly isSecure: boolean;
  readonly addressOf: MountParts['addressOf'];
  /** Where files go and how many; without it none are taken. */
  readonly blobs?: Pick<BlobServiceParts, 'store' | 'limits'> | undefined;
}

export interface Api {
  readonly app: Hono;
  /** What is mounted: for the reference, and for tests that attack every route. */
  readonly contracts: readonly (RouteContract | RawRouteContract)[];
  /** Null where no files are taken. */
  readonly blobs: BlobService | null;
  /** What goes on without being asked: what is over is removed. */
  start(): void;
  /** What is under way ends. The database stays open. */
  close(): Promise<void>;
}

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export async function createApi({ database, nowMs, isSecure, addressOf, blobs: blobParts }: ApiParts): Promise<Api> {
  const { queries } = database;
  const tokens = createAccessTokens(await serverKey(queries, 'access-tokens', nowMs()));
  const app = new Hono();
  app.notFound((c) => failure(c, new AppError('server/not-found')));
  app.onError((thrown, c) => failure(c, thrown));
  const limited = bodyLimit({ maxSize: MOST_BODY_BYTES, onError: () => { throw new AppError('request/too-large'); } });
  // What comes in pieces is counted by whoever takes it.
  app.use('/api/*', (c, next) => (c.req.path !== '/api/uploads/sign' && /^\/api\/uploads(\/|$)/.test(c.req.path) ? next() : limited(c, next)));
  const mount = createMount(app, {
    addressOf,
    async callerOf(context): Promise<Caller | null> {
      const header = context.req.header('authorization');
      if (header === undefined) return null;
      const [, token] = BEARER.exec(header) ?? [];
      if (!token) throw new AppError('account/sign-in');
      return tokens.check(token, nowMs());
    },
  });
  const blobs = blobParts ? await createBlobService({ queries, nowMs, ...blobParts }) : null;
  const accounts = createAccounts({ queries, passwords: createPasswords(), nowMs, onRemoved: () => blobs?.cleaning.soon() });
  if (blobs) {
    mountUploads(mount, blobs);
    mountBlobs(mount, blobs);
  }
  mountPresets(mount, { queries, workspaces: createWorkspaces(queries), nowMs });
  mountAuth(mount, { queries, accounts, tokens, nowMs, isSecure });
  return { app, contracts: mount.mounted, blobs, start: () => blobs?.cleaning.start(), close: async () => blobs?.cleaning.close() };
}
