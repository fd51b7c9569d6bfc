/** Documents that tell of their changes, on this page and in other tabs. */
import type { DocumentStore, Table } from './contract.ts';

/** Carries news between tabs: a BroadcastChannel, or what stands for one. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export interface Announcing {
  readonly documents: DocumentStore;
  /** Calls back after a change of one of the tables, here or elsewhere; answers how to stop. */
  onChange(tables: readonly Table[], listener: () => void): () => void;
}

/** @param channel null where the browser has none: then only this page hears */
export function announcing(documents: DocumentStore, channel: Channel | null): Announcing {
  const listeners = new Set<(table: Table) => void>();
  const tell = (table: Table): void => {
    for (const listener of listeners) listener(table);
  };
  channel?.addEventListener('message', ({ data }) => tell(data as Table));

  const told: DocumentStore = {
    ...documents,
    async update(table, id, change) {
      let changed = false;
      const after = await documents.update(table, id, (before) => {
        const made = change(before);
        changed = made !== before;
        return made;
      });
      if (changed) {
        tell(table);
        channel?.postMessage(table);
      }
      return after;
    },
    async put(table, document) {
      await told.update(table, document.id, () => document);
    },
    async remove(table, id) {
      await told.update(table, id, () => undefined);
    },
  };
  return {
    documents: told,
    onChange(tables, listener) {
      const heard = (table: Table): void => {
        if (tables.includes(table)) listener();
      };
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  };
}
