/** The product's server in a process of its own, with accounts and files, to be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { footprintOf, PROBE } from './load/processes.ts';
import type { Footprint } from './load/messages.ts';
import { openTestStore } from './blob-store.ts';
import { emptyDatabase } from './database.ts';
import { freePort } from './free-ports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 120_000;

export interface KillableServer {
  readonly url: string;
  readonly dataDir: string;
  /** Answers once the API does. */
  start(): Promise<void>;
  /** As when the plug is pulled; answers once it is dead. */
  kill(): Promise<void>;
  /** As it is told to end, which it does. */
  end(): Promise<void>;
  /** Of the one that runs. */
  pid(): number;
  /** What it holds, where it is probed. */
  footprint(): Promise<Footprint>;
  /** Kills it, and removes what it kept. */
  remove(): Promise<void>;
}

/**
 * Not started yet.
 * @param more  of its environment
 * @param isNew  its first start makes the database, which takes seconds
 * @param flags  of Node
 */
export async function createKillableServer(more: Readonly<Record<string, string>> = {}, { isNew = false, flags = [] as readonly string[] } = {}): Promise<KillableServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tonetwin-server-'));
  const page = join(dataDir, 'page');
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<title>A page</title>');
  const [database, store] = [await emptyDatabase(), await openTestStore()];
  if (database.place.kind === 'folder') {
    // An empty one that is made already: making it takes seconds.
    if (!isNew) cpSync(database.place.folder, join(dataDir, 'database'), { recursive: true });
    database.remove();
  }
  store.remove();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = { ...process.env, PORT: String(port), DATA_DIR: dataDir, ACCOUNTS: 'on', ...store.environment, ...(database.place.kind === 'server' ? { DATABASE_URL: database.place.url } : {}), ...more };
  let child: ChildProcess | null = null;
  let complaint = '';

  async function stop(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill(signal);
    await ended;
  }

  return {
    url, dataDir,
    async start() {
      const started = spawn(process.execPath, [...flags, '--import', 'tsx', 'server/main.ts', page], { cwd: ROOT, env: environment, stdio: ['ignore', 'ignore', 'pipe', ...(flags.includes(PROBE) ? (['ipc'] as const) : [])] });
      child = started;
      started.stderr!.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
      const untilMs = Date.now() + START_MS;
      for (;;) {
        // One that needs an account is refused; that is an answer of the API, not of the page alone.
        const status = await fetch(`${url}/api/storage`).then((answer) => answer.status, () => 0);
        if (status === 401) return;
        if (started.exitCode !== null || started.signalCode !== null || Date.now() > untilMs) throw new Error(`The server did not start (${status}): ${complaint}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    kill: () => stop('SIGKILL'),
    end: () => stop('SIGTERM'),
    pid: () => child!.pid!,
    footprint: () => footprintOf(child!),
    async remove() {
      await stop('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
