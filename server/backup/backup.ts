/** Everything that an embedded server keeps, in one file: its database as it stands and, where they are kept here, people's files. */
import { existsSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { LOCK, lockFolder } from '../database/embedded/folder-lock.ts';
import { createArchiveWriter, SUMS } from './archive.ts';
import { ASIDE, DATABASE, RESTORING } from './data-folder.ts';

export interface BackupReport {
  readonly files: number;
  readonly bytes: number;
}

/** What is of the moment, or of another restore. */
const LEFT_OUT = [new RegExp(`^${DATABASE}/(${LOCK.replace('.', '\\.')}|making(/|$))`), new RegExp(`^(${RESTORING}|${ASIDE}|${SUMS}$)`)];

/**
 * The database is not open meanwhile: what was committed is in its files, whether it was closed or killed.
 * @param file  that there is not yet, outside the folder
 * @throws AppError 'server/data-in-use' while a server has the folder, 'cli/file', 'cli/usage'
 */
export async function backUp(dataDir: string, file: string): Promise<BackupReport> {
  if (!existsSync(join(dataDir, DATABASE))) throw new AppError('cli/usage', { detail: `There is nothing to back up in ${dataDir}. DATA_DIR names the folder of the server.` });
  if (!relative(resolve(dataDir), resolve(file)).startsWith('..')) throw new AppError('cli/file', { file, detail: 'a backup is not kept in the folder it is of' });
  if (existsSync(file)) throw new AppError('cli/file', { file, detail: 'there is one of this name already, and it is kept' });
  const unlock = lockFolder(join(dataDir, DATABASE));
  const part = `${file}.part`;
  try {
    const target = await open(part, 'wx', 0o600);
    try {
      const report = await writeAll(dataDir, createArchiveWriter(target));
      await target.close();
      // Whole, then under its name.
      await rename(part, file);
      const folder = await open(dirname(resolve(file)), 'r');
      await folder.sync().finally(() => folder.close());
      return report;
    } catch (thrown) {
      await target.close().catch(() => undefined);
      await rm(part, { force: true });
      throw thrown;
    }
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : new AppError('cli/file', { file, detail: (thrown as Error).message }, { cause: thrown });
  } finally {
    unlock();
  }
}

async function writeAll(dataDir: string, archive: ReturnType<typeof createArchiveWriter>): Promise<BackupReport> {
  let [files, bytes] = [0, 0];
  // Empty folders too: PostgreSQL wants its own.
  async function below(name: string): Promise<void> {
    for (const inner of (await readdir(join(dataDir, name))).sort()) {
      const inside = name === '' ? inner : `${name}/${inner}`;
      if (LEFT_OUT.some((pattern) => pattern.test(inside))) continue;
      // A link is followed: what it leads to is what the server keeps.
      const info = await stat(join(dataDir, inside));
      if (info.isDirectory()) {
        await archive.folder(inside, info.mtimeMs / 1000);
        await below(inside);
      } else if (info.isFile()) {
        bytes += await archive.file(inside, join(dataDir, inside));
        files += 1;
      }
    }
  }
  await below('');
  await archive.finish();
  return { files, bytes };
}
