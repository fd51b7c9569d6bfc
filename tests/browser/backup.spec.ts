import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { looksRight } from './axe.ts';
import { WITH_MICROPHONE } from './microphone.ts';
import { button, matchDemo, musicFile, tryDemo } from './takes.ts';

test.use(WITH_MICROPHONE);

const PASSPHRASE = 'seven small boats in thick fog';
const PASSWORD = 'a long enough secret';
const NAME = 'Grandmother sings in the kitchen';

async function account(page: Page, email: string, isNew: boolean): Promise<void> {
  await page.goto('/backup');
  if (isNew) await button(page, 'New here? Create an account').click();
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await button(page, isNew ? 'Create account' : 'Sign in').click();
}

/** From no vault to one that is open. @returns the recovery code */
async function createVault(page: Page): Promise<string> {
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await button(page, 'Create the vault').click();
  const groups = page.getByRole('list', { name: 'Your recovery code' }).getByRole('listitem');
  await expect(groups).toHaveCount(8);
  const code = (await groups.allTextContents()).join('-');
  await page.getByLabel('To be sure, type the last four letters').fill(code.slice(-4));
  await button(page, 'I have kept it').click();
  return code;
}

/** Everything the server of these journeys has on its disk. */
function storedByServer(): Buffer {
  const folder = `tests/out/data-${process.env['TEST_PORT'] ?? 8788}`;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
}

test('what was recorded and matched on one device is backed up, unlocked on another, played there and brought back; the server can read none of it', async ({ browser }) => {
  const [one, other] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  const email = `backup-${Date.now()}@example.org`;
  await one.goto('/');
  await tryDemo(one);
  await matchDemo(one);
  await one.goto('/library');
  await one.getByLabel('Add recordings', { exact: true }).setInputFiles([musicFile(`${NAME}.wav`, 2, 1)]);
  await expect(one.locator('.entry').filter({ hasText: NAME }).locator('.entry-length')).toBeVisible();

  await account(one, email, true);
  await expect(button(one, 'Create the vault')).toBeDisabled();
  await one.getByLabel('Passphrase', { exact: true }).fill('password123');
  await expect(one.getByText('too easy to guess')).toBeVisible();
  await one.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await button(one, 'Create the vault').click();
  const groups = one.getByRole('list', { name: 'Your recovery code' }).getByRole('listitem');
  await expect(groups).toHaveCount(8);
  const code = (await groups.allTextContents()).join('-');
  await expect(button(one, 'I have kept it')).toBeDisabled();
  await one.getByLabel('To be sure, type the last four letters').fill(code.slice(-4));
  await button(one, 'I have kept it').click();
  await one.getByLabel('Back up everything').check();
  await expect(one.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible({ timeout: 60_000 });
  await button(one, 'Look again').click();
  await expect(one.getByRole('list', { name: 'In the backup' }).getByRole('listitem')).toHaveCount(4);
  await one.goto('/library');
  await expect(one.locator('.entry').filter({ hasText: NAME }).getByRole('img', { name: 'Backed up' })).toBeVisible();
  await expect(one.getByText(/^Backed up /)).toBeVisible();

  const stored = storedByServer();
  for (const secret of [NAME, 'Grandmother', PASSPHRASE, code, 'integratedLufs', 'OggS', 'RIFF']) expect({ secret, at: stored.indexOf(secret) }).toEqual({ secret, at: -1 });
  // What is kept of the file itself: not one stretch of it.
  const { buffer } = musicFile('x.wav', 2, 1);
  for (let at = 1000; at < buffer.length - 24; at += 4001) expect(stored.indexOf(buffer.subarray(at, at + 24))).toBe(-1);

  await account(other, email, false);
  await other.getByLabel('Passphrase', { exact: true }).fill('not the passphrase');
  await button(other, 'Unlock').click();
  await expect(other.getByText('This is not the passphrase of the vault.')).toBeVisible();
  await other.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await button(other, 'Unlock').click();
  const list = other.getByRole('list', { name: 'In the backup' });
  await expect(list.getByRole('listitem')).toHaveCount(4);
  const result = list.getByRole('listitem').filter({ hasText: 'Result' });
  await result.getByRole('button', { name: /^Play / }).click();
  await expect(result.getByRole('button', { name: /^Pause / })).toBeVisible();
  await button(other, 'Bring everything back').click();
  await expect(list.getByText('On this device')).toHaveCount(4, { timeout: 60_000 });
  await other.goto('/library');
  await expect(other.locator('.entry')).toHaveCount(4);
  await expect(other.locator('.entry').filter({ hasText: NAME })).toBeVisible();
  await other.locator('.entry-result').getByRole('button', { name: /^Play / }).click();
  await expect(other.locator('.entry-result').getByRole('button', { name: /^Pause / })).toBeVisible();
});

test('a new device gets the key by the code that another shows, once its owner agrees; every screen on the way is free of serious findings', async ({ browser }) => {
  // axe is injected as text, which the page's own policy forbids.
  const open = async (): Promise<Page> => (await browser.newContext({ bypassCSP: true })).newPage();
  const [one, other] = [await open(), await open()];
  const email = `pair-${Date.now()}@example.org`;
  await account(one, email, true);
  await expect(button(one, 'Create the vault')).toBeVisible();
  await looksRight(one);
  await createVault(one);
  await expect(button(one, 'Add a device')).toBeVisible();
  await looksRight(one);
  await button(one, 'Add a device').click();
  await expect(one.getByRole('img', { name: 'Code from the other device' })).toBeVisible();
  await looksRight(one);
  const code = await one.locator('.vault-pair-code').textContent();

  await account(other, email, false);
  await expect(button(other, 'Unlock')).toBeVisible();
  await looksRight(other);
  await button(other, 'Use another device').click();
  await other.getByLabel('Code from the other device').fill(code!.toLowerCase().replace(/-/g, ' '));
  await button(other, 'Continue').click();
  await expect(one.getByText(/has read the code/)).toBeVisible();
  await button(one, 'Yes, hand over the key').click();
  await expect(other.getByRole('heading', { name: 'Nothing is backed up yet' })).toBeVisible();
  await button(other, 'Lock now').click();
  await expect(other.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
});

test('where the browser reads codes, a new device scans the one that another shows; the camera is off as soon as it is not needed', async ({ browser }) => {
  const [one, other] = [await (await browser.newContext()).newPage(), await (await browser.newContext({ permissions: ['camera'] })).newPage()];
  // Chromium on Linux has no detector of its own: this one sees what it is told, once the camera delivers pictures.
  await other.addInitScript(() => {
    const page = globalThis as unknown as { held: string; tracks: MediaStreamTrack[]; BarcodeDetector: unknown };
    page.held = 'https://example.org/another';
    page.tracks = [];
    page.BarcodeDetector = class {
      static getSupportedFormats = (): Promise<string[]> => Promise.resolve(['qr_code']);
      detect(video: HTMLVideoElement): Promise<{ rawValue: string }[]> {
        page.tracks = (video.srcObject as MediaStream).getVideoTracks();
        return Promise.resolve(video.videoWidth > 0 ? [{ rawValue: page.held }] : []);
      }
    };
  });
  const tracks = (): Promise<string[]> => other.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.map(({ readyState }) => readyState));
  const email = `scan-${Date.now()}@example.org`;
  await account(one, email, true);
  await createVault(one);
  await button(one, 'Add a device').click();
  const code = await one.locator('.vault-pair-code').textContent();

  await account(other, email, false);
  await button(other, 'Use another device').click();
  await button(other, 'Scan with the camera').click();
  await expect(other.getByText('That is another code')).toBeVisible();
  expect(await tracks()).toEqual(['live']);
  await button(other, 'Type it instead').click();
  await expect(other.getByRole('dialog')).toBeHidden();
  expect(await tracks()).toEqual(['ended']);

  await button(other, 'Scan with the camera').click();
  await expect.poll(tracks).toEqual(['live']);
  await other.evaluate((address) => ((globalThis as unknown as { held: string }).held = address), `${new URL(one.url()).origin}/backup#pair=${code!}`);
  await expect(other.getByText('Now confirm on the other device.')).toBeVisible();
  expect(await tracks()).toEqual(['ended']);
  await button(one, 'Yes, hand over the key').click();
  await expect(button(other, 'Lock now')).toBeVisible();
});

test('a take is backed up while it is recorded, and is whole in the end', async ({ page }) => {
  await account(page, `take-${Date.now()}@example.org`, true);
  await createVault(page);
  await page.getByLabel('Back up everything').check();
  // Within the app: the vault stays open.
  await page.getByRole('link', { name: 'Record' }).first().click();
  const record = button(page, 'Record');
  await expect(async () => {
    const allow = button(page, 'Turn the microphone on');
    if (await allow.isVisible()) await allow.click({ timeout: 1000 });
    await expect(record).toBeEnabled({ timeout: 2000 });
  }).toPass();
  const sent = page.waitForRequest((request) => request.method() === 'PATCH' && request.url().includes('/api/uploads/'), { timeout: 60_000 });
  await record.click();
  await sent;
  await expect(page.locator('.record-status')).toContainText('Recording');
  await page.locator('h1').press('r');
  await expect(page.getByRole('heading', { name: 'Take' }).first()).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible({ timeout: 60_000 });
  const take = page.getByRole('list', { name: 'In the backup' }).getByRole('listitem');
  await expect(take).toHaveCount(1);
  await expect(take).toContainText('Take');
});
