/** Everything under /api: who calls, how often, and the routes. Opened once the database is. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../shared/errors.ts';
import type { RouteContract } from '../shared/api/contract.ts';
import { type Caller, createAccessTokens } from './auth/access-tokens.ts';
import { createAccounts } from './auth/accounts.ts';
import { createPasswords } from './auth/passwords.ts';
import { serverKey } from './auth/server-keys.ts';
import type { Database } from './database/open-database.ts';
import { failure, isEnveloped } from './failure.ts';
import { mountAuth } from './routes/auth.ts';
import { mountFiles } from './routes/files.ts';
import { mountPresets } from './routes/presets.ts';
import { mountSpeech } from './routes/speech.ts';
import { mountTts } from './routes/tts.ts';
import { mountVoices } from './routes/voices.ts';
import { createMount, MOST_BODY_BYTES, type MountParts } from './routes/mount.ts';
import { studioDataOf } from './speech/data-of.ts';
import { type OpenStudio, openStudio, type StudioParts } from './speech/open-studio.ts';
import { createWorkspaces } from './workspaces.ts';

export interface ApiParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** The page is served over TLS. */
  readonly isSecure: boolean;
  readonly addressOf: MountParts['addressOf'];
  /** Who speaks; without it nobody does, and the voice studio says so. */
  readonly speech?: Omit<StudioParts, 'queries' | 'nowMs' | 'isSecure'>;
}

export interface Api {
  readonly app: Hono;
  /** What is mounted: for the reference, and for tests that attack every route. */
  readonly contracts: readonly RouteContract[];
  readonly studio: OpenStudio;
}

/** These read their bodies themselves, with limits of their own. */
const LARGE_BODIES = new Set(['/api/files/upload']);

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export async function createApi({ database, nowMs, isSecure, addressOf, speech = { provider: null } }: ApiParts): Promise<Api> {
  const { queries } = database;
  const tokens = createAccessTokens(await serverKey(queries, 'access-tokens', nowMs()));
  const app = new Hono();
  app.notFound((c) => failure(c, new AppError('server/not-found')));
  app.onError((thrown, c) => failure(c, thrown));
  const limit = bodyLimit({ maxSize: MOST_BODY_BYTES, onError: () => { throw new AppError('request/too-large'); } });
  app.use('/api/*', (c, next) => (LARGE_BODIES.has(c.req.path) ? next() : limit(c, next)));
  const studio = await openStudio({ ...speech, queries, nowMs, isSecure });
  app.use('/api/*', async (c, next) => {
    await next();
    // Nobody is to take the emulator's voice for another.
    if (isEnveloped(c.req.path)) c.res.headers.set('X-Speech-Provider', studio.provider?.name ?? 'none');
  });
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
  const accounts = createAccounts({ queries, passwords: createPasswords(), nowMs });
  mountPresets(mount, { queries, workspaces: createWorkspaces(queries), nowMs });
  for (const mountPart of [mountSpeech, mountFiles, mountVoices, mountTts]) mountPart(mount, studio);
  mountAuth(mount, { queries, accounts, tokens, nowMs, isSecure, moreDataOf: (userId) => studioDataOf(queries, userId) });
  return { app, contracts: mount.mounted, studio };
}
