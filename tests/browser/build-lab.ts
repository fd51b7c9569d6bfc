/** Builds what a lab runs in the page: a script, and the processors its audio thread needs. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build, type Plugin, type Rolldown } from 'vite';

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

/** The lab is served by nobody, and so its processors come as blobs. */
const processorsAsBlobs: Plugin = {
  name: 'processors-as-blobs',
  enforce: 'pre',
  resolveId: (id) => /([\w-]+)\.worklet\.ts\?worker&url$/.exec(id)?.[1]?.replace(/^/, '\0processor:') ?? null,
  load: (id) => (id.startsWith('\0processor:') ? `export default globalThis.processorUrls['${id.slice(11)}']` : null),
};

/**
 * Opens the product's page and gives it a lab of its own as `lab`.
 *
 * @param entry  relative to this folder
 * @param processors  worklets the lab loads, relative to this folder
 */
export async function openLab(page: Page, entry: string, processors: readonly string[]): Promise<void> {
  const scripts: Record<string, string> = {};
  for (const path of processors) scripts[/([\w-]+)\.worklet\.ts$/.exec(path)![1]!] = await built(path);
  const lab = await built(entry, [processorsAsBlobs]);
  await page.goto('/');
  await page.evaluate((codes) => {
    const urls = Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))]));
    Object.assign(globalThis, { processorUrls: urls });
  }, scripts);
  await page.evaluate(lab);
}
