/** `npm run bench -- offline [--seconds N]`: minutes recorded with the server stopped, found again after a reload, matched with a preset. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { en } from '../../web/i18n/en.ts';
import { WITH_MICROPHONE } from '../browser/microphone.ts';
import { storedDocuments } from '../browser/stored.ts';
import { button, matchDemo } from '../browser/takes.ts';
import { findChromium } from '../support/find-chromium.ts';
import { servePage } from '../support/serve-page.ts';
import type { Bench, BenchRow } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** As the product promises: six minutes. */
const USUAL_SECONDS = 360;

function wantedSeconds(): number {
  const at = process.argv.indexOf('--seconds');
  const seconds = at < 0 ? USUAL_SECONDS : Number(process.argv[at + 1]);
  if (!(seconds > 0)) throw new Error('--seconds wants a number over 0.');
  return seconds;
}

const row = (what: string, ours: number, yardstick: number | null, unit: string, note: string): BenchRow => ({ what, ours, yardstick, unit, ratio: yardstick === null ? null : ours / yardstick, note });

/** Until the page is in the service worker's hands. */
async function becomeOfflineReady(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

async function openMicrophone(page: Page): Promise<void> {
  const [allow, record] = [button(page, en['mic.allow']), button(page, en['record.start'])];
  await allow.or(record).first().waitFor();
  // Where the browser says that it is allowed already, it is open by itself.
  if (await allow.isVisible()) await allow.click().catch(() => undefined);
  await record.waitFor();
}

export const bench: Bench = {
  name: 'offline',
  about: 'in Chromium, with the server stopped: a take of six minutes, the page loaded again, the take matched with a preset',
  yardstick: 'what was asked for; none where no Chromium is found',
  async run() {
    if (!findChromium()) return [row('recorded', 0, null, 's', 'not run: no Chromium (CHROMIUM_PATH names one)')];
    if (spawnSync(process.execPath, ['server/build.mjs'], { cwd: ROOT, stdio: 'ignore' }).status !== 0) throw new Error('The page could not be built: see npm run build.');
    const seconds = wantedSeconds();
    const served = await servePage();
    const browser = await chromium.launch(WITH_MICROPHONE.launchOptions);
    try {
      const page = await (await browser.newContext({ permissions: [...WITH_MICROPHONE.permissions], locale: 'en-US', baseURL: served.url })).newPage();
      await page.goto(served.url);
      await becomeOfflineReady(page);
      // A preset to match with: what the demo's match has found.
      await matchDemo(page);
      served.stop();
      await page.getByRole('link', { name: en['nav.record'] }).click();
      await openMicrophone(page);
      await button(page, en['record.start']).click();
      await page.waitForTimeout(1000 * seconds);
      await button(page, en['record.stop']).click();
      await page.getByText(en['take.title'], { exact: true }).waitFor();
      // Nobody answers; the page comes from the cache.
      const isGone = await fetch(`${served.url}/health`).then(() => false, () => true);
      await page.reload();
      await page.getByRole('button', { name: /^Take \w+ \d/ }).first().click();
      const started = performance.now();
      await button(page, en['take.match']).click();
      await button(page, 'Download WAV').waitFor({ timeout: 300_000 });
      const matchSeconds = (performance.now() - started) / 1000;
      const [take] = await storedDocuments(page, 'takes');
      const results = await storedDocuments(page, 'results');
      const recorded = take!.content!.segments.reduce((sum, { frames, sampleRate }) => sum + frames / sampleRate, 0);
      const result = results.toSorted((a, b) => b.createdMs - a.createdMs)[0]!;
      return [
        row('recorded with the server stopped', recorded, seconds, 's', isGone ? 'nobody answered at its address' : 'THE SERVER WAS STILL THERE'),
        row('result after a reload', result.frames / result.sampleRate, recorded, 's', 'the take, rendered with the preset'),
        row('Match to result', matchSeconds, null, 's', ''),
      ];
    } finally {
      await browser.close();
      served.stop();
    }
  },
};
