import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

/** Where a Chromium lies on this machine; undefined where there is none. */
export function findChromium(): string | undefined {
  const own = (() => {
    try {
      return chromium.executablePath();
    } catch {
      return '';
    }
  })();
  const candidates = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', own];
  return candidates.find((path) => path && existsSync(path));
}
