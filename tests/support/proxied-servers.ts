/** Two instances of the product over one PostgreSQL, behind the real proxy as server/deploy configures it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './postgres-server.ts';
import { freePorts } from './free-ports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;
/** The proxy of the test looks more often than the real one, and waits less for an instance: an exchange takes less time. */
const DRAIN_SECONDS = 2;
const PACE = { health_interval: '200ms', lb_try_duration: '1s' } as const;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ProxiedServers {
  /** Over TLS; on a connection that is kept. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  /** The request itself: who sends a body slowly, or reads an answer as it comes. */
  open(method: string, path: string, headers: Readonly<Record<string, string>>): ClientRequest;
  /** Past the proxy. @param index  0 or 1 */
  askInstance(index: number, path: string): Promise<Response>;
  /** Ends one as a manager of services does, and starts it again. */
  exchange(index: number): Promise<void>;
  /** It does not come back. */
  stopDatabase(): Promise<void>;
  readonly databaseUrl: string;
  readonly blobFolder: string;
  stop(): Promise<void>;
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = Date.now() + START_MS;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`${what} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function startProxiedServers(): Promise<ProxiedServers> {
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-proxied-'));
  const page = join(folder, 'page');
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<title>A page</title>');
  const postgres = await startPostgres();
  const databaseUrl = await postgres.emptyDatabase();
  const [tlsPort = 0, plainPort = 0, adminPort = 0, ...ports] = await freePorts(5);
  let isDatabaseOver = false;
  const children: (ChildProcess | undefined)[] = [];

  async function start(index: number): Promise<void> {
    const environment = {
      ...process.env, PORT: String(ports[index]), DATABASE_URL: databaseUrl, DATA_DIR: join(folder, 'data'), DRAIN_SECONDS: String(DRAIN_SECONDS),
      TRUSTED_PROXY: '127.0.0.1', PUBLIC_URL: `https://localhost:${tlsPort}`, METRICS_TOKEN: '',
    };
    children[index] = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', page], { cwd: ROOT, env: environment, stdio: 'ignore' });
    await until('an instance', () => fetch(`http://127.0.0.1:${ports[index]}/ready`).then(({ status }) => status === 200, () => false));
  }
  async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  await Promise.all([start(0), start(1)]);
  const caddyfile = join(folder, 'Caddyfile');
  const configuration = readFileSync(join(ROOT, 'server/deploy/Caddyfile'), 'utf8');
  writeFileSync(caddyfile, Object.entries(PACE).reduce((text, [name, value]) => text.replace(new RegExp(`${name} \\S+`), `${name} ${value}`), configuration));
  const proxy = spawn('caddy', ['run', '--config', caddyfile], {
    stdio: 'ignore',
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, CADDY_ADMIN: `localhost:${adminPort}`, SITE: 'localhost', HTTP_PORT: String(plainPort), HTTPS_PORT: String(tlsPort), UPSTREAMS: ports.map((port) => `127.0.0.1:${port}`).join(' ') },
  });
  const authority = join(folder, 'caddy/pki/authorities/local/root.crt');
  await until('the proxy', () => existsSync(authority));
  const agent = new Agent({ ca: readFileSync(authority), keepAlive: true });
  const open = (method: string, path: string, headers: Readonly<Record<string, string>>): ClientRequest => request({ host: 'localhost', port: tlsPort, agent, method, path, headers });

  const servers: ProxiedServers = {
    open, databaseUrl, blobFolder: join(folder, 'data/blobs'),
    async ask(method, path, { headers = {}, body } = {}) {
      const asking = open(method, path, { ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}), 'content-length': String(body === undefined ? 0 : Buffer.byteLength(body)), ...headers });
      const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
      asking.end(body);
      const [answer] = await answered;
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
      return { status: answer.statusCode!, headers: answer.headers, text };
    },
    askInstance: (index, path) => fetch(`http://127.0.0.1:${ports[index]}${path}`),
    async exchange(index) {
      await end(children[index], 'SIGTERM');
      await start(index);
    },
    async stopDatabase() {
      isDatabaseOver = true;
      await postgres.stop();
    },
    async stop() {
      agent.destroy();
      await Promise.all([end(proxy, 'SIGKILL'), ...children.map((child) => end(child, 'SIGKILL'))]);
      if (!isDatabaseOver) await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await until('the way through the proxy', () => servers.ask('GET', '/health').then(({ status }) => status === 200, () => false));
  return servers;
}
