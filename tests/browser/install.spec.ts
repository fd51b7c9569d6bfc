import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

test('the app can be installed: manifest without errors, nothing in the way', async ({ playwright, baseURL, launchOptions }) => {
  // An ordinary test context is private, and private windows install nothing.
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-install-'));
  const context = await playwright.chromium.launchPersistentContext(folder, launchOptions);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(baseURL!);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.reload();
    const session = await context.newCDPSession(page);
    expect((await session.send('Page.getAppManifest')).errors).toEqual([]);
    expect((await session.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  } finally {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
