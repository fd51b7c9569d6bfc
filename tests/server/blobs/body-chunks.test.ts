import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { bodyChunks } from '../../../server/blobs/body-chunks.ts';
import { AppError } from '../../../shared/errors.ts';

/** Of a kind of its own, so that those which are alive can be counted. */
class Piece extends Uint8Array<ArrayBuffer> {}

function pieces(count: number, onPull: (nth: number) => Promise<void> | void = () => undefined): ReadableStream<Uint8Array> {
  let nth = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await onPull(nth);
      if (nth === count) controller.close();
      else controller.enqueue(new Piece(new ArrayBuffer(1000)).fill(nth));
      nth += 1;
    },
  });
}

const tooMuch = (): AppError => new AppError('upload/too-large');
const never = new AbortController().signal;

test('pieces that were taken are not held until the body ends', async () => {
  let taken = 0;
  for await (const { length } of bodyChunks(pieces(200), { signal: never, mostBytes: 1e6, tooMuch })) {
    taken += length;
    // V8 collects its garbage before it counts.
    if (taken === 199_000) expect(queryObjects(Piece, { format: 'count' })).toBeLessThan(10);
  }
  expect(taken).toBe(200_000);
});

test('a body is read no faster than its pieces are taken', async () => {
  let pulled = 0;
  const chunks = bodyChunks(pieces(200, (nth) => void (pulled = nth)), { signal: never, mostBytes: 1e6, tooMuch });
  for (let taken = 0; taken < 5; taken += 1) await chunks.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(pulled).toBeLessThan(10);
  await chunks.return(undefined);
});

test('what comes beyond the limit is not handed over, what is within it is', async () => {
  const got: number[] = [];
  await expect((async () => {
    for await (const { length } of bodyChunks(pieces(3), { signal: never, mostBytes: 1500, tooMuch })) got.push(length);
  })()).rejects.toMatchObject({ code: 'upload/too-large' });
  expect(got).toEqual([1000, 500]);
});

test('whoever waits for the next piece hears at once that another wants to send, and that nothing comes any more', async () => {
  const silent = (): ReadableStream<Uint8Array> => pieces(2, (nth) => (nth === 0 ? undefined : new Promise<void>(() => undefined)));
  const wanted = new AbortController();
  const stopped = bodyChunks(silent(), { signal: wanted.signal, mostBytes: 1e6, tooMuch });
  await stopped.next();
  const waiting = stopped.next();
  wanted.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'upload/busy' });
  // Before it began, too.
  await expect(bodyChunks(silent(), { signal: wanted.signal, mostBytes: 1e6, tooMuch }).next()).rejects.toMatchObject({ code: 'upload/busy' });
  const idle = bodyChunks(silent(), { signal: never, mostBytes: 1e6, tooMuch, idleMs: 20 });
  await idle.next();
  await expect(idle.next()).rejects.toMatchObject({ code: 'upload/cut' });
});

test('a line that breaks is told as one', async () => {
  const broken = pieces(3, (nth) => (nth === 2 ? Promise.reject(new Error('ECONNRESET')) : undefined));
  const got: number[] = [];
  await expect((async () => {
    for await (const { length } of bodyChunks(broken, { signal: never, mostBytes: 1e6, tooMuch })) got.push(length);
  })()).rejects.toMatchObject({ code: 'upload/cut' });
  expect(got).toEqual([1000, 1000]);
});
