/**
 * A backup: a tar archive of files and folders whose last entry holds the SHA-256 of every file, as `sha256sum` reads them. Without
 * that entry it is not whole. Archives are read once, from the front; nothing of them is believed before it is checked.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import { BLOCK_BYTES, type Entry, headerOf, padding, readHeader } from './tar.ts';

export const SUMS = 'SHA256SUMS';
const PIECE_BYTES = 1024 * 1024;
/** Of a line of the sums: 64 digits, two spaces, the name. */
const SUM_LINE = /^([0-9a-f]{64}) {2}(.+)$/;

export interface ArchiveWriter {
  folder(name: string, modifiedSeconds: number): Promise<void>;
  /** @throws AppError 'cli/file' where it changes meanwhile */
  file(name: string, path: string): Promise<number>;
  /** The sums and the end; all of it is on the disk then. */
  finish(): Promise<void>;
}

const damaged = (file: string, detail: string): AppError => new AppError('cli/file', { file, detail: `it is no whole backup (${detail})` });

/** @param target  open to write, empty */
export function createArchiveWriter(target: FileHandle): ArchiveWriter {
  const sums: string[] = [];
  async function put(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await target.write(bytes, at, bytes.length - at)).bytesWritten;
  }
  async function begin(entry: Entry): Promise<void> {
    const header = headerOf(entry);
    if (header === null) throw new AppError('cli/file', { file: entry.name, detail: 'its name is too long for an archive' });
    await put(header);
  }
  return {
    folder: (name, modifiedSeconds) => begin({ name, kind: 'folder', size: 0, modifiedSeconds }),
    async file(name, path) {
      const source = await open(path, 'r');
      try {
        const { size, mtimeMs } = await source.stat();
        await begin({ name, kind: 'file', size, modifiedSeconds: mtimeMs / 1000 });
        const hash = createHash('sha256');
        const piece = Buffer.allocUnsafe(PIECE_BYTES);
        let at = 0;
        while (at < size) {
          const { bytesRead } = await source.read(piece, 0, Math.min(PIECE_BYTES, size - at), at);
          if (bytesRead === 0) break;
          hash.update(piece.subarray(0, bytesRead));
          await put(piece.subarray(0, bytesRead));
          at += bytesRead;
        }
        if (at !== size || (await source.stat()).size !== size) throw new AppError('cli/file', { file: path, detail: 'it changed while it was read' });
        await put(Buffer.alloc(padding(size)));
        sums.push(`${hash.digest('hex')}  ${name}\n`);
        return size;
      } finally {
        await source.close();
      }
    },
    async finish() {
      const bytes = Buffer.from(sums.join(''));
      await begin({ name: SUMS, kind: 'file', size: bytes.length, modifiedSeconds: 0 });
      await put(bytes);
      await put(Buffer.alloc(padding(bytes.length) + 2 * BLOCK_BYTES));
      await target.sync();
    },
  };
}

export interface ArchiveTarget {
  folder(name: string): Promise<void>;
  /** Every piece of a file, in order. */
  file(name: string, modifiedSeconds: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Names that stay within the folder they are put under. */
const isInside = (name: string): boolean => name.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\0:]/.test(name);

/**
 * @param target  gets everything before the sums were compared: it has to throw it away where this throws
 * @throws AppError 'cli/file' for an archive that is cut off, changed, or none
 */
export async function readArchive(file: string, target: ArchiveTarget): Promise<{ readonly files: number; readonly bytes: number }> {
  const source = await open(file, 'r').catch((thrown: unknown) => {
    throw new AppError('cli/file', { file, detail: (thrown as Error).message }, { cause: thrown });
  });
  const found = new Map<string, string>();
  let [at, bytes] = [0, 0];
  const read = async (count: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await source.read(Buffer.allocUnsafe(count), 0, count, at);
    at += bytesRead;
    return buffer.subarray(0, bytesRead);
  };
  async function* piecesOf({ name, size }: Entry): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    for (let left = size; left > 0; ) {
      const piece = await read(Math.min(PIECE_BYTES, left));
      if (piece.length === 0) throw damaged(file, 'it is cut off');
      hash.update(piece);
      left -= piece.length;
      yield piece;
    }
    at += padding(size);
    found.set(name, hash.digest('hex'));
    bytes += size;
  }
  try {
    for (;;) {
      const block = await read(BLOCK_BYTES);
      const entry = readHeader(block);
      if (entry === 'end' || block.length < BLOCK_BYTES) throw damaged(file, 'it is cut off');
      if (entry === null || !isInside(entry.name) || found.has(entry.name)) throw damaged(file, at === BLOCK_BYTES ? 'it is no tar archive' : 'it was changed');
      if (entry.kind === 'folder') await target.folder(entry.name);
      else if (entry.name !== SUMS) await target.file(entry.name, entry.modifiedSeconds, piecesOf(entry));
      else {
        const text = await read(entry.size);
        if (text.length < entry.size) throw damaged(file, 'it is cut off');
        const lines = text.toString('utf8').split('\n').slice(0, -1).map((line) => SUM_LINE.exec(line));
        const wrong = lines.find((line) => line === null || found.get(line[2]!) !== line[1]);
        if (wrong !== undefined || lines.length !== found.size) throw damaged(file, `${wrong?.[2] ?? SUMS} was changed`);
        return { files: found.size, bytes };
      }
    }
  } finally {
    await source.close();
  }
}
