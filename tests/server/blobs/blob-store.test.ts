/** Laws of every store of blobs; on a folder, or on the S3 service that `npm test` has started. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlobStore, Progress } from '../../../server/blobs/contract.ts';
import { newId } from '../../../server/ids.ts';
import { openTestStore, type TestStore } from '../../support/blob-store.ts';
import { noiseBytes } from '../../support/noise-bytes.ts';

let world: TestStore;
let store: BlobStore;
beforeAll(async () => {
  world = await openTestStore();
  store = world.store;
});
afterAll(() => world.remove());

const MEBI = 1024 * 1024;
const EMPTY: Progress = { received: 0, place: {} };

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(id: string, place: Progress['place'], from: number, to: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(id, place, from, to)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Keeps what was recorded, as the database does. */
function recorder(from: Progress = EMPTY) {
  const kept = { last: from, times: 0 };
  return { kept, record: async (progress: Progress) => void ([kept.last, kept.times] = [progress, kept.times + 1]) };
}

test.each([0, 1, 5 * MEBI, 5 * MEBI + 1, 11 * MEBI + 13])('%i bytes come back as they were put, whole and in part', async (size) => {
  const [id, bytes] = [newId(Date.now()), noiseBytes(size, 1)];
  const { kept, record } = recorder();
  const progress = await store.append(id, EMPTY, pieces(bytes, 777_777), size, record);
  expect(progress.received).toBe(size);
  if (size > 0) expect(kept.last).toEqual(progress);
  const place = await store.finish(id, progress);
  if (size > 0) expect((await readAll(id, place, 0, size - 1)).equals(bytes)).toBe(true);
  if (size > 10) expect((await readAll(id, place, 5, size - 3)).equals(bytes.subarray(5, size - 2))).toBe(true);
  await store.remove(id, place);
  expect((await world.names()).filter((name) => name.startsWith(id))).toEqual([]);
}, 120_000);

test.each([[3 * MEBI, 12 * MEBI], [6 * MEBI, 6 * MEBI + 1], [1, 5 * MEBI]])('what was cut after %i bytes goes on from what was recorded, in another instance', async (cut, size) => {
  const [id, bytes] = [newId(Date.now()), noiseBytes(size, 2)];
  const first = recorder();
  const broken = async function* () {
    yield* pieces(bytes.subarray(0, cut), 400_000);
    throw new Error('the line was cut');
  };
  await expect(store.append(id, EMPTY, broken(), size, first.record)).rejects.toThrow('the line was cut');
  // All that came is kept, to the byte.
  expect(first.kept.last.received).toBe(cut);
  const progress = await world.another().append(id, first.kept.last, pieces(bytes.subarray(cut), 400_000), size, recorder().record);
  const place = await store.finish(id, progress);
  expect((await readAll(id, place, 0, size - 1)).equals(bytes)).toBe(true);
  await store.remove(id, place);
  expect((await world.names()).filter((name) => name.startsWith(id))).toEqual([]);
}, 120_000);

test('a writer that was killed behind what it had recorded is written over', async () => {
  const [id, bytes] = [newId(Date.now()), noiseBytes(12 * MEBI, 3)];
  let recorded = EMPTY;
  // Records once, then is as good as dead: whatever it still writes, nobody hears of.
  const killed = store.append(id, EMPTY, pieces(bytes.subarray(0, 11 * MEBI), MEBI), bytes.length, async (progress) => {
    if (recorded.received > 0) throw new Error('killed');
    recorded = progress;
  });
  await expect(killed).rejects.toThrow('killed');
  expect(recorded.received).toBeLessThan(11 * MEBI);
  const progress = await store.append(id, recorded, pieces(bytes.subarray(recorded.received), MEBI), bytes.length, recorder().record);
  const place = await store.finish(id, progress);
  expect((await readAll(id, place, 0, bytes.length - 1)).equals(bytes)).toBe(true);
}, 120_000);

test('finishing goes on where it was cut short, and what is finished stays so', async () => {
  const [id, bytes] = [newId(Date.now()), noiseBytes(6 * MEBI, 4)];
  // The length was not known: the last bytes wait for it.
  const progress = await store.append(id, EMPTY, pieces(bytes, MEBI), null, recorder().record);
  await store.finish(id, progress);
  // As after a kill between that and the row.
  const place = await store.finish(id, progress);
  expect((await readAll(id, place, 0, bytes.length - 1)).equals(bytes)).toBe(true);
}, 120_000);

test('removing what was begun leaves nothing, and what never was is no failure', async () => {
  const id = newId(Date.now());
  const progress = await store.append(id, EMPTY, pieces(noiseBytes(7 * MEBI, 5), MEBI), 20 * MEBI, recorder().record);
  await store.remove(id, progress.place);
  await store.remove(id, progress.place);
  await store.remove(newId(Date.now()), {});
  expect((await world.names()).filter((name) => name.startsWith(id))).toEqual([]);
}, 120_000);

test('an id that is none of ours reaches no file', async () => {
  for (const id of ['../x', '.', '', `${newId(0)}/../../etc/passwd`, newId(0).toUpperCase().replace(/[0-9]/g, 'A'), `${newId(0)}\n`]) {
    await expect((async () => store.append(id, EMPTY, pieces(new Uint8Array(3), 3), 3, recorder().record))()).rejects.toThrow('not an id of a blob');
    await expect((async () => store.finish(id, EMPTY))()).rejects.toThrow('not an id of a blob');
    await expect((async () => readAll(id, {}, 0, 1))()).rejects.toThrow('not an id of a blob');
    await expect((async () => store.remove(id, {}))()).rejects.toThrow('not an id of a blob');
  }
});

test('what is not there is said to be missing; the store answers', async () => {
  await expect(readAll(newId(Date.now()), {}, 0, 9)).rejects.toMatchObject({ code: 'storage/missing' });
  await expect(store.check()).resolves.toBeUndefined();
});
