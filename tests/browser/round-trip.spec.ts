import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import type { TakeRecord } from '../../web/storage/contract.ts';
import { en } from '../../web/i18n/en.ts';
import { findProbe } from '../../wasm/analysis/probe-delay.ts';
import { freshEngine } from '../support/engine.ts';
import { findChromium } from '../support/find-chromium.ts';
import { whiteNoise } from '../support/signals.ts';
import { hasPulseAudio, INSTALL_PULSEAUDIO, openSoundCard, type SoundCard } from '../support/virtual-sound-card.ts';
import { openLab } from './build-lab.ts';
import { storedDocuments } from './stored.ts';
import { button, wavFile } from './takes.ts';
import type { playAlong as PlayAlong, roundTrip as RoundTrip } from './lab/round-trip.ts';

// A sound card whose microphone hears its own output; without one there is no round trip to measure.
test.skip(!hasPulseAudio(), `PulseAudio is not installed: ${INSTALL_PULSEAUDIO}`);
// One start of a browser for all.
test.describe.configure({ mode: 'serial' });

type Lab = { readonly roundTrip: typeof RoundTrip; readonly playAlong: typeof PlayAlong };

let card: SoundCard | undefined;
let browser: Browser | undefined;

test.beforeAll(async () => {
  card = openSoundCard();
  const executablePath = findChromium();
  browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    env: { ...process.env, ...card.env } as Record<string, string>,
    ignoreDefaultArgs: ['--mute-audio'],
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-quic'],
  });
});
test.afterAll(async () => {
  await browser?.close();
  card?.close();
});

async function lab(baseURL: string | undefined) {
  const context = await browser!.newContext({ baseURL: baseURL!, bypassCSP: true, permissions: ['microphone'] });
  const page = await context.newPage();
  await openLab(page, 'lab/round-trip.ts', ['../../web/audio/input/snip.worklet.ts']);
  return page;
}

test('the round trip of a loop is measured, steady to a fraction of a millisecond', async ({ baseURL }) => {
  const page = await lab(baseURL);
  const trip = await page.evaluate(() => (globalThis as unknown as { lab: Lab }).lab.roundTrip());
  expect(trip.status).toBe('measured');
  if (trip.status !== 'measured') return;
  expect(trip.latencyMs).toBeGreaterThan(5);
  expect(trip.latencyMs).toBeLessThan(500);
  expect(trip.spreadMs).toBeLessThan(0.2);
});

test('where nothing comes back it says so', async ({ baseURL }) => {
  const page = await lab(baseURL);
  expect(await page.evaluate(() => (globalThis as unknown as { lab: Lab }).lab.roundTrip(true))).toEqual({ status: 'not-heard' });
});

for (const [sourceHz, fromSeconds] of [[48_000, 0], [44_100, 0.5]] as const) {
  test(`a backing of ${sourceHz} Hz, from ${fromSeconds} s on, belongs in the take where it is said to, within 1 ms`, async ({ baseURL }) => {
    const page = await lab(baseURL);
    const heard = await page.evaluate((wanted) => (globalThis as unknown as { lab: Lab }).lab.playAlong(...wanted), [sourceHz, fromSeconds] as const);
    expect(heard, 'the machine was too busy for an even sound').not.toBeNull();
    test.info().annotations.push({ type: 'measured', description: `round trip ${heard!.latencyMs.toFixed(2)} ms, off by ${heard!.errorMs.toFixed(3)} ms` });
    expect(heard!.clarityDb).toBeGreaterThan(24);
    expect(Math.abs(heard!.errorMs)).toBeLessThan(1);
  });
}

const RATE = 48_000;
const NOISE = whiteNoise(8 * RATE, 21, 0.25);
const TAKES = 6;

/** Measures the round trip of the open microphone, again where the machine was busy. */
async function calibrate(page: Page): Promise<void> {
  await button(page, en['extras.latencySet']).click();
  await expect(async () => {
    await page.locator('.latency-measure button').click();
    await expect(page.locator('.latency-outcome')).toContainText('agree within', { timeout: 8000 });
  }).toPass({ timeout: 60_000 });
  await button(page, en['common.close']).click();
}

/** Records while the backing plays. @returns ms between where it is in the take and where the take says that it belongs */
async function errorOfTake(page: Page): Promise<{ errorMs: number; latencyMs: number }> {
  await calibrate(page);
  await button(page, en['record.start']).click();
  await expect(page.getByRole('timer')).toContainText('00:03', { timeout: 30_000 });
  await button(page, en['record.stop']).click();
  await expect(button(page, 'WAV, 24-bit')).toBeEnabled();
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'WAV, 24-bit').click()]);
  const wav = readFileSync((await file.path())!);
  const [channels, rate] = [wav.readUInt16LE(22), wav.readUInt32LE(24)];
  expect(rate).toBe(RATE);
  const frames = Math.floor((wav.length - 44) / (3 * channels));
  const heard = Float32Array.from({ length: Math.min(frames, 2 * RATE) }, (_, i) => wav.readIntLE(44 + 3 * channels * i, 3) / 2 ** 23);
  const [take] = (await storedDocuments(page, 'takes')).toSorted((a: TakeRecord, b: TakeRecord) => b.startedMs - a.startedMs);
  const [backing] = take!.backings ?? [];
  expect(backing).toMatchObject({ segment: 0 });
  // Half a second of it, from one second on: there the take has long begun.
  const at = RATE;
  const { delayFrames, clarityDb } = findProbe(await freshEngine(), heard, NOISE.subarray(at, at + RATE / 3));
  expect(clarityDb).toBeGreaterThan(24);
  await button(page, en['take.again']).click();
  await expect(async () => {
    if (await button(page, en['mic.allow']).isVisible()) await button(page, en['mic.allow']).click({ timeout: 1000 });
    await expect(button(page, en['record.start'])).toBeEnabled({ timeout: 3000 });
  }).toPass();
  return { errorMs: (1000 * (delayFrames - at - backing!.offsetFrames)) / RATE, latencyMs: backing!.latencyMs };
}

test('a take made along to a recording knows where it belongs, within 1 ms, as soon as the machine plays evenly', async ({ baseURL }) => {
  test.setTimeout(240_000);
  const context = await browser!.newContext({ baseURL: baseURL!, permissions: ['microphone'] });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('Target', { exact: true }).setInputFiles(wavFile('Backing.wav', [NOISE], RATE));
  await expect(page.locator('.drop-area').nth(1)).toContainText('Backing');
  await page.getByRole('link', { name: en['nav.record'] }).click();
  await expect(async () => {
    if (await button(page, en['mic.allow']).isVisible()) await button(page, en['mic.allow']).click({ timeout: 1000 });
    await expect(button(page, en['record.start'])).toBeEnabled({ timeout: 3000 });
  }).toPass();
  await page.getByLabel(en['extras.backing']).selectOption({ label: 'Backing.wav' });
  const errors: number[] = [];
  // A buffer dropped between measuring and playing moves a take; without the compensation none would ever come near.
  for (let takes = 0; takes < TAKES && !errors.some((ms) => Math.abs(ms) < 1); takes += 1) {
    const { errorMs, latencyMs } = await errorOfTake(page);
    test.info().annotations.push({ type: 'measured', description: `round trip ${latencyMs.toFixed(2)} ms, off by ${errorMs.toFixed(3)} ms` });
    expect(latencyMs).toBeGreaterThan(5);
    errors.push(errorMs);
  }
  expect(Math.min(...errors.map(Math.abs)), `errors of all takes, ms: ${errors.map((ms) => ms.toFixed(2)).join(', ')}`).toBeLessThan(1);
});
