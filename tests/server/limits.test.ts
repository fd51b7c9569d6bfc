import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { inTime, SERVER_LIMITS } from '../../server/limits.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(limits: Partial<Record<keyof typeof SERVER_LIMITS, number>>): Promise<number> {
  const app = new Hono().all('*', async (c) => c.text(String((await c.req.text().catch(() => '')).length)));
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
