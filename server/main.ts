/**
 * Serves the built page until it is told to stop. `--https`: on the local network, under a certificate of our own. Another
 * argument names another folder than the one the build writes.
 */
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toAppError } from '../shared/errors.ts';
import type { Api } from './api.ts';
import { createApp } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { createClientLine } from './client-address.ts';
import type { DatabasePlace } from './database/open-database.ts';
import { SERVER_LIMITS, STILL_MS } from './limits.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { encoderTrouble } from './speech/encoder-trouble.ts';
import { readSpeechSettings, type Settings } from './speech/settings.ts';

const IS_HTTPS = process.argv.includes('--https');
const GIVEN_FOLDER = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
// The static server wants a path relative to the working directory.
const PAGE_FOLDER = relative(process.cwd(), GIVEN_FOLDER ?? fileURLToPath(new URL('../web/dist', import.meta.url))) || '.';
/** After Ctrl-C, and when a manager of services says so: what is being sent may finish within this time; uploads go on later. */
const GRACE_MS = { SIGINT: 2000, SIGTERM: 15_000 } as const;
/** Connections that have nothing to say any more are closed so often meanwhile. */
const LOOK_MS = 100;
/** The database may write down what it has to within this time; what was committed is safe without it. */
const CLOSE_MS = 10_000;

function stopWith(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function readConfigOrStop(): Config & { readonly speech: Settings } {
  try {
    const config = readConfig(process.env, IS_HTTPS);
    return { ...config, speech: readSpeechSettings(process.env, config.dataDir) };
  } catch (thrown) {
    stopWith(toAppError(thrown).message);
  }
}

const { port, host, trustPort, publicUrl, provider, dataDir, database: databasePlace, needsAccounts, blobs: blobPlace, blobLimits, quotas, trustedProxy, drainMs, metricsToken, logLevel, speech } = readConfigOrStop();
if (!existsSync(join(PAGE_FOLDER, 'index.html'))) stopWith(`There is no built page in ${PAGE_FOLDER}. Build it and start: npm start`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const socketAddress = (context: Context): string | undefined => getConnInfo(context).remote.address;
const line = createClientLine(trustedProxy, socketAddress, publicUrl);
const metrics = createMetrics({ ofProcess: true });
const log = createLog(logLevel);
if (databasePlace?.kind === 'folder' || blobPlace.kind === 'folder') {
  metrics.disk(async () => {
    const { bsize, blocks, bavail } = await statfs(dataDir);
    return { size: bsize * blocks, free: bsize * bavail };
  });
}

interface Accounts {
  readonly api: Api;
  close(): Promise<void>;
}

/** The API and its database, where they are wanted: all that is not needed otherwise is loaded here. */
async function openAccounts(place: DatabasePlace): Promise<Accounts> {
  const [{ openDatabase }, { createApi }, { openBlobStore }, { openProvider }] = [await import('./database/open-database.ts'), await import('./api.ts'), await import('./blobs/open-store.ts'), await import('./speech/open-provider.ts')];
  const store = await openBlobStore(blobPlace);
  const database = await openDatabase(place);
  const speaker = await openProvider(speech, (line) => void process.stderr.write(`${line}\n`), {
    circuit: ({ status }) => metrics.breaker('speech', status),
    called: ({ status, ms }) => metrics.provider('speech', String(status ?? 'none'), ms / 1000),
  });
  const api = await createApi({
    database, nowMs: () => Date.now(), isSecure: IS_HTTPS || (publicUrl?.startsWith('https:') ?? false), publicUrl, provider, addressOf: line.addressOf, workspaceQuotas: quotas, metrics,
    blobs: { store, limits: blobLimits },
    speech: { provider: speaker.provider, models: speech.models, fileSecret: speech.fileSecret, speakerEncoder: speech.speakerEncoder },
  });
  api.start();
  return { api, close: () => api.close().finally(() => speaker.close()).finally(() => database.close()) };
}

void encoderTrouble(speech.speakerEncoder, join(dataDir, 'models')).then((trouble) => {
  if (trouble !== null) process.stderr.write(`Voice prints are made without SPEAKER_ENCODER: ${trouble}\n`);
});

/** The main job needs no server: the page is there at once, and without accounts where they cannot be opened. */
const accounts = databasePlace && openAccounts(databasePlace);
accounts?.catch((thrown: unknown) => {
  const { message } = toAppError(thrown);
  if (needsAccounts) stopWith(message);
  process.stderr.write(`Without accounts: ${message}\n`);
});
const api = accounts?.then((opened) => opened.api);
// Told above; whoever calls is told too.
api?.catch(() => undefined);
let isEnding = false;
const app = createApp({ pageFolder: PAGE_FOLDER, api, socketAddress, isBehindTls: line.isBehindTls, metrics, metricsToken, log, isEnding: () => isEnding, speakerEncoder: speech.speakerEncoder, modelsFolder: join(dataDir, 'models') });

function stopOn(error: NodeJS.ErrnoException, taken: number): never {
  const name = taken === port ? 'PORT' : 'TRUST_PORT';
  if (error.code === 'EADDRINUSE') stopWith(`Port ${taken} is taken by another program. Choose another: ${name}=${taken === 65535 ? 8787 : taken + 1} npm start${IS_HTTPS ? ' -- --https' : ''}`);
  if (error.code === 'EACCES') stopWith(`Port ${taken} needs more rights than this program has. Choose one above 1023: ${name}=8787 npm start${IS_HTTPS ? ' -- --https' : ''}`);
  stopWith(`The server cannot listen on ${host}:${taken} (${error.code ?? error.message}).`);
}

function serveHttp(): readonly Server[] {
  const server = serve({ fetch: app.fetch, port, hostname: host, serverOptions: SERVER_LIMITS }, () => say(`Tonetwin is ready: http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`)) as Server;
  server.on('error', (error: NodeJS.ErrnoException) => stopOn(error, port));
  return [server];
}

/** Of the terminal, as the system says it. */
const language = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || Intl.DateTimeFormat().resolvedOptions().locale;
const servers = IS_HTTPS ? (await import('./https/serve-https.ts')).serveHttps({ app, host, port, trustPort, dataDir, language, say, onError: stopOn }) : serveHttp();

for (const server of servers) server.setTimeout(STILL_MS);

async function end(): Promise<void> {
  const patience = setTimeout(() => process.exit(0), CLOSE_MS);
  await accounts?.then(({ close }) => close()).catch(() => undefined);
  clearTimeout(patience);
  process.exit(0);
}

/** @param graceMs  of what is being sent */
function stopServing(graceMs: number): void {
  let open = servers.length;
  // Streams would never end by themselves.
  void accounts?.then((opened) => opened.api.events.end()).catch(() => undefined);
  for (const server of servers) {
    server.close(() => {
      open -= 1;
      if (open === 0) void end();
    });
  }
  setInterval(() => servers.forEach((server) => server.closeIdleConnections()), LOOK_MS).unref();
  setTimeout(() => void end(), graceMs).unref();
}

/** Behind a proxy: nobody is sent here any more before the door is closed. Streams stay until then, as they would come back here. */
const DRAIN_MS = { SIGINT: 0, SIGTERM: drainMs } as const;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isEnding = true;
    setTimeout(stopServing, DRAIN_MS[signal], GRACE_MS[signal]);
  });
}
