/**
 * Builds the engine: wasm/assembly -> wasm/build/out/engine.wasm, with fixed flags, and only when a source changed.
 * One baseline SIMD binary, so that renders are the same in every browser and in Node.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Found by its lock file: this file is also part of a bundle that lies elsewhere. */
function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package-lock.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

const ROOT = repositoryRoot();
const SOURCES = join(ROOT, 'wasm/assembly');
const OUT = join(ROOT, 'wasm/build/out');
export const ENGINE_PATH = join(OUT, 'engine.wasm');
const STAMP_PATH = join(OUT, 'engine.stamp');

/** What ships to a phone stays small. */
const MAX_BYTES = 256 * 1024;

const FLAGS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '64'];

function sourceStamp(): string {
  const hash = createHash('sha256').update(FLAGS.join(' '));
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).sort();
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCES, file)));
  return hash.digest('hex');
}

/**
 * Compiles unless the binary is fresh.
 * @returns path of engine.wasm
 * @throws Error with the compiler's words
 */
export async function compileIfStale(): Promise<string> {
  const stamp = sourceStamp();
  if (existsSync(ENGINE_PATH) && existsSync(STAMP_PATH) && readFileSync(STAMP_PATH, 'utf8') === stamp) return ENGINE_PATH;
  mkdirSync(OUT, { recursive: true });
  const { default: asc } = await import('assemblyscript/asc');
  const building = `${ENGINE_PATH}.${process.pid}.tmp`;
  const { error, stderr } = await asc.main([join(SOURCES, 'engine.ts'), '-o', building, ...FLAGS]);
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const { size } = statSync(building);
  if (size > MAX_BYTES) throw new Error(`engine.wasm is ${size} bytes; the limit is ${MAX_BYTES}.`);
  renameSync(building, ENGINE_PATH);
  writeFileSync(STAMP_PATH, stamp);
  return ENGINE_PATH;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await compileIfStale();
  process.stderr.write(`engine.wasm ${statSync(ENGINE_PATH).size} bytes\n`);
}
