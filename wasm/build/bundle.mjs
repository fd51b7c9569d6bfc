/**
 * The command line as plain JavaScript, so that it starts at once: wasm/cli.ts -> wasm/build/out/cli, only when a source
 * changed. Plain JavaScript itself, because it runs before anything that reads TypeScript.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = join(ROOT, 'wasm/build/out/cli');
const STAMP_PATH = join(OUT, 'stamp');
const SOURCES = ['shared', 'wasm'];
/** Compiled, made or not part of the program. */
const OTHERS = /^(assembly|build[\\/]out)[\\/]/;

/** Size and time of every source: cheap enough to look at before every start. */
function sourceStamp() {
  const facts = SOURCES.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.m?[tj]s$/.test(file) && !OTHERS.test(file))
      .map((file) => {
        const { size, mtimeMs } = statSync(join(ROOT, room, file));
        return `${room}/${file} ${size} ${mtimeMs}`;
      }),
  );
  return [process.versions.node, statSync(join(ROOT, 'package-lock.json')).mtimeMs, ...facts.sort()].join('\n');
}

/** @returns {Promise<string>} path of the program */
export async function bundleIfStale() {
  const program = join(OUT, 'cli.js');
  const stamp = sourceStamp();
  if (existsSync(program) && existsSync(STAMP_PATH) && readFileSync(STAMP_PATH, 'utf8') === stamp) return program;
  const building = `${OUT}.${process.pid}.tmp`;
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    ssr: { noExternal: ['zod', 'hash-wasm'] },
    build: {
      ssr: true,
      outDir: building,
      target: 'node20',
      minify: false,
      rollupOptions: { input: { cli: join(ROOT, 'wasm/cli.ts'), thread: join(ROOT, 'wasm/cli/thread.ts') }, output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' } },
    },
  });
  mkdirSync(join(OUT, '..'), { recursive: true });
  writeFileSync(join(building, 'stamp'), stamp);
  rmSync(OUT, { recursive: true, force: true });
  try {
    renameSync(building, OUT);
  } catch {
    // Another start was faster; its program is as good.
    rmSync(building, { recursive: true, force: true });
  }
  return program;
}
