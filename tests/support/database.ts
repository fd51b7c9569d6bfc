/** Databases for tests: an empty one is made once, which takes seconds, and copied. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedPostgres } from '../../server/database/embedded/embedded-postgres.ts';
import { type Database, openDatabase } from '../../server/database/open-database.ts';

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

/** An open one, which `close` removes. */
export async function openTestDatabase(): Promise<Database> {
  const folder = await emptyDatabaseFolder();
  const database = await openDatabase({ kind: 'folder', folder });
  return {
    ...database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
