import { describe, expect, test, vi } from 'vitest';
import { locksOfPage } from '../../../web/jobs/locks.ts';
import type { LiveTake, TakeInfo, TakeStart } from '../../../web/jobs/takes-contract.ts';
import type { Channel } from '../../../web/storage/announcing.ts';
import type { Storage } from '../../../web/storage/contract.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import { takeFile } from '../../../web/storage/take-bytes.ts';
import { difference } from '../../support/samples.ts';
import { musicLike } from '../../support/signals.ts';
import { ramp } from '../../support/take-journal.ts';
import { BUILT_IN, fakeMicrophones } from '../support/fake-microphones.ts';
import { openWorkplace, rejection, type WorkplaceOptions } from './workplace.ts';

const HEADSET = { deviceId: 'headset', label: 'Headset', sampleRate: 16_000, channels: 1 } as const;
const PLAIN = { deviceId: null, echoCancellation: false, noiseSuppression: false, autoGainControl: false } as const;
const START: TakeStart = { ...PLAIN, name: 'Take 1', withPreset: null, input: null };

function studio(options: Omit<WorkplaceOptions, 'microphones' | 'nowMs'> = {}) {
  const machine = fakeMicrophones();
  const workplace = openWorkplace({ storage: memoryStorage(), ...options, microphones: machine.microphones, nowMs: machine.nowMs });
  return { ...workplace, machine, takes: workplace.service.takes };
}

const microphoneOf = (machine: ReturnType<typeof fakeMicrophones>) => machine.opened.at(-1)!;

/** Everything on its way has arrived. */
const settled = async (live: LiveTake, seconds: number): Promise<void> => vi.waitFor(() => expect(live.state().elapsedSeconds).toBeCloseTo(seconds, 3));

async function listed(takes: { watchTakes(listener: (list: readonly TakeInfo[]) => void): () => void }): Promise<readonly TakeInfo[]> {
  const list = await new Promise<readonly TakeInfo[]>((resolve) => {
    const stop = takes.watchTakes((found) => {
      resolve(found);
      setTimeout(() => stop());
    });
  });
  return list;
}

/** The tab is gone in the middle of a take: what was written stays, nobody says goodbye. */
async function abandoned(storage: Storage, seconds = 2): Promise<string> {
  const machine = fakeMicrophones();
  const { service } = openWorkplace({ storage, microphones: machine.microphones, nowMs: machine.nowMs });
  const live = await service.takes.start(START);
  microphoneOf(machine).play([ramp(0, seconds * 48_000)]);
  await settled(live, seconds);
  machine.pass(600);
  await vi.waitFor(() => expect(live.state().durableSeconds).toBeGreaterThan(seconds - 0.7));
  return live.id;
}

describe('a take', () => {
  test('that ends is a recording like any other, read in place, sample by sample', async () => {
    const { takes, service, machine, storage } = studio();
    const live = await takes.start(START);
    expect(await listed(takes)).toMatchObject([{ id: live.id, name: 'Take 1', state: 'recording', endedMs: null }]);
    microphoneOf(machine).play([ramp(0, 96_000)]);
    live.mark('verse');
    await settled(live, 2);
    const info = await live.stop();
    expect(info).toMatchObject({ id: live.id, state: 'kept', seconds: 2, markers: [{ segment: 0, label: 'verse' }], segments: [{ frames: 96_000, gaps: [], why: 'started' }] });
    expect(takes.live()).toBeNull();
    expect(microphoneOf(machine).isOpen).toBe(false);
    const pcm = await service.pcm(info.recordingId!);
    expect(pcm).toMatchObject({ sampleRate: 48_000, channels: 1, frames: 96_000, notices: [] });
    expect(difference((await pcm.read(0, 96_000))[0]!, ramp(0, 96_000)).first).toBe(-1);
    expect((await storage.bytes.list()).map(({ folder }) => folder)).toEqual(['takes']);
    expect(await storage.documents.get('recordings', info.recordingId!)).toMatchObject({ name: 'Take 1', readAs: 'take', take: { id: live.id, trim: null } });
  });

  test('is measured as soon as it has ended', async () => {
    const { takes, machine, storage } = studio();
    const live = await takes.start(START);
    microphoneOf(machine).play([musicLike(4, 48_000, 3)[0]]);
    await settled(live, 4);
    const { recordingId } = await live.stop();
    await vi.waitFor(async () => expect((await storage.documents.list('features')).map((found) => found.recordingId)).toEqual([recordingId]), { timeout: 10_000 });
  });

  test('goes through a match, as target and as reference', async () => {
    const { takes, service, machine, storage } = studio();
    const ids: string[] = [];
    for (const seed of [1, 2]) {
      const live = await takes.start(START);
      microphoneOf(machine).play([musicLike(4, 48_000, seed)[0]]);
      await settled(live, 4);
      ids.push((await live.stop()).recordingId!);
    }
    const job = await service.startMatch(ids[0]!, ids[1]!, { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false });
    await vi.waitFor(async () => expect(await storage.documents.get('jobs', job.id)).toMatchObject({ state: 'COMPLETED' }), { timeout: 20_000 });
    expect((await service.result(job.id)).frames).toBeGreaterThan(0);
    expect((await service.peaks(ids[0]!, 16)).max.some((x) => x > 0)).toBe(true);
  }, 30_000);

  test('with a preset is rendered when it has ended', async () => {
    const { takes, service, machine, storage } = studio();
    const first = await takes.start(START);
    microphoneOf(machine).play([musicLike(3, 48_000, 1)[0]]);
    await settled(first, 3);
    const { recordingId } = await first.stop();
    const match = await service.startMatch(recordingId!, recordingId!, { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false });
    await vi.waitFor(async () => expect(await storage.documents.get('jobs', match.id)).toMatchObject({ state: 'COMPLETED' }), { timeout: 20_000 });
    const { style } = await service.result(match.id);
    const second = await takes.start({ ...START, name: 'Take 2', withPreset: style });
    microphoneOf(machine).play([musicLike(3, 48_000, 2)[0]]);
    await settled(second, 3);
    const info = await second.stop();
    const job = (await storage.documents.list('jobs')).find(({ targetId }) => targetId === info.recordingId);
    expect(job).toMatchObject({ plan: 'render', styleId: info.withPreset });
    await vi.waitFor(async () => expect(await storage.documents.get('jobs', job!.id)).toMatchObject({ state: 'COMPLETED' }), { timeout: 20_000 });
  }, 45_000);

  test('is paused and goes on in a segment of its own; the pause is no part of it', async () => {
    const { takes, machine } = studio();
    const live = await takes.start(START);
    microphoneOf(machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    await live.pause();
    expect(live.state()).toMatchObject({ status: 'paused', elapsedSeconds: 1, durableSeconds: 1, alarms: [] });
    machine.pass(60_000);
    microphoneOf(machine).play([ramp(0, 4800)]);
    await live.resume();
    microphoneOf(machine).play([ramp(48_000, 24_000)]);
    await settled(live, 1.5);
    const { segments, seconds } = await live.stop();
    expect(seconds).toBe(1.5);
    expect(segments.map(({ why, frames, gaps }) => ({ why, frames, gaps }))).toEqual([{ why: 'started', frames: 48_000, gaps: [] }, { why: 'resumed', frames: 24_000, gaps: [] }]);
  });

  test('ended in a pause is kept too', async () => {
    const { takes, machine } = studio();
    const live = await takes.start(START);
    microphoneOf(machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    await live.pause();
    expect(await live.stop()).toMatchObject({ state: 'kept', seconds: 1 });
  });

  test('whose device goes away waits for one and goes on with it, labelled; the time between is a gap', async () => {
    const { takes, machine } = studio();
    const inputs: (string | null)[] = [];
    const live = await takes.start({ ...START, deviceId: 'built-in' });
    live.watchInput((input) => inputs.push(input?.deviceLabel ?? null));
    microphoneOf(machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    machine.devices.splice(0);
    microphoneOf(machine).lose('device-changed');
    await vi.waitFor(() => expect(live.state().alarms).toContain('device-lost'));
    expect(live.state()).toMatchObject({ status: 'recording', segment: null, durableSeconds: 1 });
    machine.pass(2000);
    machine.change([HEADSET]);
    await vi.waitFor(() => expect(live.state().segment?.deviceLabel).toBe('Headset'));
    microphoneOf(machine).play([ramp(0, 16_000)]);
    await settled(live, 4);
    expect(inputs).toEqual(['Built-in', null, 'Headset']);
    const { segments, recordingId } = await live.stop();
    expect(segments).toMatchObject([
      { deviceLabel: 'Built-in', sampleRate: 48_000, frames: 48_000, why: 'started' },
      { deviceLabel: 'Headset', sampleRate: 16_000, frames: 48_000, why: 'device-changed', gaps: [{ frame: 0, frames: 32_000, cause: 'device' }] },
    ]);
    expect(recordingId).not.toBeNull();
  });

  test('whose device changes its rate goes on at the new one', async () => {
    const { takes, machine } = studio();
    const live = await takes.start(START);
    microphoneOf(machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    machine.devices.splice(0, 1, { ...BUILT_IN, sampleRate: 44_100 });
    microphoneOf(machine).lose('rate-changed');
    await vi.waitFor(() => expect(live.state().segment?.sampleRate).toBe(44_100));
    microphoneOf(machine).play([ramp(0, 44_100)]);
    await settled(live, 2);
    const { segments } = await live.stop();
    expect(segments).toMatchObject([{ sampleRate: 48_000, frames: 48_000 }, { sampleRate: 44_100, frames: 44_100, why: 'rate-changed' }]);
  });

  test('ends while it waits for a device, and keeps what there was', async () => {
    const { takes, machine } = studio();
    const live = await takes.start(START);
    microphoneOf(machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    machine.devices.splice(0);
    microphoneOf(machine).lose('device-changed');
    await vi.waitFor(() => expect(live.state().alarms).toContain('device-lost'));
    expect(await live.stop()).toMatchObject({ state: 'kept', seconds: 1 });
    machine.change([HEADSET]);
    await Promise.resolve();
    expect(machine.opened.filter(({ isOpen }) => isOpen)).toEqual([]);
  });

  test('raises an alarm when nothing but exact zeros comes', async () => {
    const { takes, machine } = studio();
    const live = await takes.start(START);
    microphoneOf(machine).play([new Float32Array(60_000)]);
    await vi.waitFor(() => expect(live.state().alarms).toEqual(['digital-silence']));
    microphoneOf(machine).play([ramp(1, 512)]);
    await vi.waitFor(() => expect(live.state().alarms).toEqual([]));
    expect((await live.stop()).segments[0]!.gaps).toEqual([{ frame: 0, frames: 60_000, cause: 'zeros' }]);
  });

  test('tells how long the room lasts, warns, and ends by itself when it is used up, with everything until then', async () => {
    const quotaBytes = (1 << 20) + 400_000;
    const storage = memoryStorage({ quotaBytes });
    const { takes, machine } = studio({ storage, quotaBytes, usedBytes: () => 100_000 });
    expect(await takes.secondsLeft({ sampleRate: 48_000, channels: 2 })).toBeCloseTo((quotaBytes - 100_000) / (48_000 * 8), 6);
    const live = await takes.start(START);
    await vi.waitFor(() => expect(live.state().alarms).toEqual(['storage-low']));
    expect(live.state().secondsLeft).toBeCloseTo((quotaBytes - 100_000) / (48_000 * 4), 6);
    microphoneOf(machine).play([ramp(0, 480_000)]);
    await vi.waitFor(() => expect(live.state()).toMatchObject({ status: 'ended', error: { code: 'storage/full' } }));
    expect(live.state().alarms[0]).toBe('storage-full');
    const info = await live.stop();
    // 400 000 bytes are 100 000 frames less some record heads.
    expect(info.seconds * 48_000).toBeGreaterThan(90_000);
    expect(info.state).toBe('kept');
    const pcm = await takes.pcm(info.id);
    expect(difference((await pcm.read(0, pcm.frames))[0]!, ramp(0, pcm.frames)).first).toBe(-1);
    expect(takes.live()).toBeNull();
  });

  test('without a microphone says why and leaves nothing behind', async () => {
    const { takes, machine, storage } = studio();
    machine.deny(true);
    expect(await rejection(takes.start(START))).toBe('capture/denied');
    machine.deny(false);
    machine.change([]);
    expect(await rejection(takes.start(START))).toBe('capture/no-device');
    expect(await listed(takes)).toEqual([]);
    expect([...(await storage.bytes.list()), ...(await storage.documents.list('takes'))]).toEqual([]);
  });

  test('in which nothing was heard leaves nothing behind', async () => {
    const { takes, storage } = studio();
    expect(await rejection((await takes.start(START)).stop())).toBe('audio/empty');
    expect([...(await storage.bytes.list()), ...(await storage.documents.list('takes'))]).toEqual([]);
  });

  test('takes over a microphone that was opened before it, and closes it', async () => {
    const { takes, machine } = studio();
    const input = await takes.openInput(PLAIN);
    const live = await takes.start({ ...START, input });
    expect(machine.opened).toHaveLength(1);
    microphoneOf(machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    await live.stop();
    expect(machine.opened[0]!.isOpen).toBe(false);
  });
});

describe('an interrupted take', () => {
  test('is offered back, can be heard up to its last safe frame, and is kept with one call; doing so again answers the same', async () => {
    const storage = memoryStorage();
    const id = await abandoned(storage);
    const { takes, service } = studio({ storage });
    const [found] = await listed(takes);
    expect(found).toMatchObject({ id, name: 'Take 1', state: 'interrupted', recordingId: null });
    expect(found!.seconds).toBeGreaterThan(1.3);
    const heard = await takes.pcm(id);
    expect(difference((await heard.read(0, heard.frames))[0]!, ramp(0, heard.frames)).first).toBe(-1);
    const recordingId = await takes.keep(id);
    expect(await takes.keep(id)).toBe(recordingId);
    expect(await listed(takes)).toMatchObject([{ id, state: 'kept', recordingId }]);
    expect((await service.pcm(recordingId)).frames).toBe(heard.frames);
  });

  test('whose document was lost is found by its journal', async () => {
    const storage = memoryStorage();
    const id = await abandoned(storage);
    await storage.documents.remove('takes', id);
    const { takes } = studio({ storage });
    expect(await listed(takes)).toMatchObject([{ id, name: 'Take 1', state: 'interrupted' }]);
    await takes.keep(id);
    expect(await listed(takes)).toMatchObject([{ id, name: 'Take 1', state: 'kept' }]);
  });

  test('on a full device can be heard, stays as it is when it cannot be kept, and can be discarded', async () => {
    const plain = memoryStorage();
    const id = await abandoned(plain);
    const full: Storage = {
      bytes: { ...plain.bytes, writer: () => Promise.reject(Object.assign(new Error(), { name: 'QuotaExceededError' })) },
      documents: { ...plain.documents, update: () => Promise.reject(Object.assign(new Error(), { name: 'QuotaExceededError' })), put: () => Promise.reject(Object.assign(new Error(), { name: 'QuotaExceededError' })) },
    };
    const { takes } = studio({ storage: full });
    expect(await listed(takes)).toMatchObject([{ id, state: 'interrupted' }]);
    const pcm = await takes.pcm(id);
    expect(difference((await pcm.read(0, pcm.frames))[0]!, ramp(0, pcm.frames)).first).toBe(-1);
    await expect(takes.keep(id)).rejects.toThrow();
    expect(await listed(takes)).toMatchObject([{ id, state: 'interrupted' }]);
  });

  test('with a torn tail loses only what was torn', async () => {
    const storage = memoryStorage();
    const id = await abandoned(storage);
    const source = await storage.bytes.open(takeFile(id));
    const writer = await storage.bytes.writer(takeFile(id), source.bytes - 1000);
    await writer.write(new Uint8Array(300).fill(7));
    await writer.close();
    const { takes } = studio({ storage });
    const pcm = await takes.pcm(id);
    expect(pcm.frames).toBeGreaterThan(48_000);
    expect(difference((await pcm.read(0, pcm.frames))[0]!, ramp(0, pcm.frames)).first).toBe(-1);
  });

  test('that is discarded is gone, bytes and all', async () => {
    const storage = memoryStorage();
    const id = await abandoned(storage);
    const { takes } = studio({ storage });
    await takes.discard(id);
    expect(await listed(takes)).toEqual([]);
    expect((await storage.bytes.list()).filter(({ folder }) => folder === 'takes')).toEqual([]);
    expect(await rejection(takes.keep(id))).toBe('storage/missing');
  });

  test('survives cleaning, and what was half discarded does not', async () => {
    const storage = memoryStorage();
    const [kept, gone] = [await abandoned(storage), await abandoned(storage)];
    await storage.documents.update('takes', gone, (before) => before && { ...before, status: 'discarded' });
    const { service, takes } = studio({ storage });
    await service.cleanIntermediates();
    expect((await listed(takes)).map(({ id }) => id)).toEqual([kept]);
    expect(await storage.documents.get('takes', gone)).toBeUndefined();
    expect((await storage.bytes.list()).map(({ folder, id }) => `${folder}/${id}`)).toEqual([`takes/${kept}`]);
  });
});

describe('a kept take', () => {
  async function kept() {
    const place = studio();
    const live = await place.takes.start(START);
    microphoneOf(place.machine).play([ramp(0, 96_000)]);
    await settled(live, 2);
    return { ...place, info: await live.stop() };
  }

  test('trimmed is another recording of the same bytes; untrimmed it is the first again', async () => {
    const { takes, service, storage, info } = await kept();
    const trimmed = await takes.edit(info.id, { trim: { startFrame: 1000, endFrame: 50_000 }, role: 'reference' });
    expect(trimmed).toMatchObject({ role: 'reference', trim: { startFrame: 1000, endFrame: 50_000 } });
    expect(trimmed.recordingId).not.toBe(info.recordingId);
    const pcm = await service.pcm(trimmed.recordingId!);
    expect(pcm.frames).toBe(49_000);
    expect([...(await pcm.read(0, 2))[0]!]).toEqual([1001, 1002]);
    expect((await storage.documents.list('recordings')).map(({ id }) => id)).toEqual([trimmed.recordingId]);
    expect((await takes.edit(info.id, { trim: null })).recordingId).toBe(info.recordingId);
    expect(await rejection(takes.edit(info.id, { trim: { startFrame: 5, endFrame: 5 } }))).toBe('audio/empty');
  });

  test('renamed is renamed as a recording too', async () => {
    const { takes, storage, info } = await kept();
    expect(await takes.edit(info.id, { name: 'Chorus' })).toMatchObject({ name: 'Chorus', recordingId: info.recordingId });
    expect(await storage.documents.get('recordings', info.recordingId!)).toMatchObject({ name: 'Chorus' });
  });

  test('knows where the recording belongs that was played along to, also when that was written while it ran', async () => {
    const place = studio();
    const live = await place.takes.start(START);
    const backing = { recordingId: 'drums', segment: 0, offsetFrames: -1234, latencyMs: 21.5 };
    await place.takes.edit(live.id, { backings: [backing] });
    microphoneOf(place.machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    expect((await live.stop()).backings).toEqual([backing]);
  });

  test('goes with the recording it became', async () => {
    const { takes, service, storage, info } = await kept();
    await service.removeRecording(info.recordingId!);
    expect(await listed(takes)).toEqual([]);
    expect(await storage.bytes.list()).toEqual([]);
  });

  test('discarded takes its recordings along', async () => {
    const { takes, storage, info } = await kept();
    await takes.discard(info.id);
    expect([...(await storage.bytes.list()), ...(await storage.documents.list('recordings')), ...(await storage.documents.list('takes'))]).toEqual([]);
  });
});

describe('two tabs', () => {
  function tabs() {
    const listeners: ((event: { readonly data: unknown }) => void)[][] = [[], []];
    const channel = (mine: number): Channel => ({
      postMessage: (data) => listeners[1 - mine]!.forEach((listener) => listener({ data })),
      addEventListener: (_type, listener) => void listeners[mine]!.push(listener),
    });
    const [storage, locks] = [memoryStorage(), locksOfPage()];
    return [studio({ storage, locks, channel: channel(0) }), studio({ storage, locks, channel: channel(1) })] as const;
  }

  test('one records, the other says so, and can record after it', async () => {
    const [first, second] = tabs();
    const live = await first.takes.start(START);
    expect(await rejection(second.takes.start(START))).toBe('capture/busy');
    expect(await rejection(first.takes.start(START))).toBe('capture/busy');
    expect(await rejection(second.takes.discard(live.id))).toBe('capture/busy');
    expect(await listed(second.takes)).toMatchObject([{ id: live.id, state: 'recording' }]);
    microphoneOf(first.machine).play([ramp(0, 48_000)]);
    await settled(live, 1);
    const seen: string[] = [];
    const stop = second.takes.watchTakes((takes) => seen.push(takes.map(({ state }) => state).join()));
    await live.stop();
    await vi.waitFor(() => expect(seen.at(-1)).toBe('kept'));
    stop();
    expect(await rejection((await second.takes.start(START)).stop())).toBe('audio/empty');
  });
});
