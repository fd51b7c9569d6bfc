/**
 * Renders that must not change by a bit. Where a change of sound is meant, write the hashes anew and say why in the commit:
 * UPDATE_GOLDEN=1 npx vitest run -c tests/vitest.config.ts tests/golden
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { engineBinary } from '../support/engine.ts';
import { GOLDEN_CASES, goldenHash } from './cases.ts';

const PATH = fileURLToPath(new URL('./hashes.json', import.meta.url));
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const hashes: Record<string, string> = isUpdate ? {} : (JSON.parse(readFileSync(PATH, 'utf8')) as Record<string, string>);

test.each(GOLDEN_CASES)('$name renders to the recorded samples', async (golden) => {
  const hash = await goldenHash(await engineBinary(), golden);
  if (isUpdate) hashes[golden.name] = hash;
  expect(hash).toBe(hashes[golden.name]);
});

test('every case sounds different', () => {
  expect(new Set(Object.values(hashes)).size).toBe(GOLDEN_CASES.length);
});

afterAll(() => {
  if (isUpdate) writeFileSync(PATH, `${JSON.stringify(hashes, null, 2)}\n`);
});
