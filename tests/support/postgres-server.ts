/** A real PostgreSQL server of its own for tests, where its programs are installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { isRunning, treeOf } from './process-use.ts';
import { freePort } from './free-ports.ts';

export const INSTALL_POSTGRES = 'apt-get install -y postgresql';

/** Debian keeps every version in a folder of its own, outside the path. */
function findPrograms(): string | null {
  const debian = '/usr/lib/postgresql';
  const folders = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')) : [];
  const onPath = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return [...folders, ...onPath].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

export const hasPostgres = (): boolean => findPrograms() !== null;

export interface PostgresServer {
  readonly url: string;
  /** A new, empty database on it. @returns its address */
  emptyDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** It refuses to run as root: then as nobody. */
function identity(): { uid: number; gid: number } | Record<never, never> {
  if (process.getuid?.() !== 0) return {};
  const of = (flag: string): number => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: of('-u'), gid: of('-g') };
}

export interface OwnPostgres extends PostgresServer {
  /** As when the plug is pulled: it and all that it started are dead. Linux only. */
  kill(): Promise<void>;
  /** As its administrator pulls it: `pg_ctl stop -m immediate`. */
  abort(): Promise<void>;
  /** After either; answers once it has put itself in order. */
  start(): Promise<void>;
}

export async function startPostgres(): Promise<OwnPostgres> {
  const programs = findPrograms();
  if (programs === null) throw new Error(`PostgreSQL is not installed: ${INSTALL_POSTGRES}`);
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-postgres-'));
  const who = identity();
  if ('uid' in who) chownSync(folder, who.uid, who.gid);
  const data = join(folder, 'data');
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...who, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const url = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const sql = postgres(url('postgres'), { max: 1, onnotice: () => undefined, backoff: false });
  let server: ChildProcess;
  async function start(): Promise<void> {
    const started = spawn(join(programs!, 'postgres'), ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'max_connections=60'], { ...who, cwd: folder, stdio: 'ignore' });
    server = started;
    for (let tries = 0; ; tries += 1) {
      try {
        await sql`SELECT 1`;
        return;
      } catch (thrown) {
        if (tries > 600 || started.exitCode !== null) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }
  await start();
  return {
    url: url('postgres'),
    emptyDatabase: () => makeDatabase(sql, url('postgres')),
    start,
    abort: () => end('SIGQUIT'),
    async kill() {
      const all = treeOf(server.pid!);
      const ended = once(server, 'exit');
      for (const pid of all) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      await ended;
      while (all.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async stop() {
      await sql.end({ timeout: 1 });
      // SIGINT: it ends its conversations and stops.
      if (server.exitCode === null && server.signalCode === null) await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeDatabase(sql: Sql, server: string): Promise<string> {
  const name = `tonetwin_${randomUUID().replaceAll('-', '')}`;
  await sql.unsafe(`CREATE DATABASE ${name}`);
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

/** The server that `npm test` has started for the second half of its run. */
const STARTED = process.env['TEST_DATABASE_URL'];

/** That one, or one of its own. */
export async function openPostgres(): Promise<PostgresServer> {
  if (STARTED === undefined) return startPostgres();
  const sql = postgres(STARTED, { max: 1, onnotice: () => undefined });
  return { url: STARTED, emptyDatabase: () => makeDatabase(sql, STARTED), stop: () => sql.end({ timeout: 1 }) };
}
