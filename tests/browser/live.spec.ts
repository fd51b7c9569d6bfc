import { expect, type Page, test } from '@playwright/test';
import { openLab } from './build-lab.ts';
import type { capture as Capture, knobDelayMs as KnobDelayMs, playLive as PlayLive } from './lab/live.ts';

// The script is ours and comes from nowhere: the page's policy would not let it in.
test.use({ bypassCSP: true });

type Lab = { readonly capture: typeof Capture; readonly knobDelayMs: typeof KnobDelayMs; readonly playLive: typeof PlayLive };

const open = (page: Page) => openLab(page, 'lab/live.ts', ['../../web/audio/live/live.worklet.ts']);

test('the live sound, captured, is the sequential render, bit for bit, for every module and the whole chain', async ({ page }) => {
  await open(page);
  const outcomes = await page.evaluate(() => (globalThis as unknown as Lab).capture());
  expect(outcomes.length).toBeGreaterThan(8);
  for (const { name, different, loudest } of outcomes) {
    expect(loudest, name).toBeGreaterThan(0.05);
    expect(different, name).toBe(0);
  }
});

test('a knob is heard within 50 ms of sound', async ({ page }) => {
  await open(page);
  const ms = await page.evaluate(() => (globalThis as unknown as Lab).knobDelayMs());
  expect(ms).toBeGreaterThanOrEqual(0);
  expect(ms).toBeLessThan(50);
});

test('knobs, switches and a busy page leave no gap and no click in what is played live', async ({ page }) => {
  await open(page);
  const heard = await page.evaluate(() => (globalThis as unknown as Lab).playLive());
  expect(heard.live).toBe('heard');
  expect(heard.seconds).toBeGreaterThan(4);
  // A sample lost or doubled leaves 0.015, a click more; crossing between two gains of a sine over 10 ms leaves 0.0001.
  expect(heard.worst).toBeLessThan(5e-4);
});
