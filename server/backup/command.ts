/** `npm run backup` and `npm run restore`: arguments in, sentences out. */
import { isAbsolute, resolve } from 'node:path';
import { AppError, toAppError } from '../../shared/errors.ts';
import { type Config, readConfig } from '../config.ts';
import { backUp } from './backup.ts';
import { checkBackup, restore } from './restore.ts';

export interface CommandParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of who called: npm itself goes to the folder of the program. */
  readonly folder: string;
  readonly nowMs: () => number;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

const USAGE = 'Usage: npm run backup -- FILE, npm run restore -- FILE, npm run restore -- --replace FILE (puts aside what is there), npm run restore -- --check FILE (only reads it).';
const FLAGS = ['--replace', '--check'];

const sized = ({ files, bytes }: { readonly files: number; readonly bytes: number }): string => `${files} files, ${(bytes / 1e6).toFixed(1)} MB`;

/** @throws AppError 'cli/usage' where the data is not in a folder of ours */
function checkPlace({ database, blobs, dataDir }: Config): void {
  if (database?.kind !== 'server') return;
  const files = blobs.kind === 's3' ? `the tools of its service for the bucket ${blobs.s3.bucket} (such as: rclone sync)` : `rsync -a ${dataDir}/blobs/ (after the database)`;
  throw new AppError('cli/usage', { detail: `The database is on a PostgreSQL server, which has its own tools: pg_dump --format=custom --file=FILE "$DATABASE_URL" and pg_restore --clean --if-exists --dbname="$DATABASE_URL" FILE. For people's files: ${files}.` });
}

/** @returns exit status */
export async function runCommand([name, ...rest]: readonly string[], { environment, folder, nowMs, say, complain }: CommandParts): Promise<number> {
  try {
    const flags = rest.filter((argument) => argument.startsWith('--'));
    const [given, ...more] = rest.filter((argument) => !argument.startsWith('--'));
    const allowed = name === 'restore' ? FLAGS : [];
    if (given === undefined || more.length > 0 || flags.length > 1 || flags.some((flag) => !allowed.includes(flag))) throw new AppError('cli/usage', { detail: USAGE });
    const file = isAbsolute(given) ? given : resolve(folder, given);
    if (flags.includes('--check')) {
      say(`Whole: ${file} (${sized(await checkBackup(file))}).`);
      return 0;
    }
    const config = readConfig(environment);
    checkPlace(config);
    if (name === 'backup') {
      say(`Backed up ${config.dataDir} to ${file} (${sized(await backUp(config.dataDir, file))}).`);
    } else {
      const report = await restore(config.dataDir, file, { isReplacing: flags.includes('--replace'), nowMs: nowMs() });
      say(`Restored ${file} to ${config.dataDir} (${sized(report)}).${report.aside === null ? '' : ` What was there before is in ${report.aside}; delete it once you do not need it.`}`);
    }
    if (config.blobs.kind === 's3') say(`People's files are in the bucket ${config.blobs.s3.bucket}, which has its own tools; they are not in this file.`);
    return 0;
  } catch (thrown) {
    complain(toAppError(thrown).message);
    return 1;
  }
}
