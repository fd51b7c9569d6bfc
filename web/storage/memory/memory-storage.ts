/** A storage in memory: tests, and the yardstick the other backends are held to. */
import { AppError } from '../../../shared/errors.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import type { ByteStore, Documents, DocumentStore, FileName, Folder, Storage, Table } from '../contract.ts';

export interface MemoryStorageOptions {
  /** Bytes and documents together; Infinity by default. */
  readonly quotaBytes?: number;
  /** Called before every write; what it throws stops the write. Tests end the world here. */
  readonly beforeWrite?: (what: string) => void;
}

const clone = <T>(value: T): T => structuredClone(value);
const keyOf = ({ folder, id }: FileName): string => `${folder}/${id}`;

export function memoryStorage({ quotaBytes = Infinity, beforeWrite = () => undefined }: MemoryStorageOptions = {}): Storage {
  const tables = new Map<Table, Map<string, unknown>>();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const table = <T extends Table>(name: T): Map<string, Documents[T]> => {
    if (!tables.has(name)) tables.set(name, new Map());
    return tables.get(name) as Map<string, Documents[T]>;
  };
  const usedBytes = (): number => [...files.values()].reduce((sum, { length }) => sum + length, 0);

  const documents: DocumentStore = {
    get: (name, id) => Promise.resolve(clone(table(name).get(id))),
    list: (name) => Promise.resolve([...table(name).values()].map(clone)),
    ids: (name) => Promise.resolve([...table(name).keys()]),
    async update(name, id, change) {
      const before = clone(table(name).get(id));
      const after = change(before);
      if (after === before) return after;
      beforeWrite(`${name}/${id}`);
      if (usedBytes() > quotaBytes) throw new AppError('storage/full');
      if (after === undefined) table(name).delete(id);
      else table(name).set(id, clone(after));
      return after;
    },
    async put(name, document) {
      await documents.update(name, document.id, () => document);
    },
    async remove(name, id) {
      await documents.update(name, id, () => undefined);
    },
  };

  const found = (name: FileName): Uint8Array<ArrayBuffer> => {
    const file = files.get(keyOf(name));
    if (!file) throw new AppError('storage/missing');
    return file;
  };

  const bytes: ByteStore = {
    async writer(name, position = 0) {
      const key = keyOf(name);
      const kept = position === 0 ? new Uint8Array(0) : found(name);
      if (kept.length < position) throw new AppError('storage/missing');
      beforeWrite(key);
      files.set(key, kept.slice(0, position));
      return {
        isImmediate: true,
        get position() {
          return files.get(key)?.length ?? 0;
        },
        async write(more) {
          beforeWrite(key);
          if (usedBytes() + more.length > quotaBytes) throw new AppError('storage/full');
          const before = files.get(key) ?? new Uint8Array(0);
          const after = new Uint8Array(before.length + more.length);
          after.set(before);
          after.set(more, before.length);
          files.set(key, after);
        },
        flush: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
    },
    open: async (name) => byteSourceFromArray(found(name)),
    blob: async (name) => new Blob([found(name)]),
    list: async () =>
      [...files].map(([key, { length }]) => {
        const [folder, id] = key.split('/') as [Folder, string];
        return { folder, id, bytes: length };
      }),
    async remove(name) {
      if (!files.has(keyOf(name))) return;
      beforeWrite(keyOf(name));
      files.delete(keyOf(name));
    },
  };
  return { documents, bytes };
}
