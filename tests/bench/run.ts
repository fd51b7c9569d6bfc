/** `npm run bench`: all; `npm run bench -- NAME [--json]`: one; `--list` names them. Ratios over 1: ours is better.
 * `identify` takes `--count N --from N --seed N --kind a,b --audio FOLDER --each --lines FILE`; `cases` takes `--cases FOLDER --out FOLDER --each`;
 * `crash` takes `--kills N --seed N`; `capture` takes `--seconds N --hours N`; `uploads` and `database` take `--kills N --seed N`;
 * `load` takes `--seconds N`. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileIfStale } from '../../wasm/build/compile.ts';
import type { Bench, BenchRow } from './bench.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

async function allBenches(): Promise<Bench[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.bench.ts')).sort();
  return Promise.all(files.map(async (file) => ((await import(`./${file}`)) as { bench: Bench }).bench));
}

const number = (value: number | null): string => (value === null ? '-' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function table(rows: readonly BenchRow[]): string {
  const lines = [
    ['what', 'ours', 'yardstick', 'unit', 'ratio', ''],
    ...rows.map((row) => [row.what, number(row.ours), number(row.yardstick), row.unit, number(row.ratio), row.note ?? '']),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}`).join('\n');
}

const words = process.argv.slice(2);
const asJson = words.includes('--json');
const VALUED = ['--count', '--seed', '--kind', '--audio', '--cases', '--out', '--kills', '--seconds', '--hours', '--from', '--lines'];
const names = words.filter((word, i) => !word.startsWith('--') && !VALUED.includes(words[i - 1] ?? ''));
await compileIfStale();
const benches = await allBenches();

if (words.includes('--list')) {
  for (const { name, about } of benches) console.log(`${name.padEnd(12)} ${about}`);
} else {
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    console.error(`There is no bench named ${unknown.join(', ')}. npm run bench -- --list names them.`);
    process.exit(2);
  }
  const results: Record<string, { yardstick: string; rows: readonly BenchRow[] }> = {};
  for (const bench of benches.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const rows = await bench.run();
    results[bench.name] = { yardstick: bench.yardstick, rows };
    if (!asJson) console.log(`\n${bench.name}: ${bench.about}\n  yardstick: ${bench.yardstick}\n${table(rows)}`);
  }
  const [only, ...others] = benches.filter(({ name }) => names.includes(name));
  if (asJson) console.log(JSON.stringify((others.length === 0 ? only?.summary?.() : undefined) ?? results));
}
