/** Databases for tests: an empty one is made once, which takes seconds, and copied. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedPostgres } from '../../server/database/embedded/embedded-postgres.ts';
import { type Database, type DatabasePlace, openDatabase } from '../../server/database/open-database.ts';
import { openPostgres } from './postgres-server.ts';

const MADE = fileURLToPath(new URL('../../node_modules/.cache/tonetwin-empty-cluster', import.meta.url));

/** An empty database in a folder of its own. @returns its path */
export async function emptyDatabaseFolder(): Promise<string> {
  if (!existsSync(MADE)) {
    const making = mkdtempSync(join(tmpdir(), 'tonetwin-database-'));
    await (await openEmbeddedPostgres(making)).close();
    mkdirSync(join(MADE, '..'), { recursive: true });
    try {
      cpSync(making, `${MADE}.${process.pid}`, { recursive: true });
      renameSync(`${MADE}.${process.pid}`, MADE);
    } catch {
      // Another test file was faster.
      rmSync(`${MADE}.${process.pid}`, { recursive: true, force: true });
    }
    rmSync(making, { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-database-'));
  cpSync(MADE, folder, { recursive: true });
  return folder;
}

/** `npm test` has started a PostgreSQL server for the second half of its run. */
const IS_ON_SERVER = process.env['TEST_DATABASE_URL'] !== undefined;

/** An empty database on it. */
async function emptyServerDatabase(): Promise<string> {
  const server = await openPostgres();
  const url = await server.emptyDatabase();
  await server.stop();
  return url;
}

/** Where an empty one is: of its own folder, or on the server. `remove` only after it was closed. */
export async function emptyDatabase(): Promise<{ readonly place: DatabasePlace; remove(): void }> {
  if (IS_ON_SERVER) return { place: { kind: 'server', url: await emptyServerDatabase() }, remove: () => undefined };
  const folder = await emptyDatabaseFolder();
  return { place: { kind: 'folder', folder }, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** An open one, which `close` removes. */
export async function openTestDatabase(): Promise<Database> {
  const { place, remove } = await emptyDatabase();
  const database = await openDatabase(place);
  return {
    ...database,
    async close() {
      await database.close();
      remove();
    },
  };
}
