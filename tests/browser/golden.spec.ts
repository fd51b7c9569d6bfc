import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import { ENGINE_PATH } from '../../wasm/build/compile.ts';
import type { HashAll } from './lab/golden.ts';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// The script is ours and comes from nowhere: the page's policy would not let it in.
test.use({ bypassCSP: true });

test('a browser renders the same samples as Node, bit for bit, for every module and the whole chain', async ({ page }) => {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: pathOf('lab/golden.ts'), formats: ['iife'], name: 'golden' } },
  })) as Rolldown.RolldownOutput[];
  await page.goto('/health');
  await page.evaluate(built[0]!.output[0].code);
  const hashes = await page.evaluate(
    (engine) => (globalThis as unknown as { HASH_ALL: HashAll }).HASH_ALL(engine),
    readFileSync(ENGINE_PATH).toString('base64'),
  );
  expect(hashes).toEqual(JSON.parse(readFileSync(pathOf('../golden/hashes.json'), 'utf8')));
});
