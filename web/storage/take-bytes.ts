/**
 * The bytes of a take's journal: one file, and further parts behind it where the device was nearly full.
 *
 * Chromium hands out room for a file in powers of two (its FileSystemAccessCapacityTracker), so that a file that has 64 MB gets no byte
 * more while less than another 64 MB are free. What follows then goes into a part of its own, which starts small again.
 */
import { toAppError } from '../../shared/errors.ts';
import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import type { ByteStore, ByteWriter, FileName, StoredFile } from './contract.ts';

/** @param part 0 for the first */
export const takeFile = (takeId: string, part = 0): FileName => ({ folder: 'takes', id: part === 0 ? takeId : `${takeId}.${part}` });

export const takeIdOf = ({ id }: FileName): string => id.split('.')[0]!;

/** One entry per take, its parts counted together. */
export function takesAmong(files: readonly StoredFile[]): StoredFile[] {
  const takes = new Map<string, StoredFile>();
  for (const file of files) {
    if (file.folder !== 'takes') continue;
    const id = takeIdOf(file);
    takes.set(id, { folder: 'takes', id, bytes: file.bytes + (takes.get(id)?.bytes ?? 0) });
  }
  return [...takes.values()];
}

/** Records begin at multiples of 4; what a write that failed left behind a part is no part of it. */
const wholeWords = (bytes: number): number => bytes - (bytes % 4);

/** All parts in a row. @throws AppError 'storage/missing' */
export async function openTakeBytes(bytes: ByteStore, takeId: string): Promise<ByteSource> {
  const parts = [await bytes.open(takeFile(takeId))];
  for (let part = 1; ; part += 1) {
    const next = await bytes.open(takeFile(takeId, part)).catch((thrown: unknown) => {
      if (toAppError(thrown).code !== 'storage/missing') throw thrown;
    });
    if (!next) break;
    parts.push(next);
  }
  if (parts.length === 1) return parts[0]!;
  const ends: number[] = [];
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + wholeWords(part.bytes));
  return {
    bytes: ends.at(-1)!,
    async read(offset, length) {
      const wanted = new Uint8Array(Math.max(0, Math.min(length, ends.at(-1)! - offset)));
      for (const [i, part] of parts.entries()) {
        const start = ends[i - 1] ?? 0;
        const from = Math.max(offset, start);
        const to = Math.min(offset + wanted.length, ends[i]!);
        if (to > from) wanted.set(await part.read(from - start, to - from), from - offset);
      }
      return wanted;
    },
  };
}

export async function removeTakeBytes(bytes: ByteStore, takeId: string): Promise<void> {
  for (const file of await bytes.list()) if (file.folder === 'takes' && takeIdOf(file) === takeId) await bytes.remove(file);
}

export interface TakeWriter extends Pick<ByteWriter, 'isImmediate' | 'write' | 'flush' | 'close'> {
  /** A part could not grow: the device is nearly full. */
  readonly isTight: boolean;
}

/** @throws AppError 'storage/*' */
export async function openTakeWriter(bytes: ByteStore, takeId: string): Promise<TakeWriter> {
  let part = 0;
  let writer: ByteWriter | null = await bytes.writer(takeFile(takeId));
  const { isImmediate } = writer;
  let isTight = false;

  /** What was written of it stays, and only that. */
  async function leave(): Promise<void> {
    if (!writer) return;
    const { position } = writer;
    await writer.close().catch(() => undefined);
    writer = null;
    if (position > 0) await bytes.writer(takeFile(takeId, part), position).then((reopened) => reopened.close());
    else await bytes.remove(takeFile(takeId, part));
    if (position > 0) part += 1;
  }

  return {
    isImmediate,
    get isTight() {
      return isTight;
    },
    async write(more) {
      for (;;) {
        writer ??= await bytes.writer(takeFile(takeId, part));
        const isFresh = writer.position === 0;
        try {
          return await writer.write(more);
        } catch (thrown) {
          if (toAppError(thrown).code !== 'storage/full') throw thrown;
          isTight = true;
          await leave();
          if (isFresh) throw thrown;
        }
      }
    },
    flush: async () => writer?.flush(),
    close: async () => writer?.close(),
  };
}
