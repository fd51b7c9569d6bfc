import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { emptyDatabaseFolder } from '../support/database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = mkdtempSync(join(tmpdir(), 'tonetwin-page-'));
writeFileSync(join(PAGE, 'index.html'), '<title>A page</title>');
afterAll(() => rmSync(PAGE, { recursive: true }));

const open: (ChildProcess | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) {
    if ('kill' in one) one.kill('SIGKILL');
    else one.close();
  }
});

function start(port: string, page = PAGE, environment: Readonly<Record<string, string>> = {}) {
  const server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', page], { cwd: ROOT, env: { ...process.env, PORT: port, ACCOUNTS: 'off', ...environment } });
  open.push(server);
  let [said, complained] = ['', ''];
  server.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  server.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString()));
  return { server, said: () => said, complained: () => complained };
}

/** A port that is taken, and stays so until the test ends. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('it says where it is, answers, and ends at once on Ctrl-C', async () => {
  const port = await takenPort();
  (open.pop() as Server).close();
  const { server, said } = start(String(port));
  await expect.poll(said, { timeout: 20_000 }).toBe(`Tonetwin is ready: http://localhost:${port}\n`);
  expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('<title>A page</title>');
  server.kill('SIGINT');
  expect(await once(server, 'exit')).toEqual([0, null]);
});

test('told to end by a manager of services it serves on for DRAIN_SECONDS and says so, then ends', async () => {
  const port = await takenPort();
  (open.pop() as Server).close();
  const { server, said } = start(String(port), PAGE, { DRAIN_SECONDS: '1' });
  await expect.poll(said, { timeout: 20_000 }).toContain('Tonetwin is ready');
  const ask = async (path: string) => {
    const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`);
    return [status, headers.get('connection')];
  };
  expect(await ask('/ready')).toEqual([200, 'keep-alive']);
  server.kill('SIGTERM');
  await expect.poll(() => ask('/ready')).toEqual([503, 'close']);
  expect(await ask('/')).toEqual([200, 'close']);
  expect(await once(server, 'exit')).toEqual([0, null]);
});

test('a port that is taken is a sentence that names the way out', async () => {
  const port = await takenPort();
  const { server, complained } = start(String(port));
  expect(await once(server, 'exit')).toEqual([1, null]);
  expect(complained()).toBe(`Port ${port} is taken by another program. Choose another: PORT=${port + 1} npm start\n`);
});

test('a port that is none is a sentence', async () => {
  const { server, complained } = start('eighty');
  expect(await once(server, 'exit')).toEqual([1, null]);
  expect(complained()).toBe('The configuration value PORT is wrong: "eighty" is not a number.\n');
});

test('a page that was not built is a sentence that names the way out', async () => {
  const { server, complained } = start('8787', 'tests/server');
  expect(await once(server, 'exit')).toEqual([1, null]);
  expect(complained()).toBe('There is no built page in tests/server. Build it and start: npm start\n');
});

test('with ACCOUNTS=on it keeps them in its data folder, over an end by Ctrl-C', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tonetwin-data-'));
  renameSync(await emptyDatabaseFolder(), join(data, 'database'));
  const port = await takenPort();
  (open.pop() as Server).close();
  const credentials = { email: 'ann@example.org', password: 'a long enough secret' };
  const post = (path: string) => fetch(`http://127.0.0.1:${port}/api/auth/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(credentials) });
  for (const [path, status] of [['register', 201], ['login', 200]] as const) {
    const { server, said } = start(String(port), PAGE, { ACCOUNTS: 'on', DATA_DIR: data });
    await expect.poll(said, { timeout: 60_000 }).toContain('Tonetwin is ready');
    expect((await post(path)).status).toBe(status);
    server.kill('SIGINT');
    expect(await once(server, 'exit')).toEqual([0, null]);
  }
  rmSync(data, { recursive: true });
}, 180_000);

test('a database that cannot be opened stops it where accounts were asked for, and otherwise leaves the page', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tonetwin-data-'));
  writeFileSync(join(data, 'database'), 'a file in its place');
  const port = await takenPort();
  (open.pop() as Server).close();
  const asked = start(String(port), PAGE, { ACCOUNTS: 'on', DATA_DIR: data });
  expect(await once(asked.server, 'exit')).toEqual([1, null]);
  expect(asked.complained()).toContain('The configuration value DATA_DIR is wrong');
  const unasked = start(String(port), PAGE, { ACCOUNTS: '', DATA_DIR: data });
  await expect.poll(unasked.complained, { timeout: 20_000 }).toContain('Without accounts: The configuration value DATA_DIR is wrong');
  await expect.poll(unasked.said, { timeout: 20_000 }).toContain('Tonetwin is ready');
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('<title>A page</title>');
  expect((await fetch(`http://127.0.0.1:${port}/api/auth/me`)).status).toBe(500);
  rmSync(data, { recursive: true });
});

test('without accounts nothing answers under /api', async () => {
  const port = await takenPort();
  (open.pop() as Server).close();
  const { said } = start(String(port));
  await expect.poll(said, { timeout: 20_000 }).toContain('Tonetwin is ready');
  const answer = await fetch(`http://127.0.0.1:${port}/api/auth/me`);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'NOT_FOUND']);
});
