import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { readZip } from '../support/zip.ts';
import { storedBytes, storedDocuments } from './stored.ts';
import { button, matchDemo, musicFile, place, tryDemo } from './takes.ts';

const row = (page: Page, name: string): Locator => page.locator('.entry').filter({ has: page.getByRole('button', { name, exact: true }) });
const names = (page: Page): Promise<string[]> => page.locator('.entry-name').allTextContents();
const kind = (page: Page, name: string) => page.getByRole('group', { name: 'Show' }).getByRole('button', { name: new RegExp(`^${name} `) });

async function addFiles(page: Page, ...files: ReturnType<typeof musicFile>[]): Promise<void> {
  await page.getByLabel('Add recordings', { exact: true }).setInputFiles(files);
  for (const { name } of files) await expect(row(page, name.replace(/\.wav$/, '')).locator('.entry-length')).toBeVisible();
}

test('recordings are added, found, filtered, ordered, renamed and tagged; all of it survives a reload', async ({ page }) => {
  await page.goto('/library');
  await expect(page.getByText('Everything you record, open or make is kept here')).toBeVisible();
  await addFiles(page, musicFile('kitchen take.wav', 2, 1), musicFile('Café live.wav', 4, 2));
  expect(await names(page)).toHaveLength(2);
  await page.getByRole('combobox', { name: 'Order' }).selectOption('longest');
  expect(await names(page)).toEqual(['Café live', 'kitchen take']);
  await page.getByRole('searchbox').fill('cafe');
  expect(await names(page)).toEqual(['Café live']);
  await expect(page.getByRole('status').filter({ hasText: '1 of 2 entries' })).toBeVisible();
  await button(page, 'Clear the search').click();

  await button(page, 'kitchen take').click();
  await page.getByLabel('Name', { exact: true }).fill('Kitchen, second take');
  await page.getByLabel('Name', { exact: true }).press('Enter');
  const opened = row(page, 'Kitchen, second take');
  await opened.getByRole('textbox', { name: 'Add a tag' }).fill('voice, kitchen');
  await opened.getByRole('textbox', { name: 'Add a tag' }).press('Enter');
  await expect(opened.locator('.entry-meta .tag')).toHaveText(['voice', 'kitchen']);
  await expect(row(page, 'Café live').locator('.tag')).toHaveCount(0);

  await page.reload();
  await expect(row(page, 'Kitchen, second take').locator('.entry-meta .tag')).toHaveText(['voice', 'kitchen']);
  await page.getByRole('searchbox').fill('VOICE');
  expect(await names(page)).toEqual(['Kitchen, second take']);
  // The ending of the file stays with it.
  expect((await storedDocuments(page, 'recordings')).map(({ name }) => name).sort()).toEqual(['Café live.wav', 'Kitchen, second take.wav']);
});

test('the same file added twice is one entry', async ({ page }) => {
  await page.goto('/library');
  const file = musicFile('one.wav', 1, 5);
  await addFiles(page, file);
  await page.getByLabel('Add recordings', { exact: true }).setInputFiles({ ...file, name: 'again.wav' });
  await expect(page.locator('.adding')).toHaveCount(0);
  expect(await names(page)).toEqual(['one']);
});

test('an entry is drawn, played, and its playhead moved with the keyboard', async ({ page }) => {
  await page.goto('/library');
  await addFiles(page, musicFile('song.wav', 8, 3));
  const ink = () => page.locator('.entry-wave-rest').evaluate((canvas: HTMLCanvasElement) => canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0));
  await expect.poll(ink).toBe(true);
  await button(page, 'Play song').click();
  await expect(button(page, 'Pause song')).toBeVisible();
  const head = page.getByRole('slider', { name: 'Position in song' });
  await head.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => Number(await head.getAttribute('aria-valuenow'))).toBeGreaterThanOrEqual(3);
});

test('a deleted entry comes back with Undo, after a reload too; until then its bytes are untouched', async ({ page }) => {
  await page.goto('/library');
  const file = musicFile('gone.wav', 1, 4);
  const id = createHash('sha256').update(file.buffer).digest('hex');
  await addFiles(page, file);
  await row(page, 'gone').hover();
  await button(page, 'Delete gone').click();
  await expect(page.locator('.entry')).toHaveCount(0);
  await expect(page.getByText('gone is deleted.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('gone is deleted.')).toBeVisible();
  expect(await names(page)).toEqual([]);
  expect((await storedBytes(page, 'recordings', id))?.equals(file.buffer)).toBe(true);
  await button(page, 'Undo').click();
  await expect(row(page, 'gone')).toBeVisible();
  await expect(button(page, 'Undo')).toHaveCount(0);
  expect(await storedDocuments(page, 'bin')).toEqual([]);
});

test('once the time to undo is over a deleted entry leaves the device', async ({ page }) => {
  await page.clock.install();
  await page.goto('/library');
  const file = musicFile('gone.wav', 1, 4);
  const id = createHash('sha256').update(file.buffer).digest('hex');
  await addFiles(page, file);
  await row(page, 'gone').hover();
  await button(page, 'Delete gone').click();
  await expect(button(page, 'Undo')).toBeVisible();
  await page.clock.fastForward(20_100);
  await expect(button(page, 'Undo')).toHaveCount(0);
  await expect.poll(() => storedBytes(page, 'recordings', id)).toBeNull();
  await expect.poll(() => storedDocuments(page, 'recordings')).toEqual([]);
});

test('a result shows what it was made from, is saved as a preset, and the preset is applied to another recording', async ({ page }) => {
  await matchDemo(page);
  await button(page, 'Save preset').click();
  await page.getByLabel('Name of the preset').fill('Radio voice');
  await button(page, 'Save').click();
  await page.getByRole('link', { name: 'Show it' }).click();
  await expect(page).toHaveURL(/\/library$/);
  await expect.poll(async () => (await names(page)).sort()).toEqual(['Radio voice', 'reference', 'target', 'target in the style of reference']);
  await expect(row(page, 'target in the style of reference').locator('.entry-loudness')).toHaveText(/^−\d+\.\d\sLUFS$/);
  await expect(row(page, 'reference').locator('.entry-loudness')).toHaveText(/^−\d+\.\d\sLUFS$/);

  await kind(page, 'References').click();
  expect(await names(page)).toEqual(['reference']);
  await kind(page, 'All').click();
  await button(page, 'target in the style of reference').click();
  await row(page, 'target in the style of reference').getByRole('button', { name: 'reference', exact: true }).click();
  const reference = row(page, 'reference');
  await expect(reference.getByRole('button', { name: 'target in the style of reference', exact: true })).toBeVisible();

  // A result's own name is its name everywhere.
  await page.locator('.entry-name').filter({ hasText: 'in the style of' }).click();
  await page.getByLabel('Name', { exact: true }).fill('On air');
  await page.getByLabel('Name', { exact: true }).press('Enter');
  await row(page, 'On air').getByRole('link', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'On air' })).toBeVisible();
  await page.goBack();

  await addFiles(page, musicFile('other.wav', 3, 9));
  await button(page, 'Radio voice').click();
  await page.getByRole('link', { name: 'Apply to a recording' }).click();
  await expect(page.getByText('Preset Radio voice')).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await page.getByRole('combobox', { name: 'Stored recordings' }).last().selectOption({ label: 'other.wav' });
  await button(page, 'Apply preset').click();
  await expect(button(page, 'Download WAV')).toBeVisible({ timeout: 90_000 });
});

test('a preset file is imported, once however often', async ({ page }) => {
  await matchDemo(page);
  const coming = page.waitForEvent('download');
  await button(page, 'Export preset').click();
  const path = await (await coming).path();
  await page.goto('/library');
  for (const name of ['Warm.tonetwin.json', 'Warmer.tonetwin.json']) {
    await page.getByLabel('Import preset', { exact: true }).setInputFiles({ name, mimeType: 'application/json', buffer: await readFile(path) });
    await expect(row(page, name.replace('.tonetwin.json', ''))).toBeVisible();
  }
  await kind(page, 'Presets').click();
  expect(await names(page)).toEqual(['Warmer']);
  await page.getByLabel('Import preset', { exact: true }).setInputFiles({ name: 'no.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await expect(page.getByRole('alert')).toContainText('This is not a Tonetwin preset');
});

test('an entry is laid out in the studio as reference or target', async ({ page }) => {
  await page.goto('/library');
  await addFiles(page, musicFile('voice.wav', 2, 6), musicFile('record.wav', 2, 7));
  await button(page, 'record').click();
  await button(page, 'Use as reference').click();
  await expect(place(page, 0)).toContainText('record.wav');
  await page.goto('/library');
  await button(page, 'voice').click();
  await button(page, 'Use as target').click();
  await expect(place(page, 1)).toContainText('voice.wav');
  await expect(place(page, 0)).toContainText('record.wav');
  await expect(button(page, 'Match')).toBeEnabled();
});

test.describe('a copy of everything', () => {
  test('goes into a folder that is chosen, byte for byte, and the page says when', async ({ page }) => {
    // The system's dialog cannot be driven: a folder of the private file system stands for the chosen one.
    await page.addInitScript(() => {
      Object.assign(globalThis, { showDirectoryPicker: async () => (await navigator.storage.getDirectory()).getDirectoryHandle('chosen', { create: true }) });
    });
    await page.goto('/library');
    const file = musicFile('song.wav', 2, 3);
    await addFiles(page, file);
    await expect(page.getByText('Never copied elsewhere')).toBeVisible();
    await button(page, 'Export all').click();
    await page.getByRole('button', { name: /^To a folder/ }).click();
    await expect(page.getByText('Everything is copied.')).toBeVisible();
    const digest = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('chosen');
      const bytes = await (await (await (await folder.getDirectoryHandle('recordings')).getFileHandle('song.wav')).getFile()).arrayBuffer();
      const list = JSON.parse(await (await (await folder.getFileHandle('library.json')).getFile()).text()) as { entries: { path: string }[] };
      return { paths: list.entries.map(({ path }) => path), hash: Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('') };
    });
    expect(digest).toEqual({ paths: ['recordings/song.wav'], hash: createHash('sha256').update(file.buffer).digest('hex') });
    await button(page, 'Close').click();
    await expect(page.getByText('Everything is in that copy.')).toBeVisible();
    await addFiles(page, musicFile('newer.wav', 1, 8));
    await expect(page.getByText('1 newer entry is not in that copy.')).toBeVisible();
  });

  test('comes as a zip where the browser has no such dialogs', async ({ page }) => {
    await page.addInitScript(() => {
      Object.assign(globalThis, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
    });
    await page.goto('/library');
    await addFiles(page, musicFile('song.wav', 2, 3));
    await button(page, 'Export all').click();
    await expect(page.getByRole('button', { name: /^To a folder/ })).toHaveCount(0);
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: /^As a zip file/ }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^tonetwin-\d{4}-\d\d-\d\d\.zip$/);
    expect([...readZip(await readFile(await download.path())).keys()]).toEqual(['recordings/song.wav', 'library.json']);
  });
});

test('a database of the version before the library keeps what it holds', async ({ page }) => {
  await page.goto('/health');
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('tonetwin', 1);
        opening.onupgradeneeded = () => {
          for (const table of ['recordings', 'features', 'styles', 'results', 'checkpoints', 'jobs', 'peaks']) opening.result.createObjectStore(table, { keyPath: 'id' });
          const { transaction } = opening;
          const state = { status: 'ready', sampleRate: 48000, channels: 2, frames: 480000, notices: [] };
          transaction!.objectStore('recordings').put({ id: 'a'.repeat(64), name: 'from before.wav', bytes: 1_920_044, addedMs: 1_700_000_000_000, usedMs: 1_700_000_000_000, state, readAs: 'wav', allowFallbackDecoder: false });
        };
        opening.onsuccess = () => (opening.result.close(), resolve());
        opening.onerror = () => reject(opening.error);
      }),
  );
  await page.goto('/library');
  await expect(row(page, 'from before')).toContainText('0:10');
  expect(await storedDocuments(page, 'presets')).toEqual([]);
});

test('two thousand entries open, scroll and are searched without a long wait', async ({ page }) => {
  await page.goto('/library');
  await expect(page.getByText('Everything you record')).toBeVisible();
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('tonetwin');
        opening.onsuccess = () => {
          const transaction = opening.result.transaction(['recordings', 'cards'], 'readwrite');
          for (let i = 0; i < 2000; i += 1) {
            const id = i.toString(16).padStart(64, '0');
            const state = { status: 'ready', sampleRate: 48000, channels: 2, frames: 48000 * (10 + (i % 300)), notices: [] };
            transaction.objectStore('recordings').put({ id, name: `take ${i}.wav`, bytes: 1e6 + i, addedMs: 1.7e12 + i * 6e4, usedMs: 1.7e12, state, readAs: 'wav', allowFallbackDecoder: false });
            const max = Int8Array.from({ length: 160 }, (_, c) => Math.round(60 + 60 * Math.sin(c * (1 + (i % 17)))));
            transaction.objectStore('cards').put({ id, integratedLufs: -10 - (i % 20), thumbnail: { max, min: max.map((value) => -value) } });
          }
          transaction.oncomplete = () => (opening.result.close(), resolve());
          transaction.onerror = () => reject(transaction.error);
        };
      }),
  );
  await page.reload();
  await expect(page.getByText('2,000 entries')).toBeVisible();
  // Rows are made as they are needed: the page stays small.
  expect(await page.locator('.entry').count()).toBeLessThan(250);
  expect((await names(page))[0]).toBe('take 1999');
  for (let i = 0; i < 6; i += 1) {
    const before = await page.locator('.entry').count();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect.poll(() => page.locator('.entry').count()).toBeGreaterThan(before);
  }
  // The time of the page's own thread, not of the machine it shares: script and layout for one letter of a search.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busySeconds = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value;
  await page.evaluate(() => scrollTo(0, 0));
  const before = await busySeconds();
  await page.getByRole('searchbox').pressSequentially('take 1234');
  await expect(page.locator('.entry')).toHaveCount(1);
  const perLetter = (await busySeconds()) - before;
  test.info().annotations.push({ type: 'measured', description: `search: ${Math.round((1000 * perLetter) / 9)} ms of the page's thread per letter` });
  expect(perLetter / 9).toBeLessThan(0.25);
});

test('the library opens without the network', async ({ page, context }) => {
  await page.goto('/library');
  await addFiles(page, musicFile('song.wav', 1, 3));
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await context.setOffline(true);
  await page.reload();
  await expect(row(page, 'song')).toBeVisible();
});

test('the demo is said to be one', async ({ page }) => {
  await tryDemo(page);
  await page.goto('/library');
  await expect(row(page, 'target').locator('.entry-meta')).toContainText('The demo');
});
