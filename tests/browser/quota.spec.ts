import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { storedDocuments, storedJobs } from './stored.ts';

const demo = (name: string): string => fileURLToPath(new URL(`../../web/public/demo/${name}.opus`, import.meta.url));

/** The origin may use so many bytes more than it does now. */
async function leaveSpace(page: Page, bytes: number): Promise<void> {
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: used + bytes });
}

const storedFiles = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names: string[] = [];
    const top = await (await navigator.storage.getDirectory()).getDirectoryHandle('tonetwin');
    for await (const folder of (top as unknown as { values(): AsyncIterable<FileSystemDirectoryHandle> }).values()) {
      for await (const file of (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values()) names.push(`${folder.name}/${file.name}`);
    }
    return names.sort();
  });

test('a device that is full is told with a sentence, nothing is half-written, and what was there still works', async ({ page }) => {
  await page.goto('/');
  // What is kept of the page for offline fills the device too: it comes to rest first.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.getByLabel('Reference', { exact: true }).setInputFiles(demo('reference'));
  await expect.poll(async () => (await storedDocuments(page, 'recordings'))[0]?.state.status).toBe('ready');
  const before = await storedFiles(page);

  // The file itself fits, its decoded copy (5 MB) does not.
  await leaveSpace(page, 1_500_000);
  await page.getByLabel('Target', { exact: true }).setInputFiles(demo('target'));
  await expect(page.getByText('There is no space left on this device')).toBeVisible();
  expect(await storedFiles(page)).toEqual(before);
  expect((await storedDocuments(page, 'recordings')).map(({ state }) => state.status)).toEqual(['ready']);

  // Room for the target, but not for a result.
  await leaveSpace(page, 8_000_000);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByLabel('Target', { exact: true }).setInputFiles(demo('target'));
  await expect.poll(async () => (await storedDocuments(page, 'recordings')).map(({ state }) => state.status)).toEqual(['ready', 'ready']);
  await leaveSpace(page, 3_000_000);
  await page.getByRole('button', { name: 'Match', exact: true }).click();
  await expect.poll(async () => (await storedJobs(page))[0]?.error?.code, { timeout: 60_000 }).toBe('storage/full');

  // With space again the same job is taken up where it stood.
  await leaveSpace(page, 1_000_000_000);
  await page.getByRole('button', { name: 'Match', exact: true }).click();
  await expect.poll(async () => (await storedJobs(page))[0]?.state, { timeout: 60_000 }).toBe('COMPLETED');
});
