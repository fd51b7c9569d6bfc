/** The database: in a folder of this machine, or a PostgreSQL server. The same schema, migrations, driver and queries. */
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Options, type Sql } from 'postgres';
import { AppError } from '../../shared/errors.ts';
import { openEmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { createLocalNews, createSharedNews, type News } from './news.ts';
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

/** A conversation that waits for the next one longer than this is closed. */
const IDLE_SECONDS = 60;
const CONNECTIONS = 10;
/** A server that is gone is asked again after this time at most: whoever calls meanwhile waits, and it is missed when it is back. */
const MOST_BACKOFF_SECONDS = 1;
const CONNECT_SECONDS = 10;
/** @returns s */
const backoff = (tries: number): number => (0.5 + Math.random() / 2) * Math.min(3 ** tries / 100, MOST_BACKOFF_SECONDS);

const OPTIONS: Options<Record<string, never>> = { onnotice: () => undefined, connection: { application_name: 'tonetwin' } };

/** @throws AppError 'server/database', 'server/data-in-use' */
export async function openDatabase(place: DatabasePlace): Promise<Database> {
  switch (place.kind) {
    case 'folder': {
      const embedded = await openEmbeddedPostgres(place.folder);
      // `socket` is missing in the types. One conversation, so the outer queries must not be used inside a transaction.
      const options = { ...OPTIONS, socket: () => embedded.socket(), max: 1, ssl: false, fetch_types: false, username: 'postgres', database: 'template1' } as Options<Record<string, never>>;
      const sql = postgres(options);
      const database = await opened(sql, createLocalNews, async () => void (await embedded.close()));
      // The folder is ours alone: whoever held a lease here is dead.
      await sql`DELETE FROM leases`;
      return database;
    }
    case 'server':
      return opened(postgres(place.url, { ...OPTIONS, max: CONNECTIONS, idle_timeout: IDLE_SECONDS, connect_timeout: CONNECT_SECONDS, backoff }), createSharedNews, () => Promise.resolve());
    default:
      return place satisfies never;
  }
}

async function opened(sql: Sql, createNews: (sql: Sql) => News, closeServer: () => Promise<void>): Promise<Database> {
  const news = createNews(sql);
  const close = async (): Promise<void> => {
    await news.close();
    await sql.end({ timeout: 5 });
    await closeServer();
  };
  try {
    await migrate(sql);
  } catch (thrown) {
    await close().catch(() => undefined);
    throw thrown instanceof AppError ? thrown : new AppError('server/database', { detail: (thrown as Error).message }, { cause: thrown });
  }
  return {
    queries: drizzle(sql, { schema }),
    news,
    async ping() {
      try {
        await sql`SELECT 1`;
      } catch (thrown) {
        throw new AppError('server/database', { detail: (thrown as Error).message }, { cause: thrown });
      }
    },
    close,
  };
}
