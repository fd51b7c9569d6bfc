import { describe, expect, test } from 'vitest';
import { openTakeJournal } from '../../../../wasm/formats/take-journal/journal-reader.ts';
import { memoryStorage } from '../../../../web/storage/memory/memory-storage.ts';
import type { ByteStore } from '../../../../web/storage/contract.ts';
import { openTakeBytes } from '../../../../web/storage/take-bytes.ts';
import { TakeRecorder } from '../../../../web/workers/journal/take-recorder.ts';
import { difference } from '../../../support/samples.ts';
import { IDENTITY, MARK, ramp, segmentFacts } from '../../../support/take-journal.ts';

async function recording(options: { readonly sampleRate?: number; readonly bytes?: ByteStore } = {}) {
  const bytes = options.bytes ?? memoryStorage().bytes;
  const sampleRate = options.sampleRate ?? 48_000;
  let clockMs = 1000;
  let frame = 128_000;
  const recorder = await TakeRecorder.begin(IDENTITY, { bytes, nowMs: () => clockMs, mark: MARK });
  const hear = (row: Float32Array<ArrayBuffer>): void => {
    clockMs += (1000 * row.length) / sampleRate;
    recorder.take({ type: 'frames', frame, rows: [row], atMs: clockMs });
    frame += row.length;
  };
  return {
    recorder, bytes, hear,
    miss(frames: number) {
      frame += frames;
      clockMs += (1000 * frames) / sampleRate;
    },
    wait(ms: number) {
      clockMs += ms;
    },
    nowMs: () => clockMs,
    async journal() {
      return openTakeJournal(await openTakeBytes(bytes, IDENTITY.takeId));
    },
  };
}

const expectRamp = (row: Float32Array | undefined, from: number, frames: number): void =>
  expect(difference(row ?? [], ramp(from, frames))).toEqual({ lengths: [frames, frames], first: -1, largest: 0 });

describe('a take that is recorded', () => {
  test('is in the file sample by sample, whatever the pieces', async () => {
    const { recorder, hear, journal } = await recording();
    await recorder.openSegment(segmentFacts(), false);
    let at = 0;
    for (const length of [512, 512, 128, 5000, 1, 4096, 511]) {
      hear(ramp(at, length));
      at += length;
    }
    expect(await recorder.end({ endedMs: 5, why: 'stopped' })).toBe(at);
    const { segments, end, read } = await journal();
    expect(segments).toMatchObject([{ frames: at, gaps: [], channels: 1, sampleRate: 48_000 }]);
    expect(end).toEqual({ endedMs: 5, why: 'stopped' });
    expectRamp((await read(0, 0, at))[0], 0, at);
  });

  test.each([8000, 48_000, 192_000])('at %i Hz never has more than 0.7 s at stake, and knows how much', async (sampleRate) => {
    const { recorder, hear, journal, nowMs } = await recording({ sampleRate });
    await recorder.openSegment(segmentFacts({ sampleRate }), false);
    let heard = 0;
    let worst = 0;
    for (let i = 0; i < (4 * sampleRate) / 512; i += 1) {
      hear(ramp(heard, 512));
      heard += 512;
      await Promise.resolve();
      // What a crash at this moment would leave.
      const { durableFrames, unsafeSinceMs } = recorder.news();
      await new Promise<void>((resolve) => setImmediate(resolve));
      worst = Math.max(worst, (heard - recorder.news().durableFrames) / sampleRate);
      expect(recorder.news().durableFrames).toBeGreaterThanOrEqual(durableFrames);
      expect(nowMs() - (unsafeSinceMs ?? nowMs())).toBeLessThan(750);
      if (i % 40 === 0 && durableFrames > 0) expect((await journal()).segments[0]!.frames).toBeGreaterThanOrEqual(durableFrames);
    }
    expect(worst).toBeLessThan(0.7);
    expect(worst).toBeGreaterThan(0.3);
    await recorder.end({ endedMs: 0, why: 'stopped' });
  });

  test('has a gap where the clock of the audio thread jumped, and what follows stays in its place', async () => {
    const { recorder, hear, miss, journal } = await recording();
    await recorder.openSegment(segmentFacts(), false);
    hear(ramp(0, 512));
    miss(1024);
    hear(ramp(1536, 512));
    expect(recorder.news().gaps).toEqual([{ frame: 512, frames: 1024, cause: 'missed' }]);
    await recorder.end({ endedMs: 0, why: 'stopped' });
    const { segments, read } = await journal();
    expect(segments[0]).toMatchObject({ frames: 2048, gaps: [{ frame: 512, frames: 1024, cause: 'missed' }] });
    expectRamp((await read(0, 1536, 512))[0], 1536, 512);
    expect((await read(0, 512, 1024))[0]!.every((x) => x === 0)).toBe(true);
  });

  test('names runs of exact zeros from a render quantum on, across pieces, and not shorter ones', async () => {
    const { recorder, hear, journal } = await recording();
    await recorder.openSegment(segmentFacts(), false);
    const row = ramp(0, 4096);
    row.fill(0, 100, 227);
    row.fill(0, 500, 1524);
    row.fill(0, 3900, 4096);
    for (let at = 0; at < 4096; at += 512) hear(row.slice(at, at + 512));
    expect(recorder.news().silentFrames).toBe(196);
    hear(new Float32Array(512));
    await recorder.end({ endedMs: 0, why: 'stopped' });
    expect((await journal()).segments[0]!.gaps).toEqual([{ frame: 500, frames: 1024, cause: 'zeros' }, { frame: 3900, frames: 708, cause: 'zeros' }]);
  });

  test('a long silence is written down while it lasts', async () => {
    const { recorder, hear, journal } = await recording();
    await recorder.openSegment(segmentFacts(), false);
    for (let i = 0; i < 94 * 3; i += 1) {
      hear(new Float32Array(512));
      await Promise.resolve();
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    const [gap, ...others] = (await journal()).segments[0]!.gaps;
    expect(others).toEqual([]);
    expect(gap).toMatchObject({ frame: 0, cause: 'zeros' });
    expect(gap!.frames).toBeGreaterThan(2 * 48_000);
    expect(recorder.news().silentFrames).toBe(94 * 3 * 512);
    await recorder.end({ endedMs: 0, why: 'stopped' });
  });

  test('goes on in a segment of its own after a device was changed; the time without one is a gap', async () => {
    const { recorder, hear, wait, journal } = await recording();
    await recorder.openSegment(segmentFacts(), false);
    hear(ramp(0, 4800));
    await recorder.closeSegment();
    wait(250);
    await recorder.openSegment(segmentFacts({ index: 1, deviceLabel: 'Headset', why: 'device-changed' }), true);
    hear(ramp(0, 480));
    expect(recorder.mark('bridge')).toEqual({ segment: 1, frame: 12_480, label: 'bridge' });
    await recorder.end({ endedMs: 0, why: 'stopped' });
    const { segments, markers, read } = await journal();
    expect(segments.map(({ frames, deviceLabel, why }) => ({ frames, deviceLabel, why }))).toEqual([
      { frames: 4800, deviceLabel: 'Built-in', why: 'started' }, { frames: 12_480, deviceLabel: 'Headset', why: 'device-changed' },
    ]);
    expect(segments[1]!.gaps).toEqual([{ frame: 0, frames: 12_000, cause: 'device' }]);
    expect(markers).toEqual([{ segment: 1, frame: 12_480, label: 'bridge' }]);
    expectRamp((await read(1, 12_000, 480))[0], 0, 480);
  });

  test('ends where the device is full: what was played until then is kept, and the end is written with the room kept aside', async () => {
    const storage = memoryStorage({ quotaBytes: (1 << 20) + 100_000 });
    const { recorder, hear, journal } = await recording({ bytes: storage.bytes });
    await recorder.openSegment(segmentFacts(), false);
    let heard = 0;
    while (recorder.error === null && heard < 1e6) {
      hear(ramp(heard, 512));
      heard += 512;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect(recorder.error?.code).toBe('storage/full');
    const safe = heard - 512;
    hear(ramp(heard, 512));
    await recorder.end({ endedMs: 9, why: 'storage-full' });
    const { segments, end, read } = await journal();
    expect(end).toEqual({ endedMs: 9, why: 'storage-full' });
    expect(segments[0]!.frames).toBeGreaterThan(safe - 4096);
    expectRamp((await read(0, 0, segments[0]!.frames))[0], 0, segments[0]!.frames);
    expect((await storage.bytes.list()).every(({ folder }) => folder === 'takes')).toBe(true);
  });

  test('does not begin where there is not even room to end, and leaves nothing behind', async () => {
    const { bytes } = memoryStorage({ quotaBytes: 1000 });
    await expect(TakeRecorder.begin(IDENTITY, { bytes, nowMs: () => 0, mark: 1 })).rejects.toMatchObject({ code: 'storage/full' });
    expect(await bytes.list()).toEqual([]);
  });
});
