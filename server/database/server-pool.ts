/**
 * Conversations with a PostgreSQL server. Where one of them breaks, the driver is replaced by a new one, because the driver (postgres
 * 3.4.9) does not survive that under load: a transaction that goes on writes to nothing, which ends the program, or outside of the
 * transaction, to the next conversation; and what was about to be sent stands in the way of that one.
 * See https://github.com/porsager/postgres/issues/1208, /1133 and /1216. To be removed when they are closed.
 */
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Options, type Sql, type TransactionSql } from 'postgres';
import type { Queries } from './open-database.ts';
import * as schema from './schema.ts';

const CONNECTIONS = 10;
/** A server that does not answer by then is away. */
const CONNECT_SECONDS = 5;
/** Between tries of the listener, s; the driver's own pause grows to 20 s. By chance, so that instances do not all come at once. */
const retrySeconds = (): number => 0.2 + 0.3 * Math.random();
/** What waits for its turn in a driver that is replaced fails within this time. */
const LEAVE_SECONDS = 1;

export interface ServerPool {
  /** The same object for ever. */
  readonly queries: Queries;
  /** Of this moment: to be asked for each time. */
  sql(): Sql;
  /** For what is heard between instances: finds its way back by itself. */
  readonly listener: Sql;
  close(): Promise<void>;
}

type Work = (transaction: TransactionSql) => Promise<unknown>;

/** After the driver has failed a transaction, nothing of it may reach the driver any more: neither its next query nor its end. */
function guarded(work: Work, isBroken: () => boolean): Work {
  return async (transaction) => {
    const stopped = new Proxy(transaction, {
      get(target, name) {
        if (isBroken()) throw new Error('The connection to the database is lost.');
        return Reflect.get(target, name) as unknown;
      },
    });
    const outcome = await work(stopped).then((value) => () => value, (thrown: unknown) => () => {
      throw thrown;
    });
    // Whoever began it has been told already.
    if (isBroken()) await new Promise(() => undefined);
    return outcome();
  };
}

export function openServerPool(url: string, options: Options<Record<string, never>>): ServerPool {
  // Conversations stay open: one that ends has broken.
  const common = { ...options, fetch_types: false, connect_timeout: CONNECT_SECONDS, idle_timeout: 0, max_lifetime: null };
  const listener = postgres(url, { ...common, max: 1, backoff: retrySeconds });
  const leaving = new Set<Promise<void>>();

  function open(): { readonly sql: Sql; readonly queries: Queries } {
    let isBroken = false;
    const onclose = (): void => {
      if (isBroken) return;
      isBroken = true;
      if (current.sql === sql) current = open();
      const left: Promise<void> = sql.end({ timeout: LEAVE_SECONDS }).catch(() => undefined).finally(() => leaving.delete(left));
      leaving.add(left);
    };
    const sql = postgres(url, { ...common, max: CONNECTIONS, onclose });
    const begin = sql.begin.bind(sql) as (work: Work) => Promise<unknown>;
    sql.begin = ((work: Work) => begin(guarded(work, () => isBroken))) as Sql['begin'];
    return { sql, queries: drizzle(sql, { schema }) };
  }

  let current = open();
  return {
    queries: new Proxy({} as Queries, { get: (_none, name) => Reflect.get(current.queries, name, current.queries) as unknown }),
    sql: () => current.sql,
    listener,
    async close() {
      await Promise.all([...leaving, current.sql.end({ timeout: 5 }), listener.end({ timeout: 1 })]);
    },
  };
}
