/**
 * Runs server tests once more, on a real PostgreSQL and a real S3-compatible service that are started for it.
 * `npx tsx tests/services.ts [tests or folders] [--flags of vitest]`: without any, everything of tests/server that opens a database or a store.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './support/postgres-server.ts';
import { startS3 } from './support/s3-server.ts';
import { testsOnServices } from './support/tests-on-services.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);

const postgres = await startPostgres();
const s3 = await startS3().catch(async (thrown: unknown) => {
  await postgres.stop();
  throw thrown;
});
try {
  const environment = { ...process.env, TEST_DATABASE_URL: postgres.url, TEST_S3_URL: s3.url };
  const tests = given.some((argument) => !argument.startsWith('-')) ? given : [...testsOnServices(), ...given];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '-c', 'tests/vitest.config.ts', ...tests], { cwd: ROOT, stdio: 'inherit', env: environment });
  const [status] = (await once(child, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} finally {
  await Promise.all([postgres.stop(), s3.stop()]);
}
