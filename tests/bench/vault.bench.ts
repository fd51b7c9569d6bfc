/** `npm run bench -- vault`: what sealing costs in Chromium, beside the cipher alone, and as a share of the time an upload takes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { openLab } from '../browser/build-lab.ts';
import type { MeasureSealing } from '../browser/lab/vault.ts';
import { findChromium } from '../support/find-chromium.ts';
import { servePage } from '../support/serve-page.ts';
import { type Bench, type BenchRow, least } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MEGABYTES = 64;
const ROUNDS = 7;
/** Bytes per ms of lines that people upload over. */
const LINES = [['20 Mbit/s', 2500], ['100 Mbit/s', 12_500]] as const;

export const bench: Bench = {
  name: 'vault',
  about: `a file of ${MEGABYTES} MB sealed as an upload reads it, in Chromium; goal: under 5 % of the time of the upload`,
  yardstick: 'AES-256-GCM of WebCrypto alone, over the same chunks in memory',
  async run() {
    const executablePath = findChromium();
    if (!executablePath) return [{ what: 'sealing', ours: 0, yardstick: null, unit: 'MB/s', ratio: null, note: 'not run: no Chromium (CHROMIUM_PATH names one)' }];
    if (spawnSync(process.execPath, ['server/build.mjs'], { cwd: ROOT, stdio: 'ignore' }).status !== 0) throw new Error('The page could not be built: see npm run build.');
    const served = await servePage();
    const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    try {
      const page = await (await browser.newContext({ baseURL: served.url, bypassCSP: true })).newPage();
      await openLab(page, './lab/vault.ts', []);
      const times = await page.evaluate(([megabytes, rounds]) => (globalThis as unknown as { MEASURE_SEALING: MeasureSealing }).MEASURE_SEALING(megabytes!, rounds!), [MEGABYTES, ROUNDS]);
      const [reading, sealing, opening, cipher] = [times.reading, times.sealing, times.opening, times.cipher].map(least) as [number, number, number, number];
      const rate = (ms: number): number => times.bytes / 1000 / ms;
      const rows: BenchRow[] = [
        { what: 'read from disk and sealed', ours: rate(sealing), yardstick: rate(cipher), unit: 'MB/s', ratio: cipher / sealing, note: `reading alone: ${rate(reading).toFixed(0)} MB/s` },
        { what: 'read and opened', ours: rate(opening), yardstick: rate(cipher), unit: 'MB/s', ratio: cipher / opening },
      ];
      for (const [line, bytesPerMs] of LINES) {
        const uploading = times.bytes / bytesPerMs;
        const share = (ms: number): number => (100 * ms) / uploading;
        rows.push({ what: `of an upload over ${line}, beyond reading`, ours: share(Math.max(0, sealing - reading)), yardstick: share(cipher), unit: '%', ratio: null, note: `all of it, reading included: ${share(sealing).toFixed(1)} %` });
      }
      return rows;
    } finally {
      await browser.close();
      served.stop();
    }
  },
};
