/** Two instances over one database and one place for bytes: what one began the other goes on with. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'drizzle-orm';
import { createApi } from '../../server/api.ts';
import { createApp } from '../../server/app.ts';
import { createLeases } from '../../server/database/leases.ts';
import { noiseBytes } from '../support/noise-bytes.ts';
import { CHUNK, sealedMetadata, TUS } from '../support/tus.ts';
import { bearer } from './support/api-caller.ts';
import { LIMITS, openUploadCaller, type UploadCaller } from './support/upload-caller.ts';

let first: UploadCaller;
let second: Pick<UploadCaller, 'send'> & { close(): Promise<void> };
beforeAll(async () => {
  first = await openUploadCaller();
  const { database } = first.caller;
  const api = await createApi({ database, nowMs: () => first.caller.nowMs, isSecure: true, addressOf: () => '192.0.2.9', blobs: { store: first.world.another(), limits: LIMITS } });
  const app = createApp({ pageFolder: '.', api });
  second = {
    send: async (somebody, method, path, headers = {}, body) => app.request(`/api${path}`, { method, headers: { ...bearer(somebody!.access), ...headers }, ...(body === undefined ? {} : { body }) } as RequestInit),
    close: () => api.close(),
  };
}, 120_000);
afterAll(async () => {
  await second.close();
  await first.close();
});

/** Sends what it has, then says nothing more and stays open: a phone that left the room. */
function stalling(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.subarray(at, at + 65_536));
    },
  });
}

test.each([1000, 6_000_000, 9_000_000])('an upload that hangs on one after %i bytes goes on at the other, byte for byte', async (cut) => {
  const ann = await first.caller.somebody();
  const bytes = noiseBytes(12_000_000, cut);
  const id = await first.begin(ann, bytes.length, sealedMetadata(bytes));
  const hanging = first.send(ann, 'PATCH', `/uploads/${id}`, { ...CHUNK, 'upload-offset': '0' }, stalling(bytes.subarray(0, cut)));
  // It has the lease once it is there.
  await expect.poll(async () => [...(await first.caller.database.queries.execute(sql`SELECT 1 FROM leases WHERE name = ${`blob ${id}`}`))].length).toBe(1);
  const state = await second.send(ann, 'HEAD', `/uploads/${id}`, TUS);
  const offset = Number(state.headers.get('upload-offset'));
  expect([state.status, (await hanging).status]).toEqual([200, 423]);
  // What the first had is kept: all that it took in.
  expect(offset).toBeLessThanOrEqual(cut);
  const rest = await second.send(ann, 'PATCH', `/uploads/${id}`, { ...CHUNK, 'upload-offset': String(offset) }, bytes.subarray(offset));
  expect([rest.status, rest.headers.get('tonetwin-blob')]).toEqual([204, id]);
  const read = Buffer.from(await (await first.send(ann, 'GET', `/blobs/${id}`)).arrayBuffer());
  expect(read.equals(bytes)).toBe(true);
}, 60_000);

test('many that send the same at once leave one file, and it is right', async () => {
  const ann = await first.caller.somebody();
  const bytes = noiseBytes(3_000_000, 12);
  const id = await first.begin(ann, bytes.length, sealedMetadata(bytes));
  const sides = [first, second, first, second];
  await Promise.all(sides.map(async ({ send }) => {
    for (let tries = 0; tries < 40; tries += 1) {
      const state = await send(ann, 'HEAD', `/uploads/${id}`, TUS);
      if (state.headers.has('tonetwin-blob')) return;
      const offset = Number(state.headers.get('upload-offset'));
      if (state.status === 200) await send(ann, 'PATCH', `/uploads/${id}`, { ...CHUNK, 'upload-offset': String(offset) }, bytes.subarray(offset, offset + 500_000));
    }
  }));
  const read = Buffer.from(await (await second.send(ann, 'GET', `/blobs/${id}`)).arrayBuffer());
  expect(read.equals(bytes)).toBe(true);
}, 120_000);

test('a lease is one holder\'s; it is asked for, let go, and free when its holder is dead', async () => {
  const { queries } = first.caller.database;
  const [one, other] = [createLeases(queries), createLeases(queries)];
  const held = (await one.take('x', 0))!;
  expect([await held.isHeld(), await other.take('x', 0)]).toEqual([true, null]);
  expect(held.wanted.aborted).toBe(false);
  const waiting = other.take('x', 10_000);
  await expect.poll(() => held.wanted.aborted, { timeout: 5000 }).toBe(true);
  await held.release();
  const next = (await waiting)!;
  expect(await next.isHeld()).toBe(true);
  // Paused for so long that it is over: another has it, and the one that wakes up knows.
  await queries.execute(sql`UPDATE leases SET expires_at = clock_timestamp() - interval '1 second', holder = gen_random_uuid() WHERE name = 'x'`);
  const third = (await one.take('x', 0))!;
  await expect.poll(async () => [await next.isHeld(), next.wanted.aborted], { timeout: 5000 }).toEqual([false, true]);
  await third.release();
}, 30_000);

test('a lease whose database answers later than it lasts is held until another takes it', async () => {
  const { queries } = first.caller.database;
  const late = new Proxy(queries, {
    get: (target, name) => (name !== 'execute' ? (Reflect.get(target, name, target) as unknown) : async (query: Parameters<typeof queries.execute>[0]) => {
      const rows = await queries.execute(query);
      await new Promise((resolve) => setTimeout(resolve, 150));
      return rows;
    }),
  });
  const [one, other] = [createLeases(late, 100), createLeases(queries, 60_000)];
  const held = (await one.take('late', 0))!;
  expect(await held.isHeld()).toBe(true);
  const next = (await other.take('late', 5000))!;
  expect([await held.isHeld(), await next.isHeld()]).toEqual([false, true]);
  await Promise.all([held.release(), next.release()]);
});
