import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

/** A server of its own: this one is stopped in the middle. */
const PORT = 8786;
const ADDRESS = `http://localhost:${PORT}`;
let server: ChildProcess;

test.beforeAll(async () => {
  server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, PORT: String(PORT), ACCOUNTS: 'off' },
    stdio: 'ignore',
  });
  await expect.poll(() => fetch(`${ADDRESS}/health`).then((r) => r.ok, () => false), { timeout: 30_000 }).toBe(true);
});

test.afterAll(() => {
  server.kill('SIGKILL');
});

test('after the first visit the whole main job works with the server stopped', async ({ page }) => {
  await page.goto(ADDRESS);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  // The page is controlled, and everything that is precached lies in the cache.
  await page.reload();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);

  server.kill('SIGKILL');
  await once(server, 'exit');
  await expect(fetch(`${ADDRESS}/health`)).rejects.toThrow();

  await page.reload();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.getByRole('button', { name: 'Try the demo' }).click();
  await expect(page.getByRole('button', { name: 'Match', exact: true })).toBeEnabled();
  await page.getByRole('button', { name: 'Match', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Download WAV' })).toBeVisible({ timeout: 90_000 });
});

test('the additional decoder and other first-use downloads are not precached', async ({ page }) => {
  await page.goto('/');
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  const names = await page.evaluate(async () => {
    const keys = await caches.keys();
    const entries = await Promise.all(keys.map(async (key) => (await (await caches.open(key)).keys()).map((request) => request.url)));
    return entries.flat();
  });
  expect(names.some((url) => /engine.*\.wasm/.test(url))).toBe(true);
  expect(names.some((url) => /libav.*wasm/.test(url))).toBe(true);
  expect(names.filter((url) => /ffmpeg|ort-/.test(url))).toEqual([]);
});
