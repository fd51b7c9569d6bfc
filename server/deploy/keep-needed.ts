/**
 * Removes from node_modules what the running server does not use: the page is built, and what built it, or is within it, is not
 * needed any more. A step of the Dockerfile: `node --import tsx server/deploy/keep-needed.ts ROOT`.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

function sourcesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

/** Where Node finds a package that something in `from` asks for; null where it is not installed (an optional one). */
function place(root: string, from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (relative(root, folder) === '') return null;
  }
}

/**
 * @param root  folder of the program, with its node_modules
 * @returns names below node_modules: every package that a source of the server or of shared names, what starts them, and what those need
 */
export function neededPackages(root: string): ReadonlySet<string> {
  const { dependencies = {}, optionalDependencies = {} } = manifestOf(root);
  const text = sourcesBelow(join(root, 'server')) + sourcesBelow(join(root, 'shared'));
  const named = Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => text.includes(`'${name}'`) || text.includes(`'${name}/`));
  const needed = new Set<string>();
  const seen = new Set<string>();
  const visit = (from: string, name: string): void => {
    const folder = place(root, from, name);
    if (folder === null || seen.has(folder)) return;
    seen.add(folder);
    needed.add(relative(join(root, 'node_modules'), folder).split('/node_modules/')[0]!);
    const manifest = manifestOf(folder);
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies })) visit(folder, next);
  };
  for (const name of [...named, 'tsx']) visit(root, name);
  return needed;
}

function keepNeeded(root: string): void {
  const needed = neededPackages(root);
  const packages = readdirSync(join(root, 'node_modules')).flatMap((name) => (name.startsWith('@') ? readdirSync(join(root, 'node_modules', name)).map((inner) => `${name}/${inner}`) : [name]));
  const over = packages.filter((name) => !name.startsWith('.') && !needed.has(name));
  for (const name of over) rmSync(join(root, 'node_modules', name), { recursive: true });
  process.stdout.write(`${needed.size} packages are kept, ${over.length} removed.\n`);
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) keepNeeded(process.argv[2] ?? process.cwd());
