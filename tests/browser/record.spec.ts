import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type MicrophoneBrowser, openMicrophoneBrowser, openRecorderPage } from '../support/fake-microphone.ts';
import { type ServedLab, serveRecorderLab } from '../support/recorder-lab.ts';
import { musicFile } from './takes.ts';
import type { RecorderLab } from './lab/recorder/recorder.ts';

type Lab = { readonly recorder: RecorderLab };

let folder: string;
let lab: ServedLab;
let browser: MicrophoneBrowser;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonetwin-record-'));
  lab = await serveRecorderLab(join(folder, 'page'));
});
test.afterAll(() => {
  lab.stop();
  rmSync(folder, { recursive: true, force: true });
});
test.beforeEach(async () => {
  browser = await openMicrophoneBrowser(mkdtempSync(join(folder, 'browser-')));
});
test.afterEach(() => browser.close());

const start = (page: Page) => page.evaluate(() => (globalThis as unknown as Lab).recorder.start());
const stop = (page: Page) => page.evaluate(() => (globalThis as unknown as Lab).recorder.stop());
const state = (page: Page) => page.evaluate(() => (globalThis as unknown as Lab).recorder.state());
const takes = (page: Page) => page.evaluate(() => (globalThis as unknown as Lab).recorder.takes());
const read = (page: Page, id: string) => page.evaluate((of) => (globalThis as unknown as Lab).recorder.read(of), id);
const tapped = (page: Page) => page.evaluate(() => (globalThis as unknown as Lab).recorder.tapped());
const recorded = (page: Page, seconds: number) => expect.poll(async () => (await state(page))?.elapsedSeconds ?? 0).toBeGreaterThan(seconds);

/** Breaks in a take that the microphone did not have: silence that is written down came from the device. */
async function ownBreaks(page: Page, info: Awaited<ReturnType<typeof stop>>) {
  const reading = await read(page, info.recordingId!);
  const gaps = info.segments.flatMap((segment) => segment.gaps);
  const heard = (await tapped(page))?.breaks ?? [];
  const breaks = reading.breaks.filter(({ at, zeros, missing }) =>
    !(missing === 0 && gaps.some(({ frame, frames }) => frame <= at && frame + frames >= at + zeros)) && !heard.some((one) => one.zeros === zeros && one.missing === missing));
  return { ...reading, breaks };
}

test('what is kept is what the microphone delivered, sample by sample, while the page is busy', async () => {
  const page = await openRecorderPage(browser.context, lab.address);
  await start(page);
  await recorded(page, 0.5);
  for (let i = 0; i < 4; i += 1) {
    await page.evaluate(() => {
      const until = performance.now() + 700;
      while (performance.now() < until);
    });
    await page.waitForTimeout(50);
  }
  await recorded(page, 3);
  const info = await stop(page);
  expect(info).toMatchObject({ state: 'kept', segments: [{ sampleRate: 44_100, why: 'started', processing: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } }] });
  const { wrong, breaks, frames, first, last } = await ownBreaks(page, info);
  expect({ wrong, breaks }).toEqual({ wrong: 0, breaks: [] });
  expect(frames / 44_100).toBeGreaterThan(3);
  expect(last).toBeGreaterThan(first + 2.9 * 44_100);
});

test('two tabs: one records, the other says so; when its tab is closed the take is offered back in the other', async () => {
  const [first, second] = [await openRecorderPage(browser.context, lab.address), await openRecorderPage(browser.context, lab.address)];
  const id = await start(first);
  await recorded(first, 1.5);
  const refused = await second.evaluate(() => (globalThis as unknown as Lab).recorder.start().then(() => 'started', (thrown: { code?: string }) => thrown.code));
  expect(refused).toBe('capture/busy');
  expect((await takes(second)).map((take) => ({ id: take.id, state: take.state }))).toEqual([{ id, state: 'recording' }]);
  await first.close();
  await expect.poll(async () => (await takes(second)).map((take) => take.state)).toEqual(['interrupted']);
  const [recovered] = await second.evaluate(() => (globalThis as unknown as Lab).recorder.recover());
  expect(recovered!.reading.wrong).toBe(0);
  expect(recovered!.reading.frames / 44_100).toBeGreaterThan(1);
  // And now the other may.
  await start(second);
  await recorded(second, 0.3);
  expect(await stop(second)).toMatchObject({ state: 'kept' });
});

test('a device that is full: the take ends by itself, all until then is kept, and it can be heard after a reload', async () => {
  const page = await openRecorderPage(browser.context, lab.address);
  // Chromium hands out room in powers of two: 1 MiB is kept aside, the take gets 2 and then no 4, but 1 more in another file.
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const session = await browser.context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: used + 4_400_000 });
  const id = await start(page);
  await expect.poll(async () => (await state(page))?.status, { timeout: 30_000 }).toBe('ended');
  // It was said before it happened.
  expect(await page.evaluate(() => (globalThis as unknown as Lab).recorder.alarms())).toEqual(['storage-low', 'storage-full']);
  expect(await state(page)).toMatchObject({ error: { code: 'storage/full' } });
  expect((await state(page))!.alarms[0]).toBe('storage-full');
  const reading = await read(page, id);
  expect(reading.wrong).toBe(0);
  expect(reading.frames / 44_100).toBeGreaterThan(8);
  await page.reload();
  await page.waitForFunction(() => 'recorder' in globalThis);
  expect((await read(page, id)).frames).toBe(reading.frames);
  expect((await takes(page)).map((take) => take.id)).toEqual([id]);
});

test('a microphone that is unplugged closes its segment; the take goes on with the next one, labelled, the time between a gap', async () => {
  const page = await browser.context.newPage();
  // Real devices cannot be unplugged here. What the browser would say of one is said by hand.
  await page.addInitScript(() => {
    const media = navigator.mediaDevices;
    const open = media.getUserMedia.bind(media);
    const streams: MediaStream[] = [];
    Object.assign(globalThis, {
      unplug(refuseMs: number) {
        const until = performance.now() + refuseMs;
        media.getUserMedia = (constraints) => (performance.now() < until ? Promise.reject(new DOMException('', 'NotFoundError')) : open(constraints));
        const [track] = streams.at(-1)!.getAudioTracks();
        track!.stop();
        track!.dispatchEvent(new Event('ended'));
        setTimeout(() => media.dispatchEvent(new Event('devicechange')), refuseMs + 20);
      },
    });
    media.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      streams.push(stream);
      return stream;
    };
  });
  await page.goto(lab.address);
  await page.waitForFunction(() => 'recorder' in globalThis);
  await start(page);
  await recorded(page, 1);
  await page.evaluate(() => (globalThis as unknown as { unplug(ms: number): void }).unplug(600));
  await expect.poll(async () => (await state(page))?.alarms ?? []).toContain('device-lost');
  await expect.poll(async () => (await state(page))?.segment?.why).toBe('device-changed');
  await recorded(page, 3);
  const info = await stop(page);
  expect(info.segments.map(({ why }) => why)).toEqual(['started', 'device-changed']);
  const [gap] = info.segments[1]!.gaps;
  expect(gap).toMatchObject({ frame: 0, cause: 'device' });
  expect(gap!.frames / 44_100).toBeGreaterThan(0.5);
  expect(gap!.frames / 44_100).toBeLessThan(5);
  expect(info.segments[0]!.deviceLabel).not.toBe('');
  expect((await read(page, info.recordingId!)).wrong).toBe(0);
});

test('an audio clock that stands still is no hole that nobody sees: the take goes on in a segment of its own, the time between a gap', async () => {
  const page = await openRecorderPage(browser.context, lab.address);
  await start(page);
  await recorded(page, 1);
  await page.evaluate(() => (globalThis as unknown as Lab).recorder.input()!.context.suspend());
  await expect.poll(async () => (await state(page))?.segment?.why).toBe('device-changed');
  await recorded(page, 2);
  const info = await stop(page);
  expect(info.segments.map(({ why }) => why)).toEqual(['started', 'device-changed']);
  expect(info.segments[1]!.gaps[0]).toMatchObject({ frame: 0, cause: 'device' });
  expect((await read(page, info.recordingId!)).wrong).toBe(0);
});

test('takes go through a match like files, read in place, and one with a preset is rendered when it ends', async () => {
  const music = await openMicrophoneBrowser(mkdtempSync(join(folder, 'music-')), musicFile('microphone.wav', 30, 3).buffer);
  try {
    const page = await openRecorderPage(music.context, lab.address);
    await start(page);
    await recorded(page, 4);
    const first = await stop(page);
    await start(page);
    await recorded(page, 4);
    const second = await stop(page);
    const jobStates = () => page.evaluate(() => (globalThis as unknown as Lab).recorder.jobs()).then((jobs) => jobs.map(({ state: at }) => at));
    const resultId = await page.evaluate(async ([reference, target]) => {
      const { service } = (globalThis as unknown as Lab).recorder;
      return (await service.startMatch(reference!, target!, { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false })).id;
    }, [first.recordingId, second.recordingId]);
    await expect.poll(jobStates, { timeout: 60_000 }).toEqual(['COMPLETED']);
    await page.evaluate(async (id) => {
      const { service, start: begin } = (globalThis as unknown as Lab).recorder;
      await begin({ withPreset: (await service.result(id)).style });
    }, resultId);
    await recorded(page, 3);
    const third = await stop(page);
    expect(third.withPreset).not.toBeNull();
    await expect.poll(jobStates, { timeout: 60_000 }).toEqual(['COMPLETED', 'COMPLETED']);
    const bytes = await page.evaluate(async (id) => {
      const { service } = (globalThis as unknown as Lab).recorder;
      return { wav: (await service.exportWav(id!, '16')).size, frames: (await service.pcm(id!)).frames };
    }, third.recordingId);
    expect(bytes.wav).toBe(44 + 4 * bytes.frames);
  } finally {
    await music.close();
  }
});
