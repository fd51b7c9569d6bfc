import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { signUp } from './people.ts';
import { aPreset, button, musicFile, track } from './takes.ts';

const NAME = 'Kitchen radio, <b>1958</b>';

/** The studio with a preset in it: takes a recording, to its result. */
async function apply(page: Page, recording: string, seed: number): Promise<void> {
  await page.getByLabel('Target', { exact: true }).setInputFiles(musicFile(`${recording}.wav`, 2, seed));
  await button(page, 'Apply preset').click();
  await expect(page.getByRole('heading', { name: `${recording} with a preset` })).toBeVisible({ timeout: 60_000 });
}

test('a result is shared; whoever has the link sees what it does, without an account, and has the sound on a recording of their own; taken back, it says so', async ({ browser }) => {
  const [ann, ben, eve] = [await (await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })).newPage(), await (await browser.newContext()).newPage(), await (await browser.newContext({ locale: 'zh-CN' })).newPage()];

  await signUp(ann, 'share');
  await ann.goto('/');
  await ann.getByLabel('Load preset').setInputFiles(aPreset('radio.json'));
  await apply(ann, 'take', 1);
  await button(ann, 'Save preset').click();
  await ann.getByLabel('Name').fill(NAME);
  await button(ann, 'Save').click();
  await button(ann, 'Share link').click();
  const dialog = ann.getByRole('dialog', { name: `Share “${NAME}”` });
  await expect(dialog.getByRole('img', { name: 'The link as a code for a camera' })).toBeVisible();
  await button(ann, 'Copy').click();
  await expect(button(ann, 'Copied')).toBeVisible();
  const link = await ann.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/p\/[\w-]{14}$/);

  // The page is there before any script ran, and other sites can show it.
  const page = await ben.goto(link);
  expect(page?.status()).toBe(200);
  expect(await page?.text()).not.toContain('<script');
  await expect(ben.getByRole('heading', { level: 1 })).toHaveText(NAME);
  await expect(ben.locator('meta[property="og:title"]')).toHaveAttribute('content', NAME);
  const card = await ben.request.get((await ben.locator('meta[property="og:image"]').getAttribute('content'))!);
  expect([card.status(), card.headers()['content-type'], (await card.body()).toString('latin1', 1, 4)]).toEqual([200, 'image/png', 'PNG']);
  const shown = ben.locator('img.picture');
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);

  await ben.getByRole('link', { name: 'Open in Tonetwin' }).click();
  await expect(ben.getByRole('heading', { name: `“${NAME}” is in your library` })).toBeVisible();
  await ben.getByRole('link', { name: 'Choose a recording' }).click();
  await expect(ben.getByText(`Preset ${NAME}`)).toBeVisible();
  await apply(ben, 'my own', 2);
  await button(ben, 'Edit EQ').click();
  await expect(ben.getByRole('spinbutton', { name: /^Gain/ }).last()).toHaveValue('-6');
  await track(ben, 'Result').click();
  await expect(button(ben, 'Download WAV')).toBeEnabled();

  await dialog.getByRole('button', { name: /^Take back the link/ }).click();
  await expect(dialog.getByRole('listitem')).toContainText('1 view');
  await expect(dialog.getByText('Taken back')).toBeVisible();
  expect((await eve.goto(link))?.status()).toBe(410);
  await expect(eve.getByRole('heading', { level: 1 })).toHaveText('此链接已被撤回');
  await expect(eve.locator('body')).not.toContainText('Kitchen');
  await eve.goto(link.replace('/p/', '/open/'));
  await expect(eve.getByRole('alert')).toHaveText('此链接已被撤回，分享者已不再分享。');
  // Whoever took a copy keeps it.
  await ben.goto('/library');
  await expect(ben.locator('.entry-name').filter({ hasText: NAME })).toBeVisible();
});
