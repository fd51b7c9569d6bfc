/** A Chromium whose microphone plays a file and needs no permission. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { findChromium } from './find-chromium.ts';
import { codedWav } from './frame-code.ts';

export const fakeMicrophoneArguments = (wav: string): string[] => [
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${wav}`, '--autoplay-policy=no-user-gesture-required',
];

export interface MicrophoneBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/**
 * @param folder for its profile and the signal
 * @param wav what the microphone plays, from the start of the browser on and again and again; null: 60 s in which every sample says which frame it is
 */
export async function openMicrophoneBrowser(folder: string, wav: Buffer | null = null): Promise<MicrophoneBrowser> {
  const file = join(folder, 'microphone.wav');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, wav ?? codedWav(60));
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: findChromium()!,
    headless: true,
    bypassCSP: true,
    locale: 'en-US',
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...fakeMicrophoneArguments(file), '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  return { context, close: () => context.close() };
}

/** @param address of a served recorder page (`recorder-lab.ts`) */
export async function openRecorderPage(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'recorder' in globalThis);
  return page;
}
