import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { findChromium } from '../support/find-chromium.ts';
import { hasFfmpeg, INSTALL_FFMPEG } from '../support/find-ffmpeg.ts';

/** Journeys in a real Chromium, against the built page served as `npm start` serves it. */
const PORT = Number(process.env['TEST_PORT'] ?? 8788);
const executablePath = findChromium();
const DATA_DIR = `tests/out/data-${PORT}`;
// Each run begins with a server that knows nobody: one address may make so many accounts an hour. Workers read this file too.
if (process.env['TEST_WORKER_INDEX'] === undefined) rmSync(fileURLToPath(new URL(`../../${DATA_DIR}`, import.meta.url)), { recursive: true, force: true });

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../out/browser',
  // Two cores are the smallest machine this has to pass on; journeys measure nothing in time.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  retries: 0,
  reporter: 'list',
  metadata: { missing: hasFfmpeg() ? '' : INSTALL_FFMPEG },
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    browserName: 'chromium',
    headless: true,
    locale: 'en-US',
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        // The sandbox needs a user that is not root.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--autoplay-policy=no-user-gesture-required',
      ],
    },
  },
  webServer: {
    command: 'node --import tsx server/main.ts',
    cwd: '../..',
    env: { PORT: String(PORT), ACCOUNTS: 'on', DATA_DIR },
    url: `http://127.0.0.1:${PORT}/health`,
    reuseExistingServer: false,
  },
});
