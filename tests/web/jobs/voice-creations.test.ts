import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { locksOfPage } from '../../../web/jobs/locks.ts';
import type { Creation, CreationRequest } from '../../../web/jobs/voices/creation.ts';
import { nextCreation } from '../../../web/jobs/voices/creation.ts';
import { createCreations, type CreationSteps, type CreationStore } from '../../../web/jobs/voices/creations.ts';

const REQUEST: CreationRequest = { model: 'm', name: 'Ada', description: '', language: 'en', tags: [], isPublic: false, transcript: '', sampleText: '', hasConsent: true };
const SAMPLE = { wav: new Uint8Array([1, 2, 3]), embedding: { version: 'v', vector: [1], hash: 'h' } };

function memoryStore(): CreationStore & { readonly kept: Map<string, Creation> } {
  const kept = new Map<string, Creation>();
  return {
    kept,
    list: () => Promise.resolve(structuredClone([...kept.values()])),
    put: (creation) => Promise.resolve(void kept.set(creation.id, structuredClone(creation))),
    remove: (id) => Promise.resolve(void kept.delete(id)),
  };
}

/** @param failures by step, in turn; null: it works */
function setUp(failures: Partial<Record<keyof CreationSteps, (AppError | null)[]>> = {}, store = memoryStore()) {
  const asked: string[] = [];
  const step = (name: keyof CreationSteps): void => {
    asked.push(name);
    const failure = failures[name]?.shift();
    if (failure) throw failure;
  };
  const steps: CreationSteps = {
    upload: async () => (step('upload'), { id: 'file-1' }),
    embed: async () => step('embed'),
    clone: async () => (step('clone'), { voiceId: 'voice-1', isDuplicate: false }),
  };
  let [time, ids] = [0, 0];
  const creations = createCreations({ store, steps, locks: locksOfPage(), nowMs: () => (time += 1), newId: () => `c${(ids += 1)}`, channel: null });
  const only = () => [...store.kept.values()][0]!;
  const settled = async (status: Creation['status']) => {
    await expect.poll(() => only().status).toBe(status);
    return only();
  };
  return { asked, creations, store, settled };
}

test('a voice is uploaded, its print is kept, it is cloned; then its sample is no longer on the device', async () => {
  const { asked, creations, settled } = setUp();
  const seen: string[] = [];
  creations.watch((now) => now[0] && seen.push(`${now[0].stage} ${now[0].status}`));
  await creations.add(REQUEST, SAMPLE);
  const made = await settled('finished');
  expect(asked).toEqual(['upload', 'embed', 'clone']);
  expect(made).toMatchObject({ stage: 'done', voiceId: 'voice-1', wav: null, error: null });
  expect(seen).toContain('embedding working');
  expect(seen.indexOf('embedding working')).toBeLessThan(seen.indexOf('cloning working'));
});

test('a failure stands at its stage, and another try goes on from there', async () => {
  const { asked, creations, settled } = setUp({ clone: [new AppError('upstream/failed')] });
  const id = await creations.add(REQUEST, SAMPLE);
  const failed = await settled('failed');
  expect(failed).toMatchObject({ stage: 'cloning', error: { code: 'upstream/failed' }, fileId: 'file-1' });
  expect(failed.wav).not.toBeNull();
  await creations.retry(id);
  await settled('finished');
  expect(asked).toEqual(['upload', 'embed', 'clone', 'clone']);
});

test('without a network it waits, and goes out when asked to resume, after a reload too', async () => {
  const store = memoryStore();
  const first = setUp({ upload: [new AppError('network/unavailable')] }, store);
  await first.creations.add(REQUEST, SAMPLE);
  await first.settled('waiting');
  const reloaded = setUp({}, store);
  await reloaded.creations.resume();
  expect(await reloaded.settled('finished')).toMatchObject({ voiceId: 'voice-1' });
});

test('what was cut off while it worked is taken up again at its stage', async () => {
  const store = memoryStore();
  await store.put({ id: 'c0', createdMs: 0, request: REQUEST, ...SAMPLE, stage: 'cloning', status: 'working', error: null, fileId: 'file-9', voiceId: null, isDuplicate: false });
  const { asked, creations, settled } = setUp({}, store);
  await creations.resume();
  await settled('finished');
  expect(asked).toEqual(['clone']);
});

test('a sample that the server no longer has is uploaded again', async () => {
  const { asked, creations, settled } = setUp({ clone: [new AppError('speech/sample-gone')] });
  const id = await creations.add(REQUEST, SAMPLE);
  expect(await settled('failed')).toMatchObject({ stage: 'uploading', fileId: null });
  await creations.retry(id);
  await settled('finished');
  expect(asked).toEqual(['upload', 'embed', 'clone', 'upload', 'embed', 'clone']);
});

test('one that waits does not hold up the others, and one that is removed stays removed', async () => {
  const { creations, store } = setUp({ upload: [new AppError('network/unavailable'), null] });
  const first = await creations.add(REQUEST, SAMPLE);
  await expect.poll(() => store.kept.get(first)?.status).toBe('waiting');
  const second = await creations.add({ ...REQUEST, name: 'Bo' }, SAMPLE);
  await expect.poll(() => [...store.kept.values()].filter(({ status }) => status === 'finished').length).toBe(2);
  await creations.remove(second);
  expect([...store.kept.keys()]).toEqual([first]);
});

test('what waits is tried again when another is added while the queue works', async () => {
  let [letGo, uploads] = [() => {}, 0];
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const store = memoryStore();
  const steps: CreationSteps = {
    // The first is cut off, the second hangs until the third is there.
    async upload() {
      uploads += 1;
      if (uploads === 1) throw new AppError('network/unavailable');
      if (uploads === 2) await held;
      return { id: `file-${uploads}` };
    },
    embed: () => Promise.resolve(),
    clone: () => Promise.resolve({ voiceId: 'voice', isDuplicate: false }),
  };
  let ids = 0;
  const creations = createCreations({ store, steps, locks: locksOfPage(), nowMs: () => ids, newId: () => `c${(ids += 1)}`, channel: null });
  await creations.add(REQUEST, SAMPLE);
  await expect.poll(() => store.kept.get('c1')?.status).toBe('waiting');
  store.kept.set('c1', { ...store.kept.get('c1')!, createdMs: 99 });
  await creations.add(REQUEST, SAMPLE);
  await expect.poll(() => uploads).toBe(2);
  await creations.add(REQUEST, SAMPLE);
  letGo();
  await expect.poll(() => [...store.kept.values()].map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
});

test('one that is added at the very end of a round, while the lock is still held, goes out', async () => {
  const inner = locksOfPage();
  const { store, steps } = { store: memoryStore(), steps: { upload: () => Promise.resolve({ id: 'f' }), embed: () => Promise.resolve(), clone: () => Promise.resolve({ voiceId: 'v', isDuplicate: false }) } satisfies CreationSteps };
  let [ids, isAdded] = [0, false];
  const creations = createCreations({
    store, steps, nowMs: () => ids, newId: () => `c${(ids += 1)}`, channel: null,
    locks: {
      ...inner,
      hold: (name, signal, work) =>
        inner.hold(name, signal, async () => {
          await work();
          if (isAdded) return;
          isAdded = true;
          await creations.add(REQUEST, SAMPLE);
        }),
    },
  });
  await creations.add(REQUEST, SAMPLE);
  await expect.poll(() => [store.kept.get('c1')?.status, store.kept.get('c2')?.status]).toEqual(['finished', 'finished']);
});

test('a finished voice is not tried again', () => {
  const finished: Creation = { id: 'c', createdMs: 0, request: REQUEST, wav: null, embedding: SAMPLE.embedding, stage: 'done', status: 'finished', error: null, fileId: 'f', voiceId: 'v', isDuplicate: true };
  expect(nextCreation(finished, { type: 'retried' })).toBe(finished);
});
