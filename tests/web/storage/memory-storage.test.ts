import { describe, test } from 'vitest';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import { BYTE_LAWS, DOCUMENT_LAWS, FULL_LAW } from '../../contracts/store.ts';

describe('documents in memory', () => {
  test.each(DOCUMENT_LAWS)('$name', async ({ run }) => {
    const { documents } = memoryStorage();
    await run(documents, async () => documents);
  });
});

describe('files in memory', () => {
  test.each(BYTE_LAWS)('$name', async ({ run }) => {
    const { bytes } = memoryStorage();
    await run(bytes, async () => bytes);
  });

  test(FULL_LAW.name, async () => {
    const storage = memoryStorage({ quotaBytes: 1_000_000 });
    await FULL_LAW.run(storage, async () => storage);
  });
});
