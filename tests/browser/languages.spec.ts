import { expect, test } from '@playwright/test';
import { en } from '../../web/i18n/en.ts';
import { button, matchDemo } from './takes.ts';

test('an English browser gets English, and the choice of Chinese is kept', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByText(en['intro.title'])).toBeVisible();
  await page.getByLabel('Language').selectOption('zh-CN');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(button(page, '开始匹配')).toBeVisible();
  await page.reload();
  await expect(button(page, '试用示例')).toBeVisible();
  for (const name of ['参考', '目标']) await expect(page.getByLabel(name, { exact: true })).toHaveAttribute('type', 'file');
});

test.describe('in a Chinese browser', () => {
  test.use({ locale: 'zh-CN' });

  test('the whole main job is in Chinese, with no English sentence left', async ({ page }) => {
    await page.goto('/');
    await button(page, '试用示例').click();
    await expect(button(page, '开始匹配')).toBeEnabled();
    await button(page, '开始匹配').click();
    await expect(button(page, '下载 WAV')).toBeVisible({ timeout: 90_000 });
    await button(page, '编辑均衡').click();
    const shown = await page.locator('body').innerText();
    const sentences = Object.values(en).filter((text) => / .* /.test(text) && !text.includes('{'));
    expect(sentences.filter((text) => shown.includes(text))).toEqual([]);
    // What English is left are names, units and words that are the same in both languages.
    const lines = shown.split('\n').filter((line) => /[a-z]{3,} [a-z]{3,} [a-z]{3,}/i.test(line));
    expect(lines).toEqual([]);
  });
});

test('changing the language changes a result that is already open', async ({ page }) => {
  await matchDemo(page);
  await page.getByLabel('Language').selectOption('zh-CN');
  await expect(page.getByRole('heading', { name: '改动了什么' })).toBeVisible();
  await expect(button(page, '重新渲染')).toBeVisible();
  await page.getByLabel('语言').selectOption('en');
  await expect(page.getByRole('heading', { name: 'What was changed' })).toBeVisible();
});
