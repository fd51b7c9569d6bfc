import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page, test } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { en } from '../../web/i18n/en.ts';
import { zhCn } from '../../web/i18n/zh-cn.ts';
import { WITH_MICROPHONE } from './microphone.ts';
import { button, matchDemo } from './takes.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// axe is injected as text, which the page's own policy forbids.
test.use({ ...WITH_MICROPHONE, bypassCSP: true });

const seconds = async (page: Page): Promise<number> => {
  const [minutes, rest] = (await page.getByRole('timer').innerText()).replace(/\s/g, '').split(':');
  return 60 * Number(minutes) + Number(rest);
};
const recorded = (page: Page, least: number) => expect.poll(() => seconds(page)).toBeGreaterThan(least);

async function openMicrophone(page: Page, texts: Readonly<Record<keyof typeof en, string>> = en): Promise<void> {
  await page.goto('/record');
  const [allow, record] = [button(page, texts['mic.allow']), button(page, texts['record.start'])];
  await expect(allow.or(record).first()).toBeVisible();
  // Where the browser says that it is allowed already, it is open by itself.
  await expect(async () => {
    if (await allow.isVisible()) await allow.click({ timeout: 1000 });
    await expect(record).toBeEnabled({ timeout: 2000 });
  }).toPass();
}

async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

test('a take from the first level to the file, by keyboard', async ({ page }) => {
  await openMicrophone(page);
  await expect(page.getByText('44.1 kHz').first()).toBeVisible();
  await expect(page.getByRole('meter').first()).toHaveAttribute('aria-valuetext', /^Level .* dBFS$/);
  await expect(page.getByText(/About .* of recording fit/)).toBeVisible();

  await page.locator('h1').press('r');
  await recorded(page, 1);
  await page.locator('h1').press('m');
  await expect(page.getByText('Marker 1', { exact: true })).toBeVisible();
  await page.locator('h1').press('Space');
  await expect(page.locator('.record-status')).toContainText(en['record.paused']);
  const paused = await seconds(page);
  await page.waitForTimeout(600);
  expect(await seconds(page)).toBe(paused);
  await page.locator('h1').press('Space');
  await recorded(page, paused + 0.8);
  await page.locator('h1').press('m');
  await expect(page.getByText('Marker 2', { exact: true })).toBeVisible();
  await page.locator('h1').press('r');

  await expect(page.getByRole('heading', { name: en['take.title'] })).toBeVisible();
  await expect(page.getByText('after a pause')).toBeVisible();
  await page.getByLabel(en['record.name']).fill('Beeps');
  await page.getByLabel(en['record.name']).press('Enter');
  await expect(page.locator('.recent-name')).toHaveText('Beeps');
  await button(page, en['take.play']).click();
  await expect(button(page, en['listen.pause'])).toBeVisible();
  await button(page, en['listen.pause']).click();

  const wholeWav = await download(page, 'WAV, 24-bit');
  expect(wholeWav.subarray(0, 4).toString()).toBe('RIFF');
  await page.getByRole('slider', { name: en['take.trimStart'] }).press('Shift+ArrowRight');
  await button(page, en['take.trimApply']).click();
  await expect(button(page, en['take.trimApply'])).toBeDisabled();
  await expect(button(page, 'WAV, 24-bit')).toBeEnabled();
  const wav = await download(page, 'WAV, 24-bit');
  const rate = wav.readUInt32LE(24);
  expect(wholeWav.length - wav.length).toBe(rate * wav.readUInt16LE(32));
  const flac = await download(page, 'FLAC, 24-bit');
  expect(flac.subarray(0, 4).toString()).toBe('fLaC');
  expect(flac.length).toBeLessThan(wav.length);

  await button(page, 'Target').click();
  await expect(button(page, 'Target')).toHaveAttribute('aria-pressed', 'true');
  await button(page, en['take.matchNone']).click();
  await expect(page.locator('.drop-area').nth(1)).toContainText('Beeps');
});

async function download(page: Page, name: string): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  expect(file.suggestedFilename()).toMatch(/^Beeps\.(wav|flac)$/);
  return readFileSync((await file.path())!);
}

test('nothing moves while a take runs, and it runs on while other pages are looked at', async ({ page }) => {
  await openMicrophone(page);
  await button(page, en['record.start']).click();
  await recorded(page, 0.5);
  await page.evaluate(() => {
    const seen = { sum: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.sum += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift' });
  });
  await page.locator('h1').press('m');
  await recorded(page, 2.5);
  expect(await page.evaluate(() => (globalThis as unknown as { seen: { sum: number } }).seen.sum)).toBe(0);
  await page.getByRole('link', { name: en['nav.studio'] }).click();
  await expect(page.getByText(en['intro.title'])).toBeVisible();
  const away = await page.title();
  expect(away).toBe('Tonetwin');
  await page.waitForTimeout(1000);
  await page.getByRole('link', { name: new RegExp(en['nav.record']) }).click();
  await recorded(page, 3.5);
  await button(page, en['record.stop']).click();
  await expect(page.getByRole('heading', { name: en['take.title'] })).toBeVisible();
});

test('another tab says that one records already', async ({ page, context }) => {
  await openMicrophone(page);
  await button(page, en['record.start']).click();
  await recorded(page, 0.3);
  const other = await context.newPage();
  await openMicrophone(other);
  await button(other, en['record.start']).click();
  await expect(other.getByText('Another tab is recording.')).toBeVisible();
  await other.close();
  await button(page, en['record.stop']).click();
  await expect(page.getByRole('heading', { name: en['take.title'] })).toBeVisible();
});

test('a take whose page was closed is offered back in the studio, and comes back with one click', async ({ page, context }) => {
  await openMicrophone(page);
  await button(page, en['record.start']).click();
  await recorded(page, 2.5);
  await page.close({ runBeforeUnload: false });
  const next = await context.newPage();
  await next.goto('/');
  await expect(next.getByText(en['recovery.title']).last()).toBeVisible();
  await button(next, en['recovery.keep']).click();
  await expect(next.getByRole('heading', { name: en['take.title'] })).toBeVisible();
  await expect(next.getByText(en['recovery.title'])).toHaveCount(0);
  await expect(button(next, 'WAV, 24-bit')).toBeEnabled();
});

test('hearing oneself asks for headphones first', async ({ page }) => {
  await openMicrophone(page);
  await page.getByText(en['extras.monitorPlain'], { exact: true }).click();
  await expect(page.getByRole('dialog', { name: en['headphones.title'] })).toBeVisible();
  await button(page, en['headphones.no']).click();
  await expect(page.getByRole('radio', { name: en['extras.monitorOff'] })).toBeChecked();
  await page.getByText(en['extras.monitorPlain'], { exact: true }).click();
  await button(page, en['headphones.yes']).click();
  await expect(page.getByRole('radio', { name: en['extras.monitorPlain'] })).toBeChecked();
  await expect(page.getByText(en['extras.monitorAtOnce'])).toBeVisible();
});

test('a take recorded with a preset is finished with it when it ends, offline too', async ({ page, context }) => {
  await matchDemo(page);
  await page.getByRole('link', { name: en['nav.record'] }).click();
  const allow = button(page, en['mic.allow']);
  await expect(async () => {
    if (await allow.isVisible()) await allow.click({ timeout: 1000 });
    await expect(button(page, en['record.start'])).toBeEnabled({ timeout: 2000 });
  }).toPass();
  await page.getByLabel(en['extras.preset']).selectOption({ index: 1 });
  await page.getByText(en['extras.monitorStyle'], { exact: true }).click();
  await button(page, en['headphones.yes']).click();
  await expect(page.getByText(/The chain adds .*ms/)).toBeVisible();
  await context.setOffline(true);
  await button(page, en['record.start']).click();
  await recorded(page, 3);
  await button(page, en['record.stop']).click();
  await expect(page.getByText(en['take.finishDone'])).toBeVisible({ timeout: 60_000 });
  await page.getByRole('link', { name: en['take.hear'] }).click();
  await expect(button(page, 'Download WAV')).toBeVisible();
  // Once more, with the preset that is known now.
  await page.goBack();
  await button(page, en['take.match']).click();
  await expect(page).toHaveURL(/\?job=/);
});

test.describe('on a phone, in Chinese', () => {
  test.use({ locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a take is made with the thumb, and no English sentence is left', async ({ page }) => {
    await openMicrophone(page, zhCn);
    const noEnglish = async () => {
      const shown = await page.locator('body').innerText();
      expect(Object.values(en).filter((text) => / .* /.test(text) && !text.includes('{') && shown.includes(text))).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
    };
    await noEnglish();
    for (const name of ['record.start', 'record.mark', 'record.pause'] as const) {
      const box = (await button(page, zhCn[name]).boundingBox())!;
      // The lower third, and large enough for a thumb.
      expect(box.y).toBeGreaterThan(844 * 0.66);
      expect(box.y + box.height).toBeLessThanOrEqual(844);
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
    }
    await button(page, zhCn['record.start']).tap();
    await recorded(page, 1);
    await button(page, zhCn['record.mark']).tap();
    await expect(page.getByText('标记 1', { exact: true })).toBeVisible();
    await noEnglish();
    await button(page, zhCn['record.stop']).tap();
    await expect(page.getByRole('heading', { name: zhCn['take.title'] })).toBeVisible();
    await noEnglish();
  });
});

const LOOKS = [
  { name: 'laptop, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

for (const { name, viewport, colorScheme } of LOOKS) {
  test.describe(name, () => {
    // Colours are looked at when nothing is fading.
    test.use({ viewport, colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test('before, during and after a take there are no serious findings, and all fits the width', async ({ page }) => {
      const look = async () => {
        expect(await seriousFindings(page)).toEqual([]);
        expect(await sideways(page)).toBeLessThanOrEqual(0);
      };
      await openMicrophone(page);
      await page.getByText(en['mic.processing'], { exact: true }).click();
      await look();
      await button(page, en['record.start']).click();
      await recorded(page, 0.6);
      await button(page, en['record.mark']).click();
      await look();
      await button(page, en['record.stop']).click();
      await expect(page.getByRole('heading', { name: en['take.title'] })).toBeVisible();
      await look();
    });
  });
}
