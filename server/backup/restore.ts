/** Puts a backup into the folder of an embedded server: all of it, checked, or nothing. */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { LOCK, lockFolder } from '../database/embedded/folder-lock.ts';
import { type ArchiveTarget, readArchive } from './archive.ts';
import { ASIDE, DATABASE, RESTORING } from './data-folder.ts';

export interface RestoreOptions {
  /** What is in the folder is put aside in it; without this the folder has to be empty. */
  readonly isReplacing: boolean;
  readonly nowMs: number;
}

export interface RestoreReport {
  readonly files: number;
  readonly bytes: number;
  /** Where what was there before is; null: there was nothing. */
  readonly aside: string | null;
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

/** @param folders  gets those that were made */
function folderTarget(folder: string, folders: string[]): ArchiveTarget {
  return {
    async folder(name) {
      await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
      folders.push(join(folder, name));
    },
    async file(name, modifiedSeconds, pieces) {
      const path = join(folder, name);
      const handle = await open(path, 'wx', 0o600);
      try {
        for await (const piece of pieces) for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at, piece.length - at)).bytesWritten;
        await handle.sync();
      } finally {
        await handle.close();
      }
      await utimes(path, modifiedSeconds, modifiedSeconds);
    },
  };
}

/** Reads all of a backup and compares its sums. @throws AppError 'cli/file' */
export const checkBackup = (file: string): Promise<{ readonly files: number; readonly bytes: number }> =>
  readArchive(file, {
    folder: () => Promise.resolve(),
    async file(_name, _modified, pieces) {
      for await (const _ of pieces);
    },
  });

/** Everything but the locked folder itself, whose inside comes last: without a database a server finds nothing, rather than half. */
async function moveAll(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => name !== DATABASE && name !== RESTORING && !name.startsWith(ASIDE));
  for (const name of names) await rename(join(from, name), join(to, name));
  if (!existsSync(join(from, DATABASE))) return;
  await mkdir(join(to, DATABASE), { recursive: true, mode: 0o700 });
  for (const name of await readdir(join(from, DATABASE))) if (name !== LOCK) await rename(join(from, DATABASE, name), join(to, DATABASE, name));
  await sync(join(to, DATABASE));
  await sync(to);
}

/** @throws AppError 'server/data-in-use' while a server has the folder, 'cli/file' for a backup that is not whole, 'cli/usage' for a folder that is not empty */
export async function restore(dataDir: string, file: string, { isReplacing, nowMs }: RestoreOptions): Promise<RestoreReport> {
  const unlock = lockFolder(join(dataDir, DATABASE));
  try {
    const kept = [...(await readdir(dataDir)), ...(await readdir(join(dataDir, DATABASE)))].filter((name) => ![DATABASE, RESTORING, LOCK].includes(name) && !name.startsWith(ASIDE));
    if (kept.length > 0 && !isReplacing) throw new AppError('cli/usage', { detail: `${dataDir} is not empty. Name an empty folder in DATA_DIR, or have what is there put aside: npm run restore -- --replace FILE` });
    const making = join(dataDir, RESTORING);
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { mode: 0o700 });
    try {
      const folders = [making];
      const { files, bytes } = await readArchive(file, folderTarget(making, folders));
      // Names are on the disk only when their folder is.
      for (const made of folders) await sync(made);
      if (!existsSync(join(making, DATABASE))) throw new AppError('cli/file', { file, detail: 'there is no database in it' });
      const aside = kept.length > 0 ? join(dataDir, ASIDE + new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')) : null;
      if (aside !== null) {
        await mkdir(aside, { mode: 0o700 });
        await moveAll(dataDir, aside);
      }
      await moveAll(making, dataDir);
      return { files, bytes, aside };
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : new AppError('cli/file', { file, detail: (thrown as Error).message }, { cause: thrown });
  } finally {
    unlock();
  }
}
