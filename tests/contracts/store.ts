/**
 * The laws of a store, for every backend: in Node for memory, in a real browser for the others.
 * Free of any test runner, so that it can be carried into a browser.
 */
import { AppError } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import type { ByteStore, DocumentStore, FileName, Storage } from '../../web/storage/contract.ts';

export interface Law<S> {
  readonly name: string;
  /** @param reopen the same store through a new connection */
  run(store: S, reopen: () => Promise<S>): Promise<void>;
}

function equal(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : String(thrown);
  }
}

export const aJob = (id: string, changes: Partial<Job> = {}): Job => ({
  id, idempotencyKey: id, plan: 'match', options: { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false },
  referenceId: 'r', targetId: 't', styleId: null, resultId: null, state: 'PENDING', stagePercent: 0, percent: 0, segment: null,
  renderedFrames: 0, attempts: 0, notBeforeMs: 0, error: null, workSeconds: 10, createdMs: 0, startedMs: null, updatedMs: 0, finishedMs: null,
  ...changes,
});

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

export const DOCUMENT_LAWS: readonly Law<DocumentStore>[] = [
  {
    name: 'what was put is got, after reopening too',
    async run(store, reopen) {
      await store.put('jobs', aJob('a', { percent: 12.5 }));
      await store.put('jobs', aJob('b'));
      equal(await store.get('jobs', 'a'), aJob('a', { percent: 12.5 }));
      equal((await (await reopen()).list('jobs')).sort(byId), [aJob('a', { percent: 12.5 }), aJob('b')]);
      equal([await store.ids('jobs'), await store.ids('results')].map((ids) => ids.sort()), [['a', 'b'], []]);
      equal(await store.get('jobs', 'nothing'), undefined);
    },
  },
  {
    name: 'putting again replaces, removing twice is fine',
    async run(store) {
      await store.put('jobs', aJob('a'));
      await store.put('jobs', aJob('a', { percent: 50 }));
      equal((await store.list('jobs')).map(({ percent }) => percent), [50]);
      await store.remove('jobs', 'a');
      await store.remove('jobs', 'a');
      equal(await store.list('jobs'), []);
    },
  },
  {
    name: 'concurrent updates do not lose one another',
    async run(store) {
      await store.put('jobs', aJob('a'));
      const again = { ...aJob('a') };
      await Promise.all(Array.from({ length: 20 }, () => store.update('jobs', 'a', (job) => ({ ...(job ?? again), attempts: (job?.attempts ?? 0) + 1 }))));
      equal((await store.get('jobs', 'a'))?.attempts, 20);
    },
  },
  {
    name: 'an update that throws leaves the document as it was',
    async run(store) {
      await store.put('jobs', aJob('a'));
      const refusal = code(store.update('jobs', 'a', () => { throw new AppError('job/unknown'); }));
      equal(await refusal, 'job/unknown');
      equal(await store.get('jobs', 'a'), aJob('a'));
    },
  },
  {
    name: 'what was got is a copy',
    async run(store) {
      await store.put('jobs', aJob('a'));
      const job = (await store.get('jobs', 'a')) as { percent: number };
      job.percent = 99;
      equal((await store.get('jobs', 'a'))?.percent, 0);
    },
  },
];

const FILE: FileName = { folder: 'decoded', id: 'f00d' };
const pattern = (length: number, seed: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 255);
const LARGE = 2_500_000;

/** Same bytes, without printing millions of them. */
function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  equal(actual.length, expected.length);
  const first = actual.findIndex((value, i) => value !== expected[i]);
  if (first >= 0) throw new Error(`byte ${first}: expected ${expected[first]}, got ${actual[first]}`);
}

const readAll = async (store: ByteStore): Promise<Uint8Array> => {
  const source = await store.open(FILE);
  return source.read(0, source.bytes);
};

async function written(store: ByteStore, ...parts: Uint8Array<ArrayBuffer>[]): Promise<void> {
  const writer = await store.writer(FILE);
  for (const part of parts) await writer.write(part);
  await writer.close();
}

export const BYTE_LAWS: readonly Law<ByteStore>[] = [
  {
    name: 'what was written is read, byte for byte, after reopening too',
    async run(store, reopen) {
      const bytes = pattern(LARGE, 1);
      await written(store, bytes.slice(0, 1000), bytes.slice(1000, 1_048_576), bytes.slice(1_048_576));
      sameBytes(await readAll(store), bytes);
      const again = await reopen();
      sameBytes(await readAll(again), bytes);
      sameBytes(new Uint8Array(await (await again.blob(FILE)).arrayBuffer()), bytes);
      equal(await again.list(), [{ ...FILE, bytes: LARGE }]);
    },
  },
  {
    name: 'any piece can be read, shorter at the end',
    async run(store) {
      const bytes = pattern(LARGE, 2);
      await written(store, bytes);
      const source = await store.open(FILE);
      for (const [offset, length] of [[0, 1], [1_048_570, 20], [2_097_152, 5], [LARGE - 3, 10], [LARGE, 4]] as const) {
        sameBytes(await source.read(offset, length), bytes.slice(offset, offset + length));
      }
    },
  },
  {
    name: 'writing goes on from a position and drops what lay after it',
    async run(store) {
      const bytes = pattern(LARGE, 3);
      await written(store, bytes);
      const writer = await store.writer(FILE, 1_200_000);
      equal(writer.position, 1_200_000);
      await writer.write(pattern(10, 4));
      await writer.flush();
      equal(writer.position, 1_200_010);
      await writer.write(pattern(10, 5));
      await writer.close();
      sameBytes(await readAll(store), Uint8Array.from([...bytes.slice(0, 1_200_000), ...pattern(10, 4), ...pattern(10, 5)]));
    },
  },
  {
    name: 'starting afresh forgets what was there',
    async run(store) {
      await written(store, pattern(LARGE, 6));
      await written(store, pattern(5, 7));
      sameBytes(await readAll(store), pattern(5, 7));
    },
  },
  {
    name: 'what is not there is storage/missing',
    async run(store) {
      equal(await code(store.open(FILE)), 'storage/missing');
      equal(await code(store.blob(FILE)), 'storage/missing');
      equal(await code(store.writer(FILE, 100)), 'storage/missing');
      await store.remove(FILE);
      await written(store, pattern(10, 8));
      equal(await code(store.writer(FILE, 11)), 'storage/missing');
      await store.remove(FILE);
      equal(await code(store.open(FILE)), 'storage/missing');
      equal(await store.list(), []);
    },
  },
  {
    name: 'several read one file at once, from start to end, and none of them keeps it from being written again or removed',
    async run(store) {
      const bytes = pattern(LARGE, 11);
      await written(store, bytes);
      const read = async (): Promise<void> => {
        const source = await store.open(FILE);
        for (let at = 0; at < LARGE; at += 300_000) sameBytes(await source.read(at, 300_000), bytes.slice(at, at + 300_000));
      };
      await Promise.all([read(), read(), read()]);
      // Sources that are read while somebody writes or removes answer what was there or an error; the others are not disturbed.
      const [late, gone] = [await store.open(FILE), await store.open(FILE)];
      const lateRead = code(late.read(0, LARGE));
      await written(store, pattern(5, 12));
      await lateRead;
      const goneRead = code(gone.read(0, 5));
      await store.remove(FILE);
      await goneRead;
      equal(await store.list(), []);
    },
  },
  {
    name: 'an empty file is a file',
    async run(store) {
      await written(store);
      equal((await store.open(FILE)).bytes, 0);
    },
  },
];

/** For a backend whose space can be limited. */
export const FULL_LAW: Law<Storage> = {
  name: 'running out of space is storage/full and harms nothing that was there',
  async run({ bytes, documents }) {
    await written(bytes, pattern(1000, 9));
    const writer = await bytes.writer({ folder: 'results', id: 'big' });
    equal(await code((async () => { for (;;) await writer.write(pattern(100_000, 10)); })()), 'storage/full');
    await writer.close();
    await bytes.remove({ folder: 'results', id: 'big' });
    sameBytes(await readAll(bytes), pattern(1000, 9));
    await documents.put('jobs', aJob('a'));
  },
};
