import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { failure } from '../../server/failure.ts';
import { inTime, SERVER_LIMITS } from '../../server/limits.ts';
import { wholeBody } from '../../server/request-body.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const COUNTS = new Hono().all('*', async (c) => c.text(String((await c.req.text().catch(() => '')).length)));

async function listen(limits: Partial<Record<keyof typeof SERVER_LIMITS, number>>, app = COUNTS as Hono): Promise<number> {
  server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: { ...SERVER_LIMITS, ...limits } }) as Server;
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a raw client hears until the line is closed. */
async function heard(port: number, ...said: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.on('error', () => undefined);
  for (const part of said) socket.write(part);
  await once(socket, 'close');
  return text;
}

test('headers that never end are ended, however steadily they drip', async () => {
  const port = await listen({ headersTimeout: 150, connectionsCheckingInterval: 30 });
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
  const drip = setInterval(() => socket.write('X-A: b\r\n'), 20);
  await once(socket, 'close');
  clearInterval(drip);
  expect(text).toContain('408 Request Timeout');
});

test('a request that never ends is ended', async () => {
  const port = await listen({ headersTimeout: 100, requestTimeout: 150, connectionsCheckingInterval: 30 });
  expect(await heard(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab')).toContain('408 Request Timeout');
});

test('headers over sixteen kilobytes are refused', async () => {
  const port = await listen({});
  expect(await heard(port, `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'a'.repeat(17_000)}\r\n\r\n`)).toContain('431');
  expect(await heard(port, `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Large: ${'a'.repeat(12_000)}\r\n\r\n`)).toContain('200 OK');
});

test('two lengths, or a length and chunks, are refused: a proxy in front may read them otherwise', async () => {
  const port = await listen({});
  expect(await heard(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')).toContain('400 Bad Request');
  expect(await heard(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd')).toContain('400 Bad Request');
});

test('a body that does not come is not waited for', async () => {
  await expect(inTime(new Promise(() => undefined), 20)).rejects.toMatchObject({ code: 'request/too-slow' });
  await expect(inTime(Promise.resolve(3), 20)).resolves.toBe(3);
});

test('whoever asks for much and reads none of it is let go', async () => {
  const app = new Hono();
  app.get('*', (c) => c.body(new Uint8Array(64 * 1024 * 1024)));
  const port = await listen({}, app);
  server!.setTimeout(200);
  const closed = new Promise((resolve) => server!.once('connection', (line) => line.once('close', () => resolve('closed'))));
  const reader = connect(port, '127.0.0.1').pause().on('error', () => undefined);
  reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await closed).toBe('closed');
  reader.destroy();
});

describe('a body that is read whole', () => {
  const MOST = 1000;
  async function listenWhole(leastMs: number): Promise<number> {
    const app = new Hono();
    app.post('*', async (c) => c.text(new TextDecoder().decode(await wholeBody(c, MOST, leastMs))));
    app.onError((thrown, c) => failure(c, thrown));
    return listen({}, app);
  }
  const CHUNKED = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';

  test('comes in chunks or at its length', async () => {
    const port = await listenWhole(5000);
    expect(await heard(port, CHUNKED, '5\r\nHello\r\n', '7\r\n, world\r\n', '0\r\n\r\n')).toMatch(/200 OK[\s\S]*Hello, world/);
    expect(await heard(port, 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nHello')).toMatch(/200 OK[\s\S]*Hello/);
  });

  test.each([
    ['in chunks', `${CHUNKED}3e9\r\n${'a'.repeat(1001)}\r\n0\r\n\r\n`],
    ['by what is said of it', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n'],
  ])('is refused %s where it is too large, and the line closed', async (_how, said) => {
    const answer = await heard(await listenWhole(5000), said);
    expect(answer).toMatch(/413 Payload Too Large[\s\S]*connection: close/i);
    expect(answer).toContain('"reason":"request/too-large"');
  });

  test.each([['in chunks', CHUNKED, '1\r\na\r\n'], ['by its length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n', 'a']])('that drips %s is waited for no longer than a slow line takes', async (_how, head, drop) => {
    const port = await listenWhole(150);
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
    socket.on('error', () => undefined);
    socket.write(head);
    const drip = setInterval(() => socket.write(drop), 20);
    await once(socket, 'close');
    clearInterval(drip);
    expect(text).toMatch(/408 Request Timeout[\s\S]*connection: close/i);
  });
});
