/** Records of one kind in a database of their own, written whole. */
import { type IDBPDatabase, openDB } from 'idb';
import { guarded } from '../storage-error.ts';

export interface RecordStore<T> {
  list(): Promise<T[]>;
  put(record: T): Promise<void>;
  remove(id: string): Promise<void>;
}

/** @param T a record with an id */
export function openIndexedDbRecords<T extends { readonly id: string }>(name: string, store: string): RecordStore<T> {
  let database: Promise<IDBPDatabase> | undefined;
  const connect = (): Promise<IDBPDatabase> =>
    (database ??= openDB(name, 1, {
      upgrade: (opened) => void opened.createObjectStore(store, { keyPath: 'id' }),
      terminated: () => (database = undefined),
    }));
  return {
    list: () => guarded(async () => (await (await connect()).getAll(store)) as T[]),
    put: (record) => guarded(async () => void (await (await connect()).put(store, record))),
    remove: (id) => guarded(async () => (await connect()).delete(store, id)),
  };
}
