import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import type { listen as Listen } from './lab/player.ts';

// The script is ours and comes from nowhere: the page's policy would not let it in.
test.use({ bypassCSP: true });

test('pieces join, tracks are switched and one player takes over from another without a gap, a click or a shift in time, at 44.1 and 48 kHz', async ({ page }) => {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { conditions: ['browser'] },
    build: { write: false, minify: false, lib: { entry: fileURLToPath(new URL('lab/player.ts', import.meta.url)), formats: ['iife'], name: 'lab' } },
  })) as Rolldown.RolldownOutput[];
  await page.goto('/');
  await page.evaluate(built[0]!.output[0].code);
  const heard = await page.evaluate(() => (globalThis as unknown as { listen: typeof Listen }).listen());
  expect(heard.status).toBe('playing');
  expect(heard.seconds).toBeGreaterThan(4);
  expect(heard.track).toBe('target');
  expect(heard.wentOn).toBeGreaterThan(0.8);
  // A sample lost or doubled at 441 Hz leaves 0.03, a click more; the resampler leaves 0.00001.
  expect(heard.worst).toBeLessThan(1e-4);
  expect(heard.lowestPeak).toBeGreaterThan(0.49);
});
