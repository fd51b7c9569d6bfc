/** Voices on their way, in a database of their own: they hold samples of people's voices and are gone when the voice is made. */
import { type IDBPDatabase, openDB } from 'idb';
import { guarded } from '../storage-error.ts';

const DATABASE = 'tonetwin-voices';
const STORE = 'creations';

/** @param T a record with an id */
export function openIndexedDbCreations<T extends { readonly id: string }>(name = DATABASE): { list(): Promise<T[]>; put(record: T): Promise<void>; remove(id: string): Promise<void> } {
  let database: Promise<IDBPDatabase> | undefined;
  const connect = (): Promise<IDBPDatabase> =>
    (database ??= openDB(name, 1, {
      upgrade: (opened) => void opened.createObjectStore(STORE, { keyPath: 'id' }),
      terminated: () => (database = undefined),
    }));
  return {
    list: () => guarded(async () => (await (await connect()).getAll(STORE)) as T[]),
    put: (record) => guarded(async () => void (await (await connect()).put(STORE, record))),
    remove: (id) => guarded(async () => (await connect()).delete(STORE, id)),
  };
}
