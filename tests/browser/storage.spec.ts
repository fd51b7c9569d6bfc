import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import type { LAW_RUNS as Runs, LawOutcome } from './lab/store-laws.ts';

/** The laws as one script that any page or worker can run. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('lab/store-laws.ts', import.meta.url));
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'laws' } },
  })) as Rolldown.RolldownOutput[];
  return built[0]!.output[0].code;
}

// The script is ours and comes from nowhere: the page's policy would not let it in.
test.use({ bypassCSP: true });

let script: string;
test.beforeAll(async () => {
  script = await bundle();
});

const holds = (outcomes: readonly LawOutcome[]): void => {
  expect(outcomes.length).toBeGreaterThan(0);
  expect(outcomes.filter(({ error }) => error)).toEqual([]);
};

for (const name of ['documents in IndexedDB', 'bytes in IndexedDB', 'bytes in OPFS'] as const) {
  test(`${name} obey the laws of a store, on the page`, async ({ page }) => {
    await page.goto('/health');
    await page.evaluate(script);
    holds(await page.evaluate((run) => (globalThis as unknown as { LAW_RUNS: typeof Runs }).LAW_RUNS[run](), name));
  });

  test(`${name} obey the laws of a store, in a worker`, async ({ page }) => {
    await page.goto('/health');
    const outcomes = await page.evaluate(
      ([code, run]) =>
        new Promise<LawOutcome[]>((resolve, reject) => {
          const source = `${code}; LAW_RUNS[${JSON.stringify(run)}]().then((outcomes) => postMessage(outcomes))`;
          const worker = new Worker(URL.createObjectURL(new Blob([source!], { type: 'text/javascript' })));
          worker.onmessage = ({ data }) => resolve(data as LawOutcome[]);
          worker.onerror = (event) => reject(new Error(event.message));
        }),
      [script, name] as const,
    );
    holds(outcomes);
  });
}
