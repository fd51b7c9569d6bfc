import { expect, test } from 'vitest';
import { memoryScratch } from '../../../../wasm/rendering/scratch.ts';
import { memoryStorage } from '../../../../web/storage/memory/memory-storage.ts';
import { fileScratch } from '../../../../web/workers/render/file-scratch.ts';
import { whiteNoise } from '../../../support/signals.ts';

const NAME = { folder: 'scratch', id: 'a' } as const;

test('a scratch in a file does what a scratch in memory does', async () => {
  const { bytes } = memoryStorage();
  const [inFile, inMemory] = [fileScratch(bytes, NAME, null), memoryScratch()];
  const both = async (act: (scratch: typeof inMemory) => Promise<unknown>) => expect(await act(inFile)).toEqual(await act(inMemory));
  for (const seed of [1, 2, 3]) await both((scratch) => scratch.write([whiteNoise(100, seed), whiteNoise(100, seed + 10)]));
  await both((scratch) => scratch.read(50, 120));
  await both((scratch) => scratch.read(290, 100));
  await both((scratch) => scratch.truncate(150));
  expect([inFile.frames, inMemory.frames]).toEqual([150, 150]);
  await both((scratch) => scratch.write([whiteNoise(10, 4), whiteNoise(10, 14)]));
  await both((scratch) => scratch.read(0, 1000));
  await both((scratch) => scratch.truncate(0));
  await both((scratch) => scratch.write([whiteNoise(5, 5)]));
  await both((scratch) => scratch.read(0, 5));
  await both((scratch) => scratch.remove());
  expect(await bytes.list()).toEqual([]);
});

test('a scratch left by an interrupted render goes on', async () => {
  const { bytes } = memoryStorage();
  const before = fileScratch(bytes, NAME, null);
  await before.write([whiteNoise(100, 1)]);
  await before.flush();
  const after = fileScratch(bytes, NAME, { frames: 100, channels: 1 });
  await after.truncate(60);
  await after.write([whiteNoise(10, 2)]);
  expect(await after.read(0, 100)).toEqual([Float32Array.of(...whiteNoise(100, 1).slice(0, 60), ...whiteNoise(10, 2))]);
});
