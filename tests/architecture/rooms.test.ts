import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generate } from '../../wasm/build/generate.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|tsx)$/.test(file) && !/(^|\/)(dist|out|node_modules)\//.test(file))
    .map((file) => join(folder, file));
}

/** Import specifiers of a file: static, dynamic, re-exports and worker URLs; type-only ones on request. */
function importsOf(file: string, { types } = { types: true }): string[] {
  const whole = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const text = types ? whole : whole.replace(/^\s*(import|export) type [\s\S]*?from\s+['"][^'"]+['"];?/gm, '');
  const found = text.matchAll(/(?:^|[\s;])(?:import|export)\s+(?:[^'"();]*?\sfrom\s*)?['"]([^'"]+)['"]|import\(\s*(?:\/\*.*?\*\/\s*)?['"]([^'"]+)['"]\s*\)|new URL\(\s*['"](\.[^'"]+\.ts[^'"]*)['"]\s*,\s*import\.meta\.url/g);
  return [...found].map((match) => (match[1] ?? match[2] ?? match[3])!.split('?')[0]!);
}

/** A specifier as a path from the root, or the bare name of a package. */
const target = (file: string, specifier: string): string =>
  specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier;

interface Fence {
  readonly room: string;
  readonly may: readonly RegExp[];
  readonly except?: readonly string[];
}

const NODE = new RegExp(`^(node:|(${builtinModules.join('|')})$)`);
const PACKAGE = /^(?!\.|node:|shared\/|wasm\/|web\/|server\/|tests\/)/;

const FENCES: readonly Fence[] = [
  { room: 'shared', may: [/^shared\//, /^zod$/] },
  { room: 'wasm/assembly', may: [/^wasm\/assembly\//] },
  { room: 'wasm/host', may: [/^shared\//, /^wasm\/host\//] },
  { room: 'wasm/formats', may: [/^shared\//, /^wasm\/(host|formats)\//] },
  { room: 'wasm/analysis', may: [/^shared\//, /^wasm\/(host|analysis)\//] },
  { room: 'wasm/inversion', may: [/^shared\//, /^wasm\/(host|analysis|inversion)\//] },
  { room: 'wasm/rendering', may: [/^shared\//, /^wasm\/(host|analysis|inversion|rendering)\//] },
  { room: 'wasm/export', may: [/^shared\//, /^wasm\/(host|rendering|formats|export)\//] },
  { room: 'wasm/models', may: [/^shared\//, /^wasm\/(host|analysis|models|build\/out)\//, NODE] },
  { room: 'wasm/cli', may: [/^shared\//, /^wasm\/(?!assembly)/, NODE, PACKAGE] },
  { room: 'wasm/build', may: [/^shared\//, /^wasm\/build\//, NODE, /^assemblyscript/] },
  { room: 'web', may: [/^shared\//, /^wasm\/(?!assembly|build|cli)/, /^web\//, /^wasm\/build\/out\/engine\.wasm$/, PACKAGE] },
  { room: 'server', may: [/^shared\//, /^server\//, NODE, PACKAGE] },
];

/** Floors of web, from the top. A file imports from its own floor or a lower one. main.tsx sees all. */
const FLOORS: readonly (readonly string[])[] = [['pages'], ['components', 'state'], ['jobs'], ['pipeline'], ['workers', 'storage', 'vault', 'audio', 'api']];

const sourcesOf = (room: string): string[] => {
  try {
    return sourcesBelow(room);
  } catch {
    return [];
  }
};

test.each(FENCES)('$room imports only what it may', ({ room, may }) => {
  const wrong = sourcesOf(room)
    .flatMap((file) => importsOf(file).map((specifier) => ({ file, to: target(file, specifier) })))
    .filter(({ to }) => !may.some((pattern) => pattern.test(to)))
    .map(({ file, to }) => `${file} -> ${to}`);
  expect(wrong).toEqual([]);
});

test('no file of the product imports the tests', () => {
  const wrong = ['shared', 'wasm', 'web', 'server']
    .flatMap(sourcesOf)
    .filter((file) => importsOf(file).some((specifier) => target(file, specifier).startsWith('tests/')));
  expect(wrong).toEqual([]);
});

test('inside web a file imports from its own floor or from below', () => {
  const floorOf = (path: string) => FLOORS.findIndex((floor) => floor.some((folder) => path.startsWith(`web/${folder}/`)));
  const wrong = sourcesOf('web')
    .filter((file) => floorOf(file) >= 0)
    .flatMap((file) => importsOf(file).map((specifier) => ({ file, to: target(file, specifier) })))
    // A contract is types alone and may be seen from everywhere.
    .filter(({ file, to }) => floorOf(to) >= 0 && floorOf(to) < floorOf(file) && !to.endsWith('/contract.ts'))
    .map(({ file, to }) => `${file} -> ${to}`);
  expect(wrong).toEqual([]);
});

test('no import runs in a circle (types aside)', () => {
  const files = ['shared', 'wasm', 'web', 'server'].flatMap(sourcesOf).filter((file) => !file.startsWith('wasm/assembly'));
  const edges = new Map(files.map((file) => [file, importsOf(file, { types: false }).map((specifier) => target(file, specifier))]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const next of edges.get(file) ?? []) if (edges.has(next)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('generated files are fresh (npm run generate)', () => {
  for (const [path, text] of Object.entries(generate())) {
    expect({ path, fresh: readFileSync(join(ROOT, path), 'utf8') === text }).toEqual({ path, fresh: true });
  }
});

test('no room is named for nothing', () => {
  const wrong = ['shared', 'wasm', 'web', 'server', 'tests']
    .flatMap(sourcesOf)
    .filter((file) => /(^|\/)(utils?|misc|helpers?|common|core|manager)(\/|\.tsx?$)/.test(file));
  expect(wrong).toEqual([]);
});
