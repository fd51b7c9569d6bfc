/**
 * `npm start`: from a fresh clone to a page in the browser. Plain JavaScript without dependencies, because nothing may be
 * installed yet: checks Node, installs what the lock file names, builds what changed, serves.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
const STAMP = join(ROOT, 'web', 'dist', '.stamp');
/** What the built page is made of. */
const SOURCES = ['shared', 'wasm', 'web', 'vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json'];
const OUTPUTS = /(^|\/)(dist|out)(\/|$)/;
const OLDEST_NODE = [20, 19];

/** @param {string} sentence */
function stopWith(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  stopWith(`Tonetwin needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org and run npm start again.`);
}

/** True when node_modules holds what the lock file names. */
function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  try {
    const wanted = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
    const found = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || entry.dev || entry.devOptional || entry.peer || found[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

/** Digest of every source file. */
function sourceStamp() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '');
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

/**
 * Runs npm and shows its words only when it fails, or what it prints while it works where that may take long.
 * @param {string[]} args
 * @param {string} failed
 */
function npm(args, failed) {
  const { status, error } = spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (error) stopWith(`${failed} npm could not be started (${error.message}).`);
  if (status !== 0) stopWith(failed);
}

checkNode();
if (!isInstalled()) {
  process.stdout.write('Installing (once) ...\n');
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing failed; the lines above say why. With a network connection, run npm start again.');
}
const stamp = sourceStamp();
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stamp) {
  process.stdout.write('Building ...\n');
  npm(['run', '--silent', 'build', '--', '--logLevel', 'warn'], 'Building failed; the lines above say why.');
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
}
const { register } = await import('tsx/esm/api');
register();
await import('./main.ts');
