/** Files in IndexedDB, in pieces of 1 MiB: where the browser has no private file system. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { AppError } from '../../../shared/errors.ts';
import type { ByteSource } from '../../../wasm/formats/byte-source.ts';
import type { ByteStore, ByteWriter, FileName, Folder, StoredFile } from '../contract.ts';
import { guarded } from '../storage-error.ts';

interface FileRecord {
  readonly key: string;
  readonly folder: Folder;
  readonly id: string;
  readonly bytes: number;
}

interface Schema extends DBSchema {
  files: { key: string; value: FileRecord };
  pieces: { key: [key: string, index: number]; value: Uint8Array<ArrayBuffer> };
}

const DATABASE = 'tonetwin-bytes';
const PIECE_BYTES = 1024 * 1024;

const keyOf = ({ folder, id }: FileName): string => `${folder}/${id}`;
const allPieces = (key: string, from = 0): IDBKeyRange => IDBKeyRange.bound([key, from], [key, Infinity]);

export async function openIndexedDbBytes(name = DATABASE): Promise<ByteStore> {
  let database: IDBPDatabase<Schema> | undefined;
  const connect = async (): Promise<IDBPDatabase<Schema>> =>
    (database ??= await openDB<Schema>(name, 1, {
      upgrade(opened) {
        opened.createObjectStore('files', { keyPath: 'key' });
        opened.createObjectStore('pieces');
      },
      blocking() {
        database?.close();
        database = undefined;
      },
      terminated() {
        database = undefined;
      },
    }));
  await guarded(connect);

  const recordOf = async (file: FileName): Promise<FileRecord> => {
    const record = await (await connect()).get('files', keyOf(file));
    if (!record) throw new AppError('storage/missing');
    return record;
  };

  async function readPieces(key: string, size: number, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const end = Math.min(size, offset + length);
    const result = new Uint8Array(Math.max(0, end - offset));
    const transaction = (await connect()).transaction('pieces');
    for (let index = Math.floor(offset / PIECE_BYTES); index * PIECE_BYTES < end; index += 1) {
      const piece = await transaction.store.get([key, index]);
      if (!piece) throw new AppError('storage/missing');
      const from = index * PIECE_BYTES;
      const part = piece.subarray(Math.max(0, offset - from), Math.min(PIECE_BYTES, end - from));
      result.set(part, from + Math.max(0, offset - from) - offset);
    }
    return result;
  }

  async function openWriter(file: FileName, position: number): Promise<ByteWriter> {
    const key = keyOf(file);
    const { folder, id } = file;
    if (position > 0 && (await recordOf(file)).bytes < position) throw new AppError('storage/missing');
    const firstIndex = Math.floor(position / PIECE_BYTES);
    // The piece that is being filled; whole pieces go out at once.
    let tail = position % PIECE_BYTES === 0 ? new Uint8Array(0) : await readPieces(key, position, firstIndex * PIECE_BYTES, PIECE_BYTES);
    let tailIndex = firstIndex;

    /** Pieces and the size that counts them, in one transaction: all or nothing. */
    async function store(pieces: readonly Uint8Array<ArrayBuffer>[], dropRest: boolean): Promise<void> {
      const transaction = (await connect()).transaction(['files', 'pieces'], 'readwrite', { durability: 'strict' });
      const stored = transaction.objectStore('pieces');
      if (dropRest) void stored.delete(allPieces(key, tailIndex));
      pieces.forEach((piece, i) => void stored.put(piece, [key, tailIndex + i]).catch(() => undefined));
      const bytes = tailIndex * PIECE_BYTES + pieces.reduce((sum, { length }) => sum + length, 0);
      void transaction.objectStore('files').put({ key, folder, id, bytes }).catch(() => undefined);
      await transaction.done;
    }

    await store(tail.length > 0 ? [tail] : [], true);
    let unsaved = false;
    const flush = (): Promise<void> =>
      guarded(async () => {
        if (!unsaved) return;
        await store([tail], false);
        unsaved = false;
      });
    return {
      isImmediate: false,
      get position() {
        return tailIndex * PIECE_BYTES + tail.length;
      },
      write: (bytes) =>
        guarded(async () => {
          const joined = new Uint8Array(tail.length + bytes.length);
          joined.set(tail);
          joined.set(bytes, tail.length);
          const whole = Math.floor(joined.length / PIECE_BYTES);
          const pieces = Array.from({ length: whole }, (_, i) => joined.slice(i * PIECE_BYTES, (i + 1) * PIECE_BYTES));
          if (whole > 0) await store(pieces, false);
          tailIndex += whole;
          tail = joined.slice(whole * PIECE_BYTES);
          unsaved = tail.length > 0;
        }),
      flush,
      close: flush,
    };
  }

  async function openSource(file: FileName): Promise<ByteSource> {
    const { key, bytes } = await recordOf(file);
    return { bytes, read: (offset, length) => guarded(() => readPieces(key, bytes, offset, length)) };
  }

  return {
    writer: (file, position = 0) => guarded(() => openWriter(file, position)),
    open: (file) => guarded(() => openSource(file)),
    blob: (file) =>
      guarded(async () => {
        const source = await openSource(file);
        const parts: Blob[] = [];
        for (let offset = 0; offset < source.bytes; offset += PIECE_BYTES) parts.push(new Blob([await source.read(offset, PIECE_BYTES)]));
        return new Blob(parts);
      }),
    list: () =>
      guarded(async (): Promise<StoredFile[]> => (await (await connect()).getAll('files')).map(({ folder, id, bytes }) => ({ folder, id, bytes }))),
    remove: (file) =>
      guarded(async () => {
        const transaction = (await connect()).transaction(['files', 'pieces'], 'readwrite');
        void transaction.objectStore('files').delete(keyOf(file));
        void transaction.objectStore('pieces').delete(allPieces(keyOf(file)));
        await transaction.done;
      }),
  };
}
