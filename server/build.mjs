/** Builds the page when one of its sources changed. Plain JavaScript without dependencies: `npm start` runs it first of all. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = join(ROOT, 'web', 'dist', '.stamp');
/** What the built page is made of. */
const SOURCES = ['shared', 'wasm', 'web', 'vite.config.ts', 'package-lock.json'];
const OUTPUTS = /(^|\/)(dist|out)(\/|$)/;

/** Digest of every source file. */
function sourceStamp() {
  const hash = createHash('sha256');
  /** @param {string} path relative to the root */
  const add = (path) => {
    hash.update(path).update(readFileSync(join(ROOT, path)));
  };
  for (const source of SOURCES) {
    if (/\.\w+$/.test(source)) add(source);
    else {
      const files = readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1).replaceAll('\\', '/'));
      files.filter((file) => !OUTPUTS.test(file)).sort().forEach(add);
    }
  }
  return hash.digest('hex');
}

/** @returns {boolean} false when the build failed; its words are on the screen */
export function buildIfStale() {
  const stamp = sourceStamp();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return true;
  process.stdout.write('Building ...\n');
  rmSync(STAMP, { force: true });
  // Its words are many and only of interest when it fails.
  const { status, stdout, stderr, error } = spawnSync('npm', ['run', '--silent', 'build', '--', '--logLevel', 'error'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `npm could not be started (${error.message}).\n` : ''}`);
    return false;
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
  return true;
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) process.exitCode = buildIfStale() ? 0 : 1;
