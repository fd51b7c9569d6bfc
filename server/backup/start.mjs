/** `npm run backup` and `npm run restore`, from the sources: the same program that serves knows what it keeps. */
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../../node_modules/tsx', import.meta.url))) {
  process.stderr.write('Nothing is installed yet. Install it first: npm ci\n');
  process.exit(1);
}
const { register } = await import('tsx/esm/api');
register();
const { runCommand } = await import('./command.ts');
process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  folder: process.env['INIT_CWD'] ?? process.cwd(),
  nowMs: () => Date.now(),
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
});
