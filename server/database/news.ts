/**
 * News between whoever works on one database: a topic, and nothing more; what happened is read from the tables. Between instances
 * by LISTEN and NOTIFY of PostgreSQL; a database in a folder belongs to one program, which tells itself.
 *
 * News is a hint: it is told after the commit it is about, and one may be lost (a program that dies in between, a connection that
 * breaks). Whoever listens looks at the tables now and then all the same.
 */
import type { Sql } from 'postgres';

export interface News {
  /** Tells all instances, this one included. Fails quietly: it is a hint. */
  tell(topic: string): void;
  /** @returns ends it */
  on(topic: string, heard: () => void): () => void;
  close(): Promise<void>;
}

interface Listeners {
  add(topic: string, heard: () => void): () => void;
  tell(topic: string): void;
  /** Something may have been missed. */
  tellAll(): void;
}

function createListeners(): Listeners {
  const topics = new Map<string, Set<() => void>>();
  const tell = (topic: string): void => topics.get(topic)?.forEach((heard) => heard());
  return {
    add(topic, heard) {
      // A function of its own, so that the same one can listen twice.
      const entry = (): void => heard();
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(entry));
      return () => {
        listeners.delete(entry);
        if (listeners.size === 0) topics.delete(topic);
      };
    },
    tell,
    tellAll: () => [...topics.keys()].forEach(tell),
  };
}

/** Within this program. */
export function createLocalNews(): News {
  const listeners = createListeners();
  return {
    // After whoever tells has gone on: as news from elsewhere would come.
    tell: (topic) => queueMicrotask(() => listeners.tell(topic)),
    on: (topic, heard) => listeners.add(topic, heard),
    close: () => Promise.resolve(),
  };
}

const CHANNEL = 'tonetwin';

/**
 * Between instances.
 * @param listener  one connection of it listens, from the first of us on; when it breaks it is made again
 * @param teller  whom to ask for each telling
 */
export function createSharedNews(listener: Sql, teller: () => Sql): News {
  const listeners = createListeners();
  let listening: Promise<{ unlisten(): Promise<void> }> | null = null;
  const listen = (): void => {
    listening ??= listener.listen(CHANNEL, (topic) => listeners.tell(topic), () => listeners.tellAll());
    // No connection now: the next listener tries again.
    listening.catch(() => (listening = null));
  };
  return {
    tell: (topic) => void teller().notify(CHANNEL, topic).catch(() => undefined),
    on(topic, heard) {
      listen();
      return listeners.add(topic, heard);
    },
    async close() {
      await (await listening?.catch(() => null))?.unlisten().catch(() => undefined);
    },
  };
}
