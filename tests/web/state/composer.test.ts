import { createRoot } from 'solid-js';
import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { TonetwinService } from '../../../web/jobs/contract.ts';
import { createComposer } from '../../../web/state/composer.ts';
import { createProduct } from '../../../web/state/product.tsx';
import { createFakeService } from '../support/fake-service.ts';

const memory = () => {
  const held = new Map<string, string>();
  return { getItem: (key: string) => held.get(key) ?? null, setItem: (key: string, value: string) => void held.set(key, value) };
};
const wav = (name: string) => new File(['RIFF'], name, { type: 'audio/wav' });
const settle = () => new Promise((done) => setTimeout(done, 30));

function composing(service: TonetwinService = createFakeService({ stepMs: 1 }), storage = memory()) {
  return createRoot((dispose) => {
    const product = createProduct(service);
    return { product, composer: createComposer(product, storage), storage, dispose };
  });
}

test('a match can start once both recordings are ready, and starts with the options as they stand', async () => {
  const { composer, product, dispose } = composing();
  expect(composer.readiness()).toBe('needs-both');
  await composer.add('reference', wav('ref.wav'));
  await composer.add('target', wav('take.wav'));
  expect(composer.readiness()).toBe('ready');
  composer.setOptions('ceilingDbtp', -2);
  const job = await composer.start();
  expect(job).toMatchObject({ plan: 'match', options: { mode: 'B', ceilingDbtp: -2 } });
  expect(product.jobs).toHaveLength(1);
  dispose();
});

test('a file that cannot be used is told where it was put, and the other place keeps its recording', async () => {
  const { composer, dispose } = composing();
  await composer.add('target', wav('take.wav'));
  await composer.add('reference', wav('audio-silent.wav'));
  expect(composer.slots.reference).toMatchObject({ status: 'failed', error: { code: 'audio/silent' } });
  expect(composer.slots.target).toMatchObject({ status: 'chosen' });
  expect(composer.readiness()).toBe('needs-both');
  dispose();
});

test('a rare format opens once the additional decoder is allowed', async () => {
  const { composer, dispose } = composing();
  await composer.add('target', wav('audio-needs-fallback.wma'));
  expect(composer.slots.target).toMatchObject({ status: 'failed', error: { code: 'audio/needs-fallback' } });
  await composer.add('target', wav('audio-needs-fallback.wma'), true);
  expect(composer.slots.target).toMatchObject({ status: 'chosen' });
  dispose();
});

test('two recordings of one performance are suggested as such', async () => {
  const { composer, dispose } = composing(createFakeService({ stepMs: 1, paired: true }));
  await composer.loadDemo();
  await settle();
  expect(composer.suggestion()).toBe(true);
  composer.clear('target');
  await settle();
  expect(composer.suggestion()).toBe(false);
  dispose();
});

test('choices survive a reload; a recording removed meanwhile leaves its place empty', async () => {
  const service = createFakeService({ stepMs: 1 });
  const first = composing(service);
  await first.composer.loadDemo();
  first.composer.setOptions('pitch', true);
  await settle();
  first.dispose();
  await service.removeRecording('demo-target');
  const second = composing(service, first.storage);
  await settle();
  expect(second.composer.slots.reference).toMatchObject({ status: 'chosen', id: 'demo-reference' });
  expect(second.composer.slots.target).toEqual({ status: 'empty' });
  expect(second.composer.options.pitch).toBe(true);
  second.dispose();
});

test('a loaded preset needs a target alone and is rendered, not matched', async () => {
  const { composer, dispose } = composing();
  await composer.loadPreset(new File(['{"version":1}'], 'warm.json'));
  expect(composer.readiness()).toBe('needs-target');
  await composer.add('target', wav('take.wav'));
  expect(await composer.start()).toMatchObject({ plan: 'render', referenceId: null });
  dispose();
});

test('a preset that is not one is told, and nothing changes', async () => {
  const { composer, dispose } = composing();
  await composer.loadPreset(new File(['nonsense'], 'x.json'));
  expect(composer.preset()).toBeNull();
  expect(composer.failure()?.code).toBe('style/invalid');
  dispose();
});

test('a full disk at the start of a match is told and leaves both recordings in place', async () => {
  const service = { ...createFakeService({ stepMs: 1 }), startMatch: () => Promise.reject(new AppError('storage/full')) };
  const { composer, dispose } = composing(service);
  await composer.loadDemo();
  expect(await composer.start()).toBeNull();
  expect(composer.failure()?.code).toBe('storage/full');
  expect(composer.readiness()).toBe('ready');
  dispose();
});
