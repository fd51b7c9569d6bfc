/**
 * `npm start`: from a fresh clone to a page in the browser. Plain JavaScript without dependencies, because nothing may be
 * installed yet: checks Node, installs what the lock file names, builds what changed, serves.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
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

function install() {
  process.stdout.write('Installing (once) ...\n');
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (error) stopWith(`Installing failed: npm could not be started (${error.message}).`);
  if (status !== 0) stopWith('Installing failed; the lines above say why. Check the network connection and run npm start again.');
}

checkNode();
if (!isInstalled()) install();
if (!buildIfStale()) stopWith('Building failed; the lines above say why.');
const { register } = await import('tsx/esm/api');
register();
await import('./main.ts');
