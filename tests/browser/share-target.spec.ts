import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { storedBytes, storedDocuments } from './stored.ts';
import { type FilePayload, musicFile, place } from './takes.ts';

/** The system posts what is shared as a form to the address in the manifest; a form of the page itself does the same. */
async function share(page: Page, ...files: FilePayload[]): Promise<void> {
  await page.evaluate(() => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'POST', action: '/share', enctype: 'multipart/form-data', id: 'share' });
    form.innerHTML = '<input type="file" name="recordings" multiple>';
    document.body.append(form);
  });
  await page.locator('#share input').setInputFiles(files);
  await page.evaluate(() => (document.getElementById('share') as HTMLFormElement).submit());
}

async function installed(page: Page): Promise<void> {
  await page.goto('/');
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
}

const idOf = ({ buffer }: FilePayload): string => createHash('sha256').update(buffer).digest('hex');
const choice = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name: new RegExp(`^${name}`) });
const waiting = (page: Page): Promise<number> => page.evaluate(async () => (await (await caches.open('tonetwin-inbox-1')).keys()).length);

test('a voice memo shared from another app is stored first, byte for byte, then asked about; as reference it lies in its place', async ({ page }) => {
  await installed(page);
  const memo = { ...musicFile('Voice memo 7.wav', 2, 1), mimeType: 'audio/x-m4a' };
  await share(page, memo);
  await expect(page).toHaveURL(/\/library$/);
  await expect(page.getByRole('dialog', { name: 'It is in your library' })).toContainText('Voice memo 7.wav');
  expect((await storedBytes(page, 'recordings', idOf(memo)))?.equals(memo.buffer)).toBe(true);
  expect((await storedDocuments(page, 'recordings'))[0]).toMatchObject({ name: 'Voice memo 7.wav', origin: 'shared' });
  await expect.poll(() => waiting(page)).toBe(0);
  await choice(page, 'Reference').click();
  await expect(place(page, 0)).toContainText('Voice memo 7.wav');
  await page.goto('/library');
  await expect(page.locator('.entry-meta')).toHaveText('Recording · Reference · Shared from another app');
});

test('without the network it works the same, and as target', async ({ page, context }) => {
  await installed(page);
  await context.setOffline(true);
  await share(page, musicFile('memo.wav', 1, 2));
  await choice(page, 'Target').click();
  await expect(place(page, 1)).toContainText('memo.wav');
});

test('several at once are all kept', async ({ page }) => {
  await installed(page);
  await share(page, musicFile('one.wav', 1, 3), musicFile('two.wav', 1, 4));
  const dialog = page.getByRole('dialog', { name: 'They are in your library' });
  await expect(dialog).toContainText('two.wav');
  await dialog.getByRole('button', { name: 'Library' }).click();
  await expect(page.locator('.entry')).toHaveCount(2);
});

test('what is no audio says so and waits nowhere', async ({ page }) => {
  await installed(page);
  await share(page, { name: 'diary.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('Dear diary') });
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('This is not an audio file we can read');
  await expect.poll(() => waiting(page)).toBe(0);
  expect(await storedDocuments(page, 'recordings')).toEqual([]);
});

test('a share for which there is no room stays in the inbox and is taken at the next start', async ({ page, context }) => {
  await installed(page);
  const memo = musicFile('long memo.wav', 10, 5);
  // As the service worker leaves it.
  await page.evaluate(async (bytes) => {
    const body = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
    await (await caches.open('tonetwin-inbox-1')).put('/inbox/1', new Response(body, { headers: { 'X-File-Name': 'long%20memo.wav' } }));
  }, memo.buffer.toString('base64'));
  const session = await context.newCDPSession(page);
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: used + 500_000 });
  await page.goto('/library');
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('There is no space left on this device');
  expect(await waiting(page)).toBe(1);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin });
  await page.reload();
  await expect(page.getByRole('dialog', { name: 'It is in your library' })).toContainText('long memo.wav');
  expect((await storedBytes(page, 'recordings', idOf(memo)))?.equals(memo.buffer)).toBe(true);
  await expect.poll(() => waiting(page)).toBe(0);
});

test('a share that met no service worker is sent to a page that says so', async ({ page }) => {
  await page.goto('/library?shared=missed');
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('The share did not arrive');
  await expect(page).toHaveURL(/\/library$/);
});

test('a WAV file opened with the installed app is stored first, then asked about', async ({ playwright, baseURL, launchOptions }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-launch-'));
  const file = musicFile('double-clicked.wav', 1, 6);
  writeFileSync(join(folder, file.name), file.buffer);
  // Private windows install nothing.
  const context = await playwright.chromium.launchPersistentContext(join(folder, 'profile'), launchOptions);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(baseURL!);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.reload();
    const session = await context.newCDPSession(page);
    const manifestId = `${baseURL}/`;
    await session.send('PWA.install', { manifestId, installUrlOrBundleUrl: manifestId });
    // What the system does at a double click.
    await session.send('PWA.launchFilesInApp', { manifestId, files: [join(folder, file.name)] });
    const withDialog = async () => {
      for (const open of context.pages()) if (await open.getByRole('dialog', { name: 'It is in your library' }).isVisible()) return open;
      return null;
    };
    await expect.poll(withDialog).not.toBeNull();
    const opened = (await withDialog())!;
    await expect(opened.getByRole('dialog')).toContainText('double-clicked.wav');
    expect((await storedDocuments(opened, 'recordings'))[0]).toMatchObject({ id: idOf(file), origin: 'opened' });
    expect((await storedBytes(opened, 'recordings', idOf(file)))?.equals(file.buffer)).toBe(true);
    await choice(opened, 'Library').click();
    await expect(opened.locator('.entry-name')).toHaveText('double-clicked');
  } finally {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the manifest offers both to the system', async ({ page, request }) => {
  await page.goto('/');
  const manifest = (await (await request.get((await page.locator('link[rel=manifest]').getAttribute('href'))!)).json()) as {
    share_target: { action: string; method: string; enctype: string; params: { files: { name: string; accept: string[] }[] } };
    file_handlers: { action: string; accept: Record<string, string[]> }[];
  };
  expect(manifest.share_target).toMatchObject({ action: '/share', method: 'POST', enctype: 'multipart/form-data' });
  expect(manifest.share_target.params.files[0]?.name).toBe('recordings');
  expect(manifest.share_target.params.files[0]?.accept).toEqual(expect.arrayContaining(['audio/*', '.m4a', '.wav']));
  expect(manifest.file_handlers[0]?.accept['audio/wav']).toContain('.wav');
  const session = await page.context().newCDPSession(page);
  expect((await session.send('Page.getAppManifest')).errors).toEqual([]);
});
