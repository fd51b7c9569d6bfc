import { afterEach, describe, expect, test } from 'vitest';
import type { Job, JobOptions } from '../../../shared/jobs.ts';
import type { RecordingInfo } from '../../../web/jobs/contract.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import { difference } from '../../support/samples.ts';
import { whiteNoise } from '../../support/signals.ts';
import { musicFile, openWorkplace, pretendedFlac, rejection, type Workplace, type WorkplaceOptions, wavFile } from './workplace.ts';

const open: Workplace[] = [];
function workplace(options: WorkplaceOptions = {}): Workplace {
  const made = openWorkplace(options);
  open.push(made);
  return made;
}
afterEach(async () => {
  for (const { service } of open.splice(0)) await service.stop();
});

const OPTIONS: JobOptions = { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false };

/** The next list of jobs that satisfies. */
const jobsWhen = ({ service }: Workplace, isDone: (jobs: readonly Job[]) => boolean): Promise<readonly Job[]> =>
  new Promise((resolve) => {
    const stop = service.watchJobs((jobs) => {
      if (!isDone(jobs)) return;
      queueMicrotask(() => stop());
      resolve(jobs);
    });
  });
const finished = async (place: Workplace, id: string): Promise<Job> => {
  const jobs = await jobsWhen(place, (list) => list.some((job) => job.id === id && ['COMPLETED', 'FAILED', 'CANCELLED'].includes(job.state)));
  return jobs.find((job) => job.id === id)!;
};
const list = ({ service }: Workplace): Promise<readonly RecordingInfo[]> =>
  new Promise((resolve) => {
    const stop = service.watchRecordings((recordings) => {
      queueMicrotask(() => stop());
      resolve(recordings);
    });
  });
const files = async ({ storage }: Workplace) => (await storage.bytes.list()).map(({ folder, id }) => `${folder}/${id.slice(0, 8)}`).sort();

async function pair(place: Workplace, seconds = 2) {
  const [reference, target] = await Promise.all([place.service.addRecording(await musicFile(seconds, 1)), place.service.addRecording(await musicFile(seconds, 2))]);
  return { reference, target };
}

describe('recordings', () => {
  test('are kept, decoded and listed; the same bytes are one recording', async () => {
    const place = workplace();
    const file = await musicFile(1, 1);
    const progress: number[] = [];
    const info = await place.service.addRecording(file, { onProgress: (fraction) => progress.push(fraction) });
    expect(info).toMatchObject({ name: 'music-1.wav', bytes: file.size, state: { status: 'ready', sampleRate: 44_100, channels: 2, frames: 44_100, notices: [] } });
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(await place.service.addRecording(new File([file], 'copy.wav'))).toEqual(info);
    expect(await list(place)).toEqual([info]);
    expect(place.calls.get('keep')).toBe(1);
    expect(await files(place)).toEqual([`recordings/${info.id.slice(0, 8)}`]);
  });

  test('added twice at once are kept once', async () => {
    const place = workplace();
    const file = await musicFile(1, 1);
    const [a, b] = await Promise.all([place.service.addRecording(file), place.service.addRecording(file)]);
    expect(a).toEqual(b);
    expect([place.calls.get('keep'), place.calls.get('decode')]).toEqual([1, 1]);
  });

  test('are drawn from what is noted while they are measured; what nobody measures is read for it', async () => {
    const place = workplace();
    const { id } = await place.service.addRecording(await wavFile([Float32Array.from({ length: 44_100 }, (_, i) => (i === 30_000 ? 0.75 : 0.01 * Math.sin(i)))], 'a.wav'));
    const drawn = await place.service.peaks(id, 100);
    expect([drawn.max.indexOf(0.75), place.calls.get('analyze'), place.calls.get('peaks')]).toEqual([68, 1, undefined]);
    await place.storage.documents.remove('peaks', id);
    expect([await place.service.peaks(id, 100), place.calls.get('analyze'), place.calls.get('peaks')]).toEqual([drawn, 1, 1]);
  });

  test('of a compressed format are decoded once, and again after their copy was cleaned away', async () => {
    const place = workplace();
    const noise = whiteNoise(44_100, 7);
    const { id } = await place.service.addRecording(pretendedFlac(noise));
    expect(await files(place)).toEqual([`decoded/${id.slice(0, 8)}`, `recordings/${id.slice(0, 8)}`]);
    expect(await place.service.cleanIntermediates()).toBe(noise.byteLength);
    expect(await files(place)).toEqual([`recordings/${id.slice(0, 8)}`]);
    const pcm = await place.service.pcm(id);
    expect(difference((await pcm.read(0, 44_100))[0]!, noise)).toMatchObject({ lengths: [44_100, 44_100], first: -1 });
    expect(place.calls.get('decode')).toBe(2);
  });

  test('that cannot be used leave nothing behind', async () => {
    const place = workplace();
    expect(await rejection(place.service.addRecording(new File([], 'empty.wav')))).toBe('audio/empty');
    expect(await rejection(place.service.addRecording(new File(['Dear diary'], 'diary.txt')))).toBe('audio/not-audio');
    expect(await rejection(place.service.addRecording(new File(['#!AMR\n1234'], 'voice.amr')))).toBe('audio/needs-fallback');
    expect(await list(place)).toEqual([]);
    expect(await files(place)).toEqual([]);
  });

  test('of rare formats are opened by the additional decoder once the person agrees', async () => {
    const place = workplace();
    const info = await place.service.addRecording(new File(['#!AMR\n1234'], 'voice.amr'), { allowFallbackDecoder: true });
    expect(info.state).toMatchObject({ status: 'ready', frames: 44_100, notices: [{ code: 'audio/fallback-decoder' }] });
  });

  test('for which there is no space are refused, and what was there is kept', async () => {
    const place = workplace({ storage: memoryStorage({ quotaBytes: 500_000 }) });
    const kept = await place.service.addRecording(await musicFile(1, 1));
    expect(await rejection(place.service.addRecording(await musicFile(3, 2)))).toBe('storage/full');
    expect(await list(place)).toEqual([kept]);
    expect(await files(place)).toEqual([`recordings/${kept.id.slice(0, 8)}`]);
    const scarce = workplace({ quotaBytes: 100 });
    expect(await rejection(scarce.service.addRecording(await musicFile(1, 1)))).toBe('storage/full');
    expect(scarce.calls.get('keep')).toBeUndefined();
  });

  test('whose decoding a reload interrupted are decoded when the page opens again', async () => {
    const before = workplace();
    const { id } = await before.service.addRecording(await musicFile(1, 1));
    await before.storage.documents.update('recordings', id, (record) => record && { ...record, readAs: null, state: { status: 'decoding', percent: 40 } });
    const after = workplace({ storage: before.storage });
    await new Promise<void>((resolve) => {
      after.service.watchRecordings(([recording]) => recording?.state.status === 'ready' && resolve());
    });
  });

  test('are removed with all that was made of them', async () => {
    const place = workplace();
    const { id } = await place.service.addRecording(pretendedFlac(whiteNoise(44_100, 7)));
    await place.service.peaks(id, 10);
    await place.service.removeRecording(id);
    expect(await files(place)).toEqual([]);
    expect(await place.storage.documents.list('peaks')).toEqual([]);
    expect(await rejection(place.service.pcm(id))).toBe('storage/missing');
  });
});

describe('a match', () => {
  test('ends in a result that can be heard, seen and saved', async () => {
    const place = workplace();
    const { reference, target } = await pair(place);
    const { id } = await place.service.startMatch(reference.id, target.id, OPTIONS);
    const job = await finished(place, id);
    expect(job).toMatchObject({ state: 'COMPLETED', percent: 100, error: null });

    const result = await place.service.result(job.resultId!);
    expect(result).toMatchObject({ jobId: id, targetId: target.id, referenceId: reference.id, sampleRate: 44_100, channels: 2 });
    expect(result.style.sources).toEqual({ reference: reference.id, target: target.id });
    expect(Math.abs(result.features.loudness.integratedLufs! - result.referenceFeatures!.loudness.integratedLufs!)).toBeLessThan(1);

    const pcm = await place.service.pcm(result.id);
    expect((await pcm.read(0, pcm.frames)).map(({ length }) => length)).toEqual([result.frames, result.frames]);
    const peaks = await place.service.peaks(result.id, 100);
    expect([peaks.min.length, peaks.max.length]).toEqual([100, 100]);
    const wav = await place.service.exportWav(result.id, '24');
    const flac = await place.service.exportFlac(result.id);
    expect(await flac.slice(0, 4).text()).toBe('fLaC');
    expect(flac.size).toBeLessThan(wav.size);
    expect(wav.size).toBe(44 + result.frames * 2 * 3);
    expect(await place.service.importPreset(await place.service.exportPreset(result.style))).toMatchObject({ mode: 'B', engine: result.style.engine });
    // What only served the render is gone.
    expect((await files(place)).filter((name) => name.startsWith('scratch'))).toEqual([]);
    expect(await place.storage.documents.list('checkpoints')).toEqual([]);
  });

  test('asked for twice is one job; asked for again after its result was removed it is made again', async () => {
    const place = workplace();
    const { reference, target } = await pair(place, 1);
    const [a, b] = await Promise.all([1, 2].map(() => place.service.startMatch(reference.id, target.id, OPTIONS)));
    expect(a!.id).toBe(b!.id);
    await finished(place, a!.id);
    expect((await place.service.startMatch(reference.id, target.id, OPTIONS)).state).toBe('COMPLETED');
    expect(place.calls.get('invert')).toBe(1);
    await place.service.removeJob(a!.id);
    expect(await rejection(place.service.result(a!.id))).toBe('storage/missing');
    expect((await files(place)).every((name) => name.startsWith('recordings'))).toBe(true);
    await place.service.startMatch(reference.id, target.id, OPTIONS);
    expect((await finished(place, a!.id)).state).toBe('COMPLETED');
  });

  test('of a recording with itself works', async () => {
    const place = workplace();
    const { id } = await place.service.addRecording(await musicFile(2, 3));
    const job = await place.service.startMatch(id, id, OPTIONS);
    expect((await finished(place, job.id)).state).toBe('COMPLETED');
  });

  test('of a silent target fails with the reason', async () => {
    const place = workplace();
    const reference = await place.service.addRecording(await musicFile(1, 1));
    const silent = await place.service.addRecording(await wavFile([new Float32Array(44_100)], 'silent.wav'));
    const job = await place.service.startMatch(reference.id, silent.id, OPTIONS);
    expect(await finished(place, job.id)).toMatchObject({ state: 'FAILED', error: { code: 'audio/silent' } });
  });

  test('can be cancelled and retried', async () => {
    const place = workplace();
    const { reference, target } = await pair(place);
    const { id } = await place.service.startMatch(reference.id, target.id, OPTIONS);
    await place.service.cancelJob(id);
    expect((await finished(place, id)).state).toBe('CANCELLED');
    await place.service.retryJob(id);
    expect((await jobsWhen(place, ([job]) => job?.state === 'COMPLETED'))[0]?.resultId).toBe(id);
  });

  test('measures each recording once: the next match with the same target uses what is known', async () => {
    const place = workplace();
    const { reference, target } = await pair(place, 1);
    await finished(place, (await place.service.startMatch(reference.id, target.id, OPTIONS)).id);
    await finished(place, (await place.service.startMatch(reference.id, target.id, { ...OPTIONS, ceilingDbtp: -2 })).id);
    expect([place.calls.get('analyze'), place.calls.get('invert')]).toEqual([2, 2]);
  });
});

test('what a match has found is known apart from its result', async () => {
  const place = workplace();
  const { reference, target } = await pair(place);
  const job = await place.service.startMatch(reference.id, target.id, OPTIONS);
  expect(await rejection(place.service.estimate(job.id))).toBe('storage/missing');
  const done = await finished(place, job.id);
  const result = await place.service.result(done.resultId!);
  const measured = place.calls.get('analyze');
  const { style, targetFeatures, referenceFeatures } = await place.service.estimate(job.id);
  expect({ style, targetFeatures, referenceFeatures }).toEqual({ style: result.style, targetFeatures: result.targetFeatures, referenceFeatures: result.referenceFeatures });
  expect(place.calls.get('analyze')).toBe(measured);
});

test('rendering again with an edited style renders only', async () => {
  const place = workplace();
  const { reference, target } = await pair(place, 1);
  const first = await finished(place, (await place.service.startMatch(reference.id, target.id, OPTIONS)).id);
  const { style } = await place.service.result(first.resultId!);
  style.intensity = 0.5;
  const again = await place.service.renderAgain(target.id, style, { referenceId: reference.id });
  expect(again.id).not.toBe(first.id);
  const second = await finished(place, again.id);
  expect(second).toMatchObject({ state: 'COMPLETED', plan: 'render' });
  expect((await place.service.result(second.resultId!)).style.intensity).toBe(0.5);
  expect([place.calls.get('analyze'), place.calls.get('invert')]).toEqual([2, 1]);
});

test('a reload in the middle of a render goes on from its checkpoint, to the same samples', async () => {
  const whole = workplace();
  const wanted = await pair(whole, 3);
  const done = await finished(whole, (await whole.service.startMatch(wanted.reference.id, wanted.target.id, OPTIONS)).id);
  const expected = await (await whole.service.pcm(done.resultId!)).read(0, 1e6);

  for (const fatalCheckpoint of [1, 3, 7]) {
    let checkpoints = 0;
    const before = workplace({
      onCheckpoint() {
        checkpoints += 1;
        // The tab goes away: no line after this one is run for this job.
        if (checkpoints === fatalCheckpoint) void before.service.stop();
        if (checkpoints >= fatalCheckpoint) throw new Error('the tab is gone');
      },
    });
    const { reference, target } = await pair(before, 3);
    const { id } = await before.service.startMatch(reference.id, target.id, OPTIONS);
    while (checkpoints < fatalCheckpoint) await new Promise((resolve) => setTimeout(resolve, 5));
    await before.service.stop();

    const after = workplace({ storage: before.storage });
    const job = await finished(after, id);
    expect(job.state).toBe('COMPLETED');
    expect(after.calls.get('invert')).toBeUndefined();
    const rendered = await (await after.service.pcm(job.resultId!)).read(0, 1e6);
    expect(rendered.map((row, c) => difference(row, expected[c]!))).toEqual(expected.map(({ length }) => ({ lengths: [length, length], first: -1, largest: 0 })));
  }
}, 120_000);

describe('cleaning', () => {
  const DAY_MS = 24 * 3600 * 1000;

  test('takes decoded copies that nobody used for seven days, never recordings and results', async () => {
    let now = 1_000 * DAY_MS;
    const first = workplace({ nowMs: () => now });
    const { id } = await first.service.addRecording(pretendedFlac(whiteNoise(88_200, 7)));
    const job = await first.service.startMatch(id, id, OPTIONS);
    const { resultId } = await finished(first, job.id);
    await first.service.exportWav(resultId!, '16');
    const everything = await files(first);
    await first.service.stop();

    now += 6 * DAY_MS;
    const second = workplace({ storage: first.storage, nowMs: () => now });
    await second.service.storageUse();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await files(second)).toEqual(everything);
    await second.service.stop();

    now += 2 * DAY_MS;
    const third = workplace({ storage: first.storage, nowMs: () => now });
    await expect.poll(() => files(third)).toEqual([`recordings/${id.slice(0, 8)}`, `results/${resultId!.slice(0, 8)}`]);
    expect(await third.service.result(resultId!)).toMatchObject({ targetId: id });
  });

  test('takes bytes that no fact records', async () => {
    const { storage } = workplace();
    for (const folder of ['recordings', 'results', 'scratch', 'decoded', 'exports'] as const) {
      const writer = await storage.bytes.writer({ folder, id: 'lost' });
      await writer.write(new Uint8Array(100));
      await writer.close();
    }
    const place = workplace({ storage });
    await expect.poll(() => files(place)).toEqual([]);
  });
});

test('storage use tells what could be made again', async () => {
  const place = workplace();
  await place.service.addRecording(pretendedFlac(whiteNoise(44_100, 7)));
  expect(await place.service.storageUse()).toMatchObject({ intermediateBytes: 176_400, persisted: false });
});

test('a preset that is none is refused with its reason', async () => {
  const { service } = workplace();
  expect(await rejection(service.importPreset(new Blob(['hello'])))).toBe('style/invalid');
  expect(await rejection(service.importPreset(new Blob(['{"version": 99}'])))).toBe('style/newer');
});

test('the demo pair is loaded like any other file', async () => {
  const { reference, target } = await workplace().service.loadDemo();
  expect([reference.state.status, target.state.status]).toEqual(['ready', 'ready']);
});
