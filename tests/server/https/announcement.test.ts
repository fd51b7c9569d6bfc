import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { announcement } from '../../../server/https/announcement.ts';
import { wordsFor } from '../../../server/https/words.ts';

const facts = { addresses: ['192.168.1.20', '172.17.0.1'], port: 8787, trustPort: 8788, name: 'Tonetwin on box', folder: 'data/https', fingerprint: 'AB:CD' };

/** Modules of a code drawn in half blocks: light is drawn, dark is left out. */
const modulesOf = (lines: readonly string[]): boolean[][] =>
  lines.flatMap((line) => [[...line].map((block) => block === ' ' || block === '▄'), [...line].map((block) => block === ' ' || block === '▀')]);

test('it shows the first address, the helper page as a code that reads as such, and both ways to trust', () => {
  const said = announcement({ ...facts, words: wordsFor('en_GB.UTF-8') });
  for (const part of ['https://192.168.1.20:8787', 'http://192.168.1.20:8788', 'Tonetwin on box', 'Certificate Trust Settings', 'CA certificate', 'AB:CD', 'data/https']) expect(said).toContain(part);
  const drawn = modulesOf(said.split('\n').filter((line) => /^[ ▀▄█]+$/.test(line) && /[▀▄█]/.test(line)));
  const { data, size } = encode('http://192.168.1.20:8788');
  expect(drawn.slice(0, size).map((row) => row.slice(0, size))).toEqual(data);
});

test('it speaks Chinese where the terminal does', () => {
  for (const language of ['zh_CN.UTF-8', 'zh-Hans-CN', 'zh']) expect(announcement({ ...facts, words: wordsFor(language) })).toContain('证书信任设置');
  expect(wordsFor('C')).toBe(wordsFor('en_US'));
});

test('without a network it says so, and where it is on this computer', () => {
  const said = announcement({ ...facts, addresses: [], words: wordsFor('en') });
  expect(said).toContain('No local network was found');
  expect(said).toContain('https://localhost:8787');
  expect(said).not.toMatch(/[▀▄█]/);
});
