/** Serves the built page until it is told to stop. An argument names another folder than the one the build writes. */
import { serve } from '@hono/node-server';
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toAppError } from '../shared/errors.ts';
import { createApp } from './app.ts';
import { type Config, readConfig } from './config.ts';

// The static server wants a path relative to the working directory.
const PAGE_FOLDER = relative(process.cwd(), process.argv[2] ?? fileURLToPath(new URL('../web/dist', import.meta.url))) || '.';
/** Open connections may finish within this time after Ctrl-C. */
const GRACE_MS = 2000;

function stopWith(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function readConfigOrStop(): Config {
  try {
    return readConfig(process.env);
  } catch (thrown) {
    stopWith(toAppError(thrown).message);
  }
}

const { port, host } = readConfigOrStop();
if (!existsSync(join(PAGE_FOLDER, 'index.html'))) stopWith(`There is no built page in ${PAGE_FOLDER}. Build it and start: npm start`);
const server = serve({ fetch: createApp({ pageFolder: PAGE_FOLDER }).fetch, port, hostname: host }, () => {
  const shown = host === '127.0.0.1' ? 'localhost' : host;
  process.stdout.write(`Tonetwin is ready: http://${shown}:${port}\n`);
}) as Server;

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE') stopWith(`Port ${port} is taken by another program. Choose another: PORT=${port === 65535 ? 8787 : port + 1} npm start`);
  if (error.code === 'EACCES') stopWith(`Port ${port} needs more rights than this program has. Choose one above 1023: PORT=8787 npm start`);
  stopWith(`The server cannot listen on ${host}:${port} (${error.code ?? error.message}).`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), GRACE_MS).unref();
    server.closeIdleConnections();
  });
}
