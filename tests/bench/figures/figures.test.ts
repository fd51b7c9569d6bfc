/** The README of the engine and its figures belong together: none missing, none left over, none that nothing draws. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PAIRED } from './paired.ts';
import { evenly, hertz, named, type Plot, svgOf } from './plot.ts';
import { UNPAIRED } from './unpaired.ts';
import { WHOLE_CHAIN } from './whole-chain.ts';

const WASM = new URL('../../../wasm/', import.meta.url);
const readme = readFileSync(new URL('README.md', WASM), 'utf8');
const inverters = readme.slice(readme.indexOf('## Inverters, mode B'), readme.indexOf('`tests/contracts/inverter-laws.ts`'));
const onDisk = readdirSync(new URL('figures/', WASM)).toSorted();
const sources = readdirSync(new URL('inversion/', WASM), { recursive: true, encoding: 'utf8' }).map((file) => file.split('/').at(-1)!);

/** The paragraphs of both modes: those that open with the bold names of their files, and alignment's. */
const paragraphs = inverters
  .split(/\n(?=- \*\*|`inversion\/|Its settings)/)
  .filter((text) => text.startsWith('- **') || text.includes('`inversion/alignment.ts`'))
  .map((text) => ({ about: /\*\*(.+?)\*\*/.exec(text)?.[1] ?? 'alignment', text }));

const shownIn = (text: string) => [...text.matchAll(/!\[([^\]]*)\]\((?:wasm\/)?figures\/([^)]+)\)/g)].map(([, alt, file]) => ({ alt: alt!, file: file! }));

test('every inverter of the README has a paragraph with one figure, a text for who cannot see it, and a caption', () => {
  expect(paragraphs.length).toBeGreaterThan(12);
  for (const { about, text } of paragraphs) {
    const shown = shownIn(text);
    expect({ about, figures: shown.length }).toEqual({ about, figures: 1 });
    expect({ about, isOnDisk: onDisk.includes(shown[0]!.file), isDescribed: shown[0]!.alt.length > 20 }).toEqual({ about, isOnDisk: true, isDescribed: true });
    expect({ about, hasCaption: /\)\s+\*[^*]{20,}\*/.test(text) }).toEqual({ about, hasCaption: true });
  }
});

test('every name of a paragraph is a file of wasm/inversion, and every module of mode B has its paragraph', () => {
  const names = paragraphs.flatMap(({ about, text }) => (about === 'alignment' ? [about] : [...text.matchAll(/\*\*([^*]+)\*\*/g)].flatMap(([, bold]) => bold!.split(', ').map((name) => name.replace('.ts', '')))));
  expect(names.filter((name) => !sources.includes(`${name}.ts`) && !sources.includes(`${name}-module.ts`))).toEqual([]);
  const modules = readdirSync(new URL('inversion/unpaired/', WASM)).filter((file) => file.endsWith('-module.ts')).map((file) => file.replace('.ts', ''));
  expect(modules.filter((name) => !names.includes(name))).toEqual([]);
});

test('wasm/figures holds what `npm run figures` draws and the README shows, and nothing else', () => {
  expect(onDisk).toEqual([...UNPAIRED, ...PAIRED, ...WHOLE_CHAIN].map(({ name }) => `${name}.svg`).toSorted());
  expect(shownIn(readme).map(({ file }) => file).toSorted()).toEqual(onDisk);
});

test.each(onDisk)('%s is a small picture of its own size, with a title, and asks for nothing from elsewhere', (file) => {
  const svg = readFileSync(new URL(`figures/${file}`, WASM), 'utf8');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 480 200"[^>]*>\n<title>[^<]+<\/title>/);
  expect(svg.length).toBeLessThan(12_000);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|href|url\(/);
});

const plot: Plot = {
  x: hertz(100, 10_000),
  y: evenly('level, dB', -10, 10, 5),
  marks: [
    { kind: 'line', role: 'result', name: 'a < b', points: [[100, -10], [1000, 0], [10_000, 30]] },
    { kind: 'dots', role: 'truth', points: [[1000, 10]] },
  ],
};

test('an octave is as wide anywhere on a log axis, and what passes an end of an axis is drawn at the end', () => {
  const [, left, middle, right, top] = /points="(\S+),164 (\S+),93 (\S+),(\S+)"/.exec(svgOf('t', plot))!.map(Number);
  expect(middle! - left!).toBeCloseTo(right! - middle!, 0);
  expect(top).toBe(22);
});

test('a place that is no number is refused', () => {
  expect(() => svgOf('t', { ...plot, marks: [{ kind: 'line', role: 'raw', points: [[1000, NaN]] }] })).toThrow('not a number');
});

test('words are written as text, not as markup, and the same plot gives the same bytes', () => {
  expect(svgOf('x & y', plot)).toContain('a &lt; b');
  expect(svgOf('x & y', plot)).toContain('<title>x &amp; y</title>');
  expect(svgOf('t', plot)).toBe(svgOf('t', plot));
});

test('long names of an axis get the room they need', () => {
  const bars = (name: string) => svgOf('t', { x: evenly('', 0, 1, 1), y: named([name]), marks: [{ kind: 'bars', role: 'raw', points: [[1, 0]] }] });
  const startOf = (svg: string) => Number(/<rect x="([\d.]+)"/.exec(svg)![1]);
  expect(startOf(bars('no reverberation'))).toBeGreaterThan(startOf(bars('no')) + 40);
});
