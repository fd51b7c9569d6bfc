import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { localAddresses } from '../../server/https/addresses.ts';
import { hasCertutil, INSTALL_CERTUTIL } from '../support/find-certutil.ts';
import { button } from './takes.ts';
import { freePorts } from '../support/free-ports.ts';

/**
 * What a phone does in the room: meets the server under its own authority, trusts it, opens, installs, records. The phone is a
 * Chromium with a home of its own, in whose certificate store the authority is put, as a person does in the settings.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let place: string;
let server: ChildProcess;
let said = '';
let [port, trustPort] = [0, 0];
/** In a network as a phone reaches it; else the machine's own address, which is in the certificate too. */
const HOST = localAddresses()[0] ?? '127.0.0.1';

test.skip(!hasCertutil(), `certutil puts the authority into Chromium’s store: ${INSTALL_CERTUTIL}`);
test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'tonetwin-https-'));
  [port, trustPort] = await freePorts(2) as [number, number];
  server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', '--https'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), TRUST_PORT: String(trustPort), ACCOUNTS: 'off', DATA_DIR: join(place, 'data'), LC_ALL: 'en_US.UTF-8' },
  });
  server.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await expect.poll(() => said).toContain('Fingerprint of the certificate');
});
test.afterAll(() => {
  server?.kill('SIGKILL');
  if (place) rmSync(place, { recursive: true, force: true });
});

/** @param trusts the authority lies in the home's store */
async function phone(playwright: { chromium: typeof import('@playwright/test').chromium }, launchOptions: object & { args?: string[] }, trusts: boolean): Promise<{ page: Page; close(): Promise<void> }> {
  const home = mkdtempSync(join(place, 'home-'));
  // Newer versions look in the second, as long as the first is not there.
  for (const store of [join(home, '.pki/nssdb'), join(home, '.local/share/pki/nssdb')]) {
    mkdirSync(store, { recursive: true });
    execFileSync('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    if (trusts) execFileSync('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'tonetwin', '-i', join(place, 'data/https/authority.crt')]);
  }
  const context = await playwright.chromium.launchPersistentContext(join(home, 'profile'), {
    ...launchOptions,
    args: [...(launchOptions.args ?? []), '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
    env: { ...(process.env as Record<string, string>), HOME: home, XDG_DATA_HOME: join(home, '.local/share') },
  });
  return { page: context.pages()[0] ?? (await context.newPage()), close: () => context.close() };
}

test('the terminal says where it is, and the key stays its owner’s', () => {
  expect(said).toContain(`https://${localAddresses()[0] ?? 'localhost'}:${port}`);
  expect(said).toContain(`https://localhost:${port}`);
  expect(statSync(join(place, 'data/https/authority.key')).mode & 0o777).toBe(0o600);
});

test('a phone that does not trust it yet is warned by its browser, and the helper page waits', async ({ playwright, launchOptions }) => {
  const { page, close } = await phone(playwright, launchOptions, false);
  try {
    // On a page of its own: the browser's error page comes a moment after the refusal, over whatever is opened next.
    const refused = await page.context().newPage();
    await expect(refused.goto(`https://${HOST}:${port}/`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
    await page.goto(`http://${HOST}:${trustPort}/`);
    await expect(page.getByRole('status')).toHaveText('Not trusted yet: this turns green when it is.');
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the certificate' }).click();
    expect((await coming).suggestedFilename()).toBe('tonetwin-authority.crt');
  } finally {
    await close();
  }
});

test('a phone that trusts it has a secure, isolated page that works offline, keeps files and hears the microphone', async ({ playwright, launchOptions }) => {
  const { page, close } = await phone(playwright, launchOptions, true);
  try {
    await page.goto(`http://${HOST}:${trustPort}/`);
    await expect(page.getByRole('status')).toHaveText('Trusted. You can open Tonetwin.');
    await page.getByRole('link', { name: 'Open Tonetwin' }).click();
    await expect(page).toHaveURL(`https://${HOST}:${port}/`);
    await expect(button(page, 'Try the demo')).toBeVisible();
    expect(await page.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    const heard = await page.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const context = new AudioContext();
      await context.resume();
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      for (let tries = 0; tries < 100; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        analyser.getFloatTimeDomainData(samples);
        if (samples.some((value) => value !== 0)) return true;
      }
      return false;
    });
    expect(heard).toBe(true);
    const session = await page.context().newCDPSession(page);
    await page.reload();
    expect((await session.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  } finally {
    await close();
  }
});

test('with the server gone, the phone still opens it', async ({ playwright, launchOptions }) => {
  const { page, close } = await phone(playwright, launchOptions, true);
  try {
    await page.goto(`https://${HOST}:${port}/`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await ended;
    await page.reload();
    await expect(button(page, 'Try the demo')).toBeVisible();
  } finally {
    await close();
  }
});
