import { expect, test } from 'vitest';
import { createSharedWork } from '../../../web/pipeline/shared-work.ts';
import type { StageTask } from '../../../web/pipeline/stage.ts';

/** Work that ends when it is told to, and notes how often it was begun. */
function held() {
  const begun: { task: StageTask; finish: (value: number) => void; fail: (error: Error) => void }[] = [];
  const work = (task: StageTask): Promise<number> => new Promise((finish, fail) => void begun.push({ task, finish, fail }));
  return { begun, work };
}

test('two who want the same work share one run of it and both hear of its progress', async () => {
  const [shared, { begun, work }] = [createSharedWork<number>(), held()];
  const heard: number[] = [];
  const first = shared.run('a', {}, work);
  const second = shared.run('a', { onProgress: (fraction) => heard.push(fraction) }, work);
  begun[0]!.task.onProgress!(0.5, null);
  begun[0]!.finish(7);
  expect([await first, await second, heard, begun.length]).toEqual([7, 7, [0.5], 1]);
});

test('one who stops leaves the work to the other', async () => {
  const [shared, { begun, work }] = [createSharedWork<number>(), held()];
  const controller = new AbortController();
  const first = shared.run('a', { signal: controller.signal }, work);
  const second = shared.run('a', {}, work);
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'job/cancelled' });
  expect(begun[0]!.task.signal!.aborted).toBe(false);
  begun[0]!.finish(1);
  expect(await second).toBe(1);
});

test('the work ends when the last one stops, and starts anew for the next', async () => {
  const [shared, { begun, work }] = [createSharedWork<number>(), held()];
  const controller = new AbortController();
  const first = shared.run('a', { signal: controller.signal }, work);
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'job/cancelled' });
  expect(begun[0]!.task.signal!.aborted).toBe(true);
  const next = shared.run('a', {}, work);
  begun[0]!.fail(new Error('stopped'));
  begun[1]!.finish(2);
  expect(await next).toBe(2);
});

test('a failure reaches all, and is not remembered', async () => {
  const [shared, { begun, work }] = [createSharedWork<number>(), held()];
  const both = [shared.run('a', {}, work), shared.run('a', {}, work)];
  begun[0]!.fail(new Error('broken'));
  for (const one of both) await expect(one).rejects.toThrow('broken');
  const next = shared.run('a', {}, work);
  begun[1]!.finish(3);
  expect(await next).toBe(3);
});

test('work under another name is other work', async () => {
  const [shared, { begun, work }] = [createSharedWork<number>(), held()];
  const both = [shared.run('a', {}, work), shared.run('b', {}, work)];
  begun.forEach(({ finish }, i) => finish(i));
  expect(await Promise.all(both)).toEqual([0, 1]);
});

test('who looks on is told what comes of it, keeps nobody working, and sees nothing once it has ended', async () => {
  const [shared, { begun, work }] = [createSharedWork<number>(), held()];
  expect(shared.underWay('a')).toBe(undefined);
  const controller = new AbortController();
  const wanted = shared.run('a', { signal: controller.signal }, work);
  const seen = shared.underWay('a');
  controller.abort();
  await expect(wanted).rejects.toMatchObject({ code: 'job/cancelled' });
  expect([begun[0]!.task.signal!.aborted, shared.underWay('a')]).toEqual([true, undefined]);
  begun[0]!.finish(4);
  expect(await seen).toBe(4);
});
