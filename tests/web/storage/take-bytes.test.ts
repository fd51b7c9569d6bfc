import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { ByteStore } from '../../../web/storage/contract.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import { openTakeBytes, openTakeWriter, removeTakeBytes, takeFile, takesAmong } from '../../../web/storage/take-bytes.ts';

const UNIT = 1024;
const reserved = (bytes: number): number => (bytes === 0 ? 0 : UNIT * 2 ** Math.ceil(Math.log2(Math.max(1, bytes / UNIT))));

/** A device that hands out room in powers of two, to files that are open, as Chromium does. */
function device(roomBytes: number, leavesGarbage = 0): ByteStore {
  const { bytes } = memoryStorage();
  const open = new Set<string>();
  const usedBy = async (but: string): Promise<number> =>
    (await bytes.list()).filter(({ id }) => id !== but).reduce((sum, { id, bytes: size }) => sum + (open.has(id) ? reserved(size) : size), 0);
  return {
    ...bytes,
    async writer(name, position = 0) {
      const writer = await bytes.writer(name, position);
      open.add(name.id);
      let written = position;
      return {
        isImmediate: true,
        get position() {
          return written;
        },
        async write(more) {
          if ((await usedBy(name.id)) + reserved(written + more.length) > roomBytes) {
            await writer.write(new Uint8Array(leavesGarbage).fill(255));
            throw new AppError('storage/full');
          }
          await writer.write(more);
          written += more.length;
        },
        flush: writer.flush,
        async close() {
          open.delete(name.id);
          await writer.close();
        },
      };
    },
  };
}

async function fill(bytes: ByteStore): Promise<number> {
  const writer = await openTakeWriter(bytes, 'take');
  let written = 0;
  for (;;) {
    const before = writer.isTight;
    try {
      await writer.write(Uint8Array.from({ length: 256 }, (_, i) => written + i));
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'storage/full' });
      expect(before).toBe(true);
      break;
    }
    written += 256;
  }
  await writer.close();
  return written;
}

test.each([0, 103])('a take uses the room there is, in parts where a file cannot grow, and is read as one (%i bytes left behind by what failed)', async (garbage) => {
  const bytes = device(100 * UNIT, garbage);
  const written = await fill(bytes);
  // 64 of 100 in the first file; the rest to the last unit that can be handed out.
  expect(written).toBeGreaterThan(95 * UNIT);
  const source = await openTakeBytes(bytes, 'take');
  expect(source.bytes).toBe(written);
  const all = await source.read(0, written);
  expect(all.findIndex((value, i) => value !== i % 256)).toBe(-1);
  const cut = await source.read(64 * UNIT - 3, 10);
  expect([...cut]).toEqual(Array.from({ length: 10 }, (_, i) => (64 * UNIT - 3 + i) % 256));
  expect(takesAmong(await bytes.list())).toEqual([{ folder: 'takes', id: 'take', bytes: written }]);
  await removeTakeBytes(bytes, 'take');
  expect(await bytes.list()).toEqual([]);
});

test('bytes that a crash left behind a part do not move what follows out of step', async () => {
  const { bytes } = memoryStorage();
  for (const [part, size] of [[0, 11], [1, 8]] as const) {
    const writer = await bytes.writer(takeFile('take', part));
    await writer.write(new Uint8Array(size).fill(part + 1));
    await writer.close();
  }
  expect([...(await (await openTakeBytes(bytes, 'take')).read(0, 99))]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
});
