/** The database: in a folder of this machine, or a PostgreSQL server. The same schema, migrations, driver and queries. */
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Options, type Sql } from 'postgres';
import { AppError } from '../../shared/errors.ts';
import { openEmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { createLocalNews, createSharedNews, type News } from './news.ts';
import { openServerPool } from './server-pool.ts';
import * as schema from './schema.ts';

export type Queries = PostgresJsDatabase<typeof schema>;

export interface Database {
  readonly queries: Queries;
  readonly news: News;
  /** Answers when the database does. @throws AppError 'server/database' */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type DatabasePlace = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'server'; readonly url: string };

const OPTIONS: Options<Record<string, never>> = { onnotice: () => undefined, connection: { application_name: 'tonetwin' } };

/** @throws AppError 'server/database', 'server/data-in-use' */
export async function openDatabase(place: DatabasePlace): Promise<Database> {
  switch (place.kind) {
    case 'folder': {
      const embedded = await openEmbeddedPostgres(place.folder);
      // `socket` is missing in the types. One conversation, so the outer queries must not be used inside a transaction.
      const options = { ...OPTIONS, socket: () => embedded.socket(), max: 1, ssl: false, fetch_types: false, username: 'postgres', database: 'template1' } as Options<Record<string, never>>;
      const sql = postgres(options);
      const close = async (): Promise<void> => {
        await sql.end({ timeout: 5 });
        await embedded.close();
      };
      const database = await opened({ queries: drizzle(sql, { schema }), sql: () => sql, news: createLocalNews(), close });
      // The folder is ours alone: whoever held a lease here is dead.
      await sql`DELETE FROM leases`;
      return database;
    }
    case 'server': {
      const pool = openServerPool(place.url, OPTIONS);
      return opened({ queries: pool.queries, sql: pool.sql, news: createSharedNews(pool.listener, pool.sql), close: () => pool.close() });
    }
    default:
      return place satisfies never;
  }
}

interface Parts {
  readonly queries: Queries;
  readonly sql: () => Sql;
  readonly news: News;
  close(): Promise<void>;
}

async function opened({ queries, sql, news, close: closeAll }: Parts): Promise<Database> {
  const close = async (): Promise<void> => {
    await news.close();
    await closeAll();
  };
  try {
    await migrate(sql());
  } catch (thrown) {
    await close().catch(() => undefined);
    throw thrown instanceof AppError ? thrown : new AppError('server/database', { detail: (thrown as Error).message }, { cause: thrown });
  }
  return {
    queries, news, close,
    async ping() {
      try {
        await sql()`SELECT 1`;
      } catch (thrown) {
        throw new AppError('server/database', { detail: (thrown as Error).message }, { cause: thrown });
      }
    },
  };
}
