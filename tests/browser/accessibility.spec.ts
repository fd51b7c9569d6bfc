import { expect, test } from '@playwright/test';
import { en } from '../../web/i18n/en.ts';
import { looksRight, seriousFindings, sideways } from './axe.ts';
import { signUp } from './people.ts';
import { aPreset, button, matchDemo, musicFile, track, tryDemo } from './takes.ts';

const LOOKS = [
  { name: 'laptop, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'laptop, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

// axe is injected as text, which the page's own policy forbids.
test.use({ bypassCSP: true });

for (const { name, viewport, colorScheme } of LOOKS) {
  test.describe(name, () => {
    // Colours are looked at when nothing is fading.
    test.use({ viewport, colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test('every screen is free of serious findings and fits its width', async ({ page }) => {
      await page.goto('/');
      await expect(button(page, 'Try the demo')).toBeVisible();
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      await matchDemo(page);
      await button(page, 'Edit EQ').click();
      await button(page, 'Edit Dynamics').click();
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      await button(page, 'Save preset').click();
      expect(await seriousFindings(page)).toEqual([]);
      await button(page, 'Save').click();
      await button(page, 'Close').last().click();
      await page.getByRole('button', { name: /stored$/ }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      expect(await seriousFindings(page)).toEqual([]);
    });

    test('the library, empty and full, is free of serious findings and fits its width', async ({ page }) => {
      await page.goto('/library');
      await expect(page.getByText('Everything you record')).toBeVisible();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByLabel('Add recordings', { exact: true }).setInputFiles([musicFile('a name that is much longer than any line of a phone would be wide.wav', 2, 1), musicFile('two.wav', 3, 2)]);
      await expect(page.locator('.entry-length')).toHaveCount(2);
      await button(page, 'two').click();
      await page.getByRole('textbox', { name: 'Add a tag' }).fill('voice, kitchen, winter, second try');
      await page.getByRole('textbox', { name: 'Add a tag' }).press('Enter');
      await button(page, 'Play two').click();
      await expect(page.getByRole('slider')).toBeVisible();
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      await button(page, 'Pause two').click();
      await button(page, 'Export all').click();
      expect(await seriousFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await button(page, 'Delete').click();
      await expect(button(page, 'Undo')).toBeVisible();
      expect(await seriousFindings(page)).toEqual([]);
    });
  });
}

test('the account, a link, what it leads to and the backup are free of serious findings and fit their width', async ({ page }) => {
  // What comes after is looked at in backup.spec.ts.
  for (const path of ['/backup', '/account']) {
    await page.goto(path);
    await button(page, 'New here? Create an account').click();
    await looksRight(page);
  }
  await page.goto('/open/there-is-none');
  await expect(page.getByRole('heading', { name: 'The link could not be opened' })).toBeVisible();
  await looksRight(page);
  await signUp(page, 'axe');
  await looksRight(page);
  await page.goto('/');
  await page.getByLabel('Load preset').setInputFiles(aPreset('warm.json'));
  await page.getByLabel('Target', { exact: true }).setInputFiles(musicFile('take.wav', 1, 1));
  await button(page, 'Apply preset').click();
  await button(page, 'Save preset').click();
  await button(page, 'Save').click();
  await button(page, 'Share link').click();
  await expect(page.getByRole('img', { name: 'The link as a code for a camera' })).toBeVisible();
  await looksRight(page);
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  await page.goto(link.replace('/p/', '/open/'));
  await expect(page.getByText('is in your library')).toBeVisible();
  await looksRight(page);
  await page.goto(link);
  await expect(page.getByRole('link', { name: 'Open in Tonetwin' })).toBeVisible();
  await looksRight(page);
});

test('the voice studio is free of serious findings and fits its width', async ({ page }) => {
  await page.goto('/voices/new');
  await expect(button(page, en['new.makeNow'])).toBeVisible();
  await page.getByLabel(en['sample.file'], { exact: true }).setInputFiles(musicFile('song.wav', 9, 1));
  await button(page, en['new.makeNow']).click();
  await expect(page.getByText(en['new.missing.consent'])).toBeVisible();
  await expect(page.getByRole('meter')).toBeVisible();
  await looksRight(page);
  await page.getByRole('link', { name: en['voices.discover'], exact: true }).click();
  await expect(page.locator('.voice-card').first()).toBeVisible();
  await looksRight(page);
  await page.locator('.voice-card-name').first().click();
  await expect(page.getByText(en['voices.id'], { exact: true })).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('link', { name: en['voices.speakWith'] }).click();
  await page.getByLabel(en['speak.text']).fill('Hello there.');
  await button(page, en['speak.now']).click();
  await expect(page.locator('.speech')).toBeVisible();
  await looksRight(page);
  await page.locator('.speak-voice').click();
  await expect(page.locator('.voice-option').first()).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
});

test('a sentence is spoken, heard and deleted with the keyboard, by a voice that is searched for', async ({ page }) => {
  await page.goto('/voices');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
  const reach = async (name: string | RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      const now = (await focused()).trim();
      if (typeof name === 'string' ? now === name : name.test(now)) return;
    }
    throw new Error(`${name} is not reached with Tab`);
  };
  await reach(en['voices.speak']);
  await page.keyboard.press('Enter');
  await expect(page.locator('.speak-voice .voice-mark')).toBeVisible();
  await reach(/^Voice[^s]/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('gentleman');
  await expect(page.locator('.voice-option')).toHaveCount(1);
  await reach(/^Soft-spoken Gentleman/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Voice Soft-spoken Gentleman/ })).toBeFocused();
  await reach(en['speak.text']);
  await page.keyboard.type('Good day.');
  await reach(en['speak.now']);
  await page.keyboard.press('Enter');
  await expect(page.locator('.speech')).toContainText('Good day.');
  await expect(page.locator('.speech-live')).toHaveCount(0);
  await reach(/^Play what /);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('slider', { name: /^Position in / })).toBeVisible();
  await reach(en['speak.delete']);
  await page.keyboard.press('Enter');
  await expect(button(page, en['speak.delete'])).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText(en['speak.none'])).toBeVisible();
});

test('the whole main job can be done with the keyboard', async ({ page }) => {
  await page.goto('/');
  const reach = async (name: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if (await button(page, name).evaluateAll((found) => found.includes(document.activeElement as HTMLElement))) return;
    }
    throw new Error(`${name} is not reached with Tab`);
  };
  await reach('Try the demo');
  await page.keyboard.press('Enter');
  await expect(button(page, 'Match')).toBeEnabled();
  await page.locator('body').press('Home');
  await page.keyboard.press('Shift+Tab');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('Match');
  await page.keyboard.press('Enter');
  await expect(button(page, 'Download WAV')).toBeVisible({ timeout: 90_000 });
  await page.keyboard.press('2');
  await expect(track(page, 'Result')).toBeChecked();
});

test('the library can be used with the keyboard: play, open, rename, tag, delete, bring back', async ({ page }) => {
  await page.goto('/library');
  await page.getByLabel('Add recordings', { exact: true }).setInputFiles(musicFile('song.wav', 3, 1));
  await expect(page.locator('.entry-length')).toHaveCount(1);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? (document.activeElement?.textContent || (document.activeElement as HTMLInputElement | null)?.labels?.[0]?.textContent) ?? '');
  const reach = async (name: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if ((await focused()).trim() === name) return;
    }
    throw new Error(`${name} is not reached with Tab`);
  };
  await reach('Play song');
  await page.keyboard.press('Enter');
  await expect(button(page, 'Pause song')).toBeVisible();
  await page.keyboard.press('Enter');
  await reach('song');
  await page.keyboard.press('Enter');
  await reach('Name');
  await page.keyboard.type('Hymn');
  await page.keyboard.press('Enter');
  await expect(page.locator('.entry-name')).toHaveText('Hymn');
  await reach('Add a tag');
  await page.keyboard.type('choir');
  await page.keyboard.press('Enter');
  await expect(page.locator('.entry-meta .tag')).toHaveText('choir');
  await reach('Delete');
  await page.keyboard.press('Enter');
  await reach('Undo');
  await page.keyboard.press('Enter');
  await expect(page.locator('.entry-name')).toHaveText('Hymn');
});

test('the file inputs are named for what they hold', async ({ page }) => {
  await page.goto('/');
  for (const name of ['Reference', 'Target']) {
    await expect(page.getByLabel(name, { exact: true })).toHaveAttribute('type', 'file');
  }
});

test('without motion wanted, nothing moves for longer than an instant', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await tryDemo(page);
  const longest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('*')].map((element) => parseFloat(getComputedStyle(element).transitionDuration))));
  expect(longest).toBeLessThan(0.001);
});
