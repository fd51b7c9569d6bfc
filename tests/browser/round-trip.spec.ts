import { type Browser, chromium, expect, test } from '@playwright/test';
import { findChromium } from '../support/find-chromium.ts';
import { hasPulseAudio, INSTALL_PULSEAUDIO, openSoundCard, type SoundCard } from '../support/virtual-sound-card.ts';
import { openLab } from './build-lab.ts';
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
