/** Documents in IndexedDB: one object store per table, keyed by the document's id. */
import { type IDBPDatabase, openDB } from 'idb';
import { type Documents, type DocumentStore, TABLES } from '../contract.ts';
import { guarded } from '../storage-error.ts';

const DATABASE = 'tonetwin';
/** Higher with every new table; what the older ones hold stays. 2: takes. 3: the library. 4: the vault and what is backed up. */
const VERSION = 4;

/**
 * Opens (and creates) the database.
 * @throws AppError 'storage/unavailable' where the browser allows none
 */
export async function openIndexedDbDocuments(name = DATABASE): Promise<DocumentStore> {
  let database: IDBPDatabase | undefined;
  const connect = async (): Promise<IDBPDatabase> =>
    (database ??= await openDB(name, VERSION, {
      upgrade(opened) {
        for (const table of TABLES) if (!opened.objectStoreNames.contains(table)) opened.createObjectStore(table, { keyPath: 'id' });
      },
      // A newer page in another tab wants to upgrade: let go, and connect again when asked next.
      blocking() {
        database?.close();
        database = undefined;
      },
      terminated() {
        database = undefined;
      },
    }));
  await guarded(connect);

  const documents: DocumentStore = {
    get: (table, id) => guarded(async () => (await connect()).get(table, id)),
    list: (table) => guarded(async () => (await connect()).getAll(table)),
    ids: (table) => guarded(async () => (await (await connect()).getAllKeys(table)) as string[]),
    update: (table, id, change) =>
      guarded(async () => {
        const transaction = (await connect()).transaction(table, 'readwrite', { durability: 'strict' });
        // The transaction must not fail unobserved when `change` throws.
        const done = transaction.done.catch((thrown: unknown) => thrown);
        try {
          const before = (await transaction.store.get(id)) as Documents[typeof table] | undefined;
          const after = change(before);
          if (after !== before) await (after === undefined ? transaction.store.delete(id) : transaction.store.put(after));
          const failed = await done;
          if (failed) throw failed;
          return after;
        } catch (thrown) {
          if (transaction.error === null) {
            try {
              transaction.abort();
            } catch {
              // Finished already: nothing was written.
            }
          }
          throw transaction.error ?? thrown;
        }
      }),
    async put(table, document) {
      await documents.update(table, document.id, () => document);
    },
    async remove(table, id) {
      await documents.update(table, id, () => undefined);
    },
  };
  return documents;
}
