import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { build, type Plugin, type Rolldown } from 'vite';
import type { capture as Capture, knobDelayMs as KnobDelayMs, playLive as PlayLive } from './lab/live.ts';

// The script is ours and comes from nowhere: the page's policy would not let it in.
test.use({ bypassCSP: true });

type Lab = { readonly capture: typeof Capture; readonly knobDelayMs: typeof KnobDelayMs; readonly playLive: typeof PlayLive };

const built = async (entry: string, plugins: Plugin[] = []): Promise<string> => {
  const [{ output }] = (await build({
    configFile: false,
    logLevel: 'error',
    plugins,
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { conditions: ['browser'] },
    build: { write: false, minify: false, lib: { entry: fileURLToPath(new URL(entry, import.meta.url)), formats: ['iife'], name: 'lab' } },
  })) as [Rolldown.RolldownOutput];
  return output[0].code;
};

/** The lab is served by nobody, and so its processor comes as a blob. */
const processorAsBlob: Plugin = {
  name: 'processor-as-blob',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('live.worklet.ts?worker&url') ? '\0processor' : null),
  load: (id) => (id === '\0processor' ? 'export default globalThis.processorUrl' : null),
};

async function openLab(page: Page): Promise<void> {
  const [processor, lab] = [await built('../../web/audio/live/live.worklet.ts'), await built('lab/live.ts', [processorAsBlob])];
  await page.goto('/');
  await page.evaluate((code) => Object.assign(globalThis, { processorUrl: URL.createObjectURL(new Blob([code], { type: 'text/javascript' })) }), processor);
  await page.evaluate(lab);
}

test('the live sound, captured, is the sequential render, bit for bit, for every module and the whole chain', async ({ page }) => {
  await openLab(page);
  const outcomes = await page.evaluate(() => (globalThis as unknown as Lab).capture());
  expect(outcomes.length).toBeGreaterThan(8);
  for (const { name, different, loudest } of outcomes) {
    expect(loudest, name).toBeGreaterThan(0.05);
    expect(different, name).toBe(0);
  }
});

test('a knob is heard within 50 ms of sound', async ({ page }) => {
  await openLab(page);
  const ms = await page.evaluate(() => (globalThis as unknown as Lab).knobDelayMs());
  expect(ms).toBeGreaterThanOrEqual(0);
  expect(ms).toBeLessThan(50);
});

test('knobs, switches and a busy page leave no gap and no click in what is played live', async ({ page }) => {
  await openLab(page);
  const heard = await page.evaluate(() => (globalThis as unknown as Lab).playLive());
  expect(heard.live).toBe('heard');
  expect(heard.seconds).toBeGreaterThan(4);
  // A sample lost or doubled leaves 0.015, a click more; crossing between two gains of a sine over 10 ms leaves 0.0001.
  expect(heard.worst).toBeLessThan(5e-4);
});
