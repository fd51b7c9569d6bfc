/** A folder that only one program may use at a time: the embedded database has no lock of its own. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors.ts';

export const LOCK = 'tonetwin.lock';

/** A process number is used again after its end; with the time it was started it is not. Null where nobody runs under it. */
function startedAt(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return null;
  }
  try {
    // Field 22, behind the command, which may hold spaces and brackets.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
  } catch {
    // Not on Linux: the number alone has to do.
    return 'running';
  }
}

interface Holder {
  readonly pid: number;
  readonly started: string;
}

function holderOf(path: string): Holder | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return { pid, started };
  } catch {
    return null;
  }
}

/**
 * Takes the folder, or says who has it. One whose holder is gone is taken over.
 * @returns lets it go
 * @throws AppError 'server/data-in-use'
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK);
  for (let tries = 0; ; tries += 1) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid, started: startedAt(process.pid) ?? '' } satisfies Holder));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (thrown) {
      const { code, path: refused } = thrown as NodeJS.ErrnoException;
      if (code !== 'EEXIST' || refused !== path) throw new AppError('server/config', { name: 'DATA_DIR', detail: `${folder} cannot be written (${(thrown as Error).message})` }, { cause: thrown });
    }
    const holder = holderOf(path);
    const isAlive = holder !== null && startedAt(holder.pid) === holder.started;
    if (isAlive || tries > 2) throw new AppError('server/data-in-use', { folder, pid: holder?.pid ?? 0 });
    if (existsSync(path)) rmSync(path, { force: true });
  }
}
