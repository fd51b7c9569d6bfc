/** A PostgreSQL server that was gone for a while. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../server/database/open-database.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

describe.skipIf(!hasPostgres())('a server that was gone', () => {
  let server: PostgresServer;
  let database: Database;
  let relay: Server;
  let port = 0;
  const sockets = new Set<Socket>();
  /** A way to the server that can be closed. */
  async function openRelay(): Promise<void> {
    const { hostname, port: to } = new URL(server.url);
    relay = createServer((client) => {
      const there = connect(Number(to), hostname);
      for (const [one, other] of [[client, there], [there, client]] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => other.destroy()).pipe(other);
      }
    }).listen(port, '127.0.0.1');
    await once(relay, 'listening');
    port = (relay.address() as AddressInfo).port;
  }
  function closeRelay(): void {
    relay.close();
    for (const socket of sockets) socket.destroy();
  }
  beforeAll(async () => {
    server = await startPostgres();
    await openRelay();
    database = await openDatabase({ kind: 'server', url: Object.assign(new URL(server.url), { port: String(port) }).href });
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    closeRelay();
    await server?.stop();
  });

  test('is missed soon after it is back, however often it was asked for in between', async () => {
    await database.ping();
    closeRelay();
    for (let tries = 0; tries < 4; tries += 1) await expect(Promise.all(Array.from({ length: 10 }, () => database.ping()))).rejects.toMatchObject({ code: 'server/database' });
    await openRelay();
    const backMs = performance.now();
    await database.ping();
    expect(performance.now() - backMs).toBeLessThan(3000);
  }, 60_000);
});
