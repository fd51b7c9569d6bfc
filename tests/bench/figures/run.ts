/** `npm run figures`: draws the figures of wasm/README.md again; `-- NAME` draws some. The same code gives the same bytes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileIfStale } from '../../../wasm/build/compile.ts';
import { PAIRED } from './paired.ts';
import { svgOf } from './plot.ts';
import { UNPAIRED } from './unpaired.ts';
import { WHOLE_CHAIN } from './whole-chain.ts';

const FOLDER = fileURLToPath(new URL('../../../wasm/figures/', import.meta.url));
/** Of all threads: what a busy machine does besides is not in it. */
const cpuSeconds = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const names = process.argv.slice(2);
const figures = [...UNPAIRED, ...PAIRED, ...WHOLE_CHAIN];
const unknown = names.filter((name) => !figures.some((figure) => figure.name === name));
if (unknown.length > 0) {
  console.error(`There is no figure named ${unknown.join(', ')}. There are ${figures.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
await compileIfStale();
mkdirSync(FOLDER, { recursive: true });
for (const { name, title, draw } of figures.filter((figure) => names.length === 0 || names.includes(figure.name))) {
  const before = cpuSeconds();
  const svg = svgOf(title, await draw());
  writeFileSync(`${FOLDER}${name}.svg`, svg);
  console.log(`${name.padEnd(20)} ${(svg.length / 1024).toFixed(1).padStart(5)} kB ${(cpuSeconds() - before).toFixed(1).padStart(6)} s`);
}
