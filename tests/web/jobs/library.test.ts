import { afterEach, describe, expect, test } from 'vitest';
import { neutralStyle } from '../../../shared/style.ts';
import { fileName, uniquePaths } from '../../../web/jobs/library/backup.ts';
import { type LibraryEntry, UNDO_MS } from '../../../web/jobs/library/contract.ts';
import { thumbnailPeaks } from '../../../web/jobs/library/thumbnails.ts';
import { musicFile, openWorkplace, pretendedFlac, rejection, type Workplace, type WorkplaceOptions, wavFile } from './workplace.ts';
import { whiteNoise } from '../../support/signals.ts';
import { readZip } from '../../support/zip.ts';

const open: Workplace[] = [];
function workplace(options: WorkplaceOptions = {}): Workplace {
  const made = openWorkplace(options);
  open.push(made);
  return made;
}
afterEach(async () => {
  for (const { service } of open.splice(0)) await service.stop();
});

/** The first list that satisfies. */
const listWhen = ({ service }: Workplace, isThere: (entries: readonly LibraryEntry[]) => boolean = () => true): Promise<readonly LibraryEntry[]> =>
  new Promise((resolve) => {
    const stop = service.library.watch((entries) => {
      if (!isThere(entries)) return;
      queueMicrotask(() => stop());
      resolve(entries);
    });
  });
const entry = async (place: Workplace, id: string): Promise<LibraryEntry> => (await listWhen(place, (entries) => entries.some((one) => one.id === id))).find((one) => one.id === id)!;
const ids = async (place: Workplace): Promise<string[]> => (await listWhen(place)).map(({ id }) => id).sort();
const fileCount = async ({ storage }: Workplace): Promise<number> => (await storage.bytes.list()).length;

const named = ({ id, kind }: LibraryEntry) => ({ id, kind, name: 'shown as' });

async function matched(place: Workplace) {
  const reference = await place.service.addRecording(await musicFile(2, 1, 'record.wav'));
  const target = await place.service.addRecording(await musicFile(2, 2, 'take.wav'));
  const { id } = await place.service.startMatch(reference.id, target.id, { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false });
  const result = (await listWhen(place, (entries) => entries.some(({ kind }) => kind === 'result'))).find(({ kind }) => kind === 'result')!;
  return { reference, target, jobId: id, result };
}

describe('the list', () => {
  test('holds a recording with its length, size and origin; its loudness once it was measured', async () => {
    const place = workplace();
    const file = await musicFile(1, 1);
    const { id } = await place.service.addRecording(file, { origin: 'shared' });
    expect(await entry(place, id)).toMatchObject({
      kind: 'recording', name: 'music-1', ending: '.wav', origin: 'shared', state: 'ready', seconds: 1, sampleRate: 44_100, channels: 2, bytes: file.size, isReference: false,
    });
    const measured = await listWhen(place, ([one]) => one?.integratedLufs !== null);
    expect(measured[0]?.integratedLufs).toBeCloseTo((await place.storage.documents.list('features'))[0]!.features.loudness.integratedLufs!, 6);
  });

  test('shows what a result was made from, its loudness, and that the reference is one', async () => {
    const place = workplace();
    const { reference, target, jobId, result } = await matched(place);
    const { features } = await place.service.result(result.id);
    expect(result).toMatchObject({ kind: 'result', name: null, targetId: target.id, referenceId: reference.id, jobId, seconds: 2, bytes: 2 * 44_100 * 2 * 4, integratedLufs: features.loudness.integratedLufs });
    const recorded = await entry(place, reference.id);
    expect(recorded.isReference).toBe(true);
    expect(recorded.integratedLufs).toBeTypeOf('number');
    expect((await entry(place, target.id)).isReference).toBe(false);
  });

  test('reads a large document once: afterwards its card is enough', async () => {
    const place = workplace();
    const { result } = await matched(place);
    const read: string[] = [];
    const { documents } = place.storage;
    const watched = { ...place.storage, documents: { ...documents, get: ((table, id) => (read.push(table), documents.get(table, id))) as typeof documents.get } };
    const again = workplace({ storage: watched });
    expect(await entry(again, result.id)).toEqual(result);
    expect(read.filter((table) => table === 'results' || table === 'features')).toEqual([]);
  });

  test('a thumbnail is the peaks in 160 columns, to half a step of 127, and is made once', async () => {
    const place = workplace();
    const { id } = await place.service.addRecording(await musicFile(1, 1));
    const drawn = thumbnailPeaks(await place.service.library.thumbnail(id));
    const peaks = await place.service.peaks(id, 160);
    expect(drawn.max).toHaveLength(160);
    for (const side of ['min', 'max'] as const) drawn[side].forEach((value, c) => expect(Math.abs(value - Math.max(-1, Math.min(1, peaks[side][c]!)))).toBeLessThanOrEqual(0.5 / 127 + 1e-6));
    await place.service.library.thumbnail(id);
    // They came with what was measured of it.
    expect(place.calls.get('peaks')).toBe(undefined);
    expect(await rejection(place.service.library.thumbnail('gone'))).toBe('storage/missing');
  });
});

test('a recording is had back as it came, under any name', async () => {
  const place = workplace();
  const file = await musicFile(1, 1);
  const { id } = await place.service.addRecording(file);
  expect(Buffer.from(await (await place.service.library.file(id)).arrayBuffer()).equals(Buffer.from(await file.arrayBuffer()))).toBe(true);
  expect(await rejection(place.service.library.file('gone'))).toBe('storage/missing');
});

describe('words of a person', () => {
  test('rename a recording everywhere, a result in its own right and back', async () => {
    const place = workplace();
    const { target, result } = await matched(place);
    await place.service.library.rename({ id: target.id, kind: 'recording' }, '  Kitchen take ');
    await place.service.library.rename({ id: target.id, kind: 'recording' }, '   ');
    expect((await entry(place, target.id)).name).toBe('Kitchen take');
    const seen = await new Promise<readonly { name: string }[]>((resolve) => void place.service.watchRecordings(resolve));
    expect(seen.map(({ name }) => name)).toContain('Kitchen take.wav');
    await place.service.library.rename(result, 'Mix 1');
    expect((await entry(place, result.id)).name).toBe('Mix 1');
    const titles = await new Promise<ReadonlyMap<string, string>>((resolve) => void place.service.library.watchTitles(resolve));
    expect([...titles]).toEqual([[result.id, 'Mix 1']]);
    await place.service.library.rename(result, '');
    expect((await entry(place, result.id)).name).toBeNull();
  });

  test('tags are trimmed and kept once each; marks survive reopening', async () => {
    const place = workplace();
    const { id } = await place.service.addRecording(await musicFile(1, 1));
    await place.service.library.tag(id, [' voice', 'voice ', '', 'kitchen']);
    await place.service.library.markReference(id, true);
    const again = workplace({ storage: place.storage });
    expect(await entry(again, id)).toMatchObject({ tags: ['voice', 'kitchen'], isReference: true });
  });
});

describe('presets', () => {
  const style = neutralStyle('engine', 'B');

  test('are saved with what they came from, listed, and read back as they were', async () => {
    const place = workplace();
    const from = { resultId: 'r', targetId: 't', referenceId: 's' };
    const id = await place.service.library.savePreset({ name: 'Radio', style, from });
    expect(await entry(place, id)).toMatchObject({ kind: 'preset', name: 'Radio', origin: 'saved', ...from, bytes: null, seconds: null });
    expect(await place.service.library.preset(id)).toEqual({ name: 'Radio', style });
  });

  test('of the same style are one, under the newest name', async () => {
    const place = workplace();
    const first = await place.service.library.savePreset({ name: 'One', style, from: null });
    const second = await place.service.library.savePreset({ name: 'Two', style: structuredClone(style), from: null });
    expect(second).toBe(first);
    expect((await listWhen(place)).map(({ name }) => name)).toEqual(['Two']);
    const presets = await new Promise<readonly { name: string }[]>((resolve) => void place.service.library.watchPresets(resolve));
    expect(presets).toEqual([{ id: first, name: 'Two' }]);
  });

  test('that are gone are storage/missing', async () => {
    expect(await rejection(workplace().service.library.preset('preset-none'))).toBe('storage/missing');
  });
});

describe('deleting', () => {
  test('hides at once, everywhere, and keeps every byte until the time to undo is over', async () => {
    let now = 1_000_000;
    const place = workplace({ nowMs: () => now });
    const { target, result } = await matched(place);
    const before = await fileCount(place);
    await place.service.library.bin([named(result), { id: target.id, kind: 'recording', name: 'a' }]);
    expect(await ids(place)).not.toContain(target.id);
    expect(await ids(place)).not.toContain(result.id);
    expect(await fileCount(place)).toBe(before);
    const seen = await new Promise<readonly { id: string }[]>((resolve) => void place.service.watchRecordings(resolve));
    expect(seen.map(({ id }) => id)).not.toContain(target.id);

    now += UNDO_MS - 1;
    await place.service.library.restore([target.id, result.id]);
    expect(await ids(place)).toContain(target.id);
    expect(await entry(place, result.id)).toEqual(result);
    expect(await fileCount(place)).toBe(before);
  });

  test('is finished by the next start, and not before its time', async () => {
    let now = 1_000_000;
    const place = workplace({ nowMs: () => now });
    const { id } = await place.service.addRecording(pretendedFlac(whiteNoise(44_100, 7)));
    await place.service.library.thumbnail(id);
    await place.service.library.bin([{ id, kind: 'recording', name: 'a' }]);
    await place.service.stop();

    const early = workplace({ storage: place.storage, nowMs: () => now });
    expect(await ids(early)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await fileCount(early)).toBe(2);
    await early.service.stop();

    now += UNDO_MS;
    const late = workplace({ storage: place.storage, nowMs: () => now });
    await expect.poll(() => fileCount(late)).toBe(0);
    for (const table of ['recordings', 'peaks', 'cards', 'labels', 'bin'] as const) await expect.poll(() => place.storage.documents.ids(table)).toEqual([]);
  });

  test('that a crash cut short is finished later', async () => {
    let now = 1_000_000;
    const place = workplace({ nowMs: () => now });
    const { id } = await place.service.addRecording(await musicFile(1, 1));
    await place.service.library.bin([{ id, kind: 'recording', name: 'a' }]);
    await place.service.stop();
    // The fact is gone, its bytes and its place in the bin are not.
    await place.storage.documents.remove('recordings', id);
    now += UNDO_MS;
    const after = workplace({ storage: place.storage, nowMs: () => now });
    await expect.poll(() => place.storage.documents.ids('bin')).toEqual([]);
    expect(await fileCount(after)).toBe(0);
  });

  test('is taken back by giving the same file, the same match or the same preset again', async () => {
    const place = workplace();
    const { reference, target, result } = await matched(place);
    const preset = { name: 'P', style: neutralStyle('engine', 'B'), from: null };
    const presetId = await place.service.library.savePreset(preset);
    await place.service.library.bin([{ id: reference.id, kind: 'recording', name: 'a' }, named(result), { id: presetId, kind: 'preset', name: 'P' }]);
    await place.service.addRecording(await musicFile(2, 1, 'again.wav'));
    await place.service.startMatch(reference.id, target.id, { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false });
    await place.service.library.savePreset(preset);
    expect(await ids(place)).toEqual([presetId, reference.id, result.id, target.id].sort());
  });

  test('comes too late to undo once it has begun', async () => {
    let now = 1_000_000;
    const place = workplace({ nowMs: () => now });
    const { id } = await place.service.addRecording(await musicFile(1, 1));
    await place.service.library.bin([{ id, kind: 'recording', name: 'a' }]);
    now += UNDO_MS;
    await place.service.library.restore([id]);
    expect(await ids(place)).toEqual([]);
  });
});

describe('a backup', () => {
  test('is a zip of everything, each file whole: recordings byte for byte, results as WAV, presets, the list', async () => {
    const place = workplace();
    const { reference, result } = await matched(place);
    const twin = await wavFile([whiteNoise(4410, 3)], 'Record.wav');
    await place.service.addRecording(twin);
    await place.service.library.savePreset({ name: 'Radio', style: neutralStyle('engine', 'B'), from: null });
    await place.service.library.tag(reference.id, ['vinyl']);
    const progress: number[] = [];
    const zip = await place.service.library.backUp({ kind: 'download' }, new Map([[result.id, 'take in the style of record']]), { onProgress: (fraction) => progress.push(fraction) });
    expect(progress.at(-1)).toBe(1);

    const files = readZip(Buffer.from(await zip!.arrayBuffer()));
    const listed = JSON.parse(files.get('library.json')!.toString()) as { entries: { path: string; id: string; tags: string[] }[] };
    expect(listed.entries.map(({ path }) => path).sort()).toEqual([
      'presets/Radio.tonetwin.json', 'recordings/Record (2).wav', 'recordings/record.wav', 'recordings/take.wav', 'results/take in the style of record.wav',
    ]);
    expect([...files.keys()].sort()).toEqual([...listed.entries.map(({ path }) => path), 'library.json'].sort());
    expect(listed.entries.find(({ id }) => id === reference.id)?.tags).toEqual(['vinyl']);
    expect(files.get('recordings/Record (2).wav')!.equals(Buffer.from(await twin.arrayBuffer()))).toBe(true);
    const wav = files.get('results/take in the style of record.wav')!;
    expect([wav.toString('latin1', 0, 4), wav.length]).toEqual(['RIFF', 44 + 2 * 44_100 * 2 * 3]);
    expect(await place.service.library.lastBackup()).toMatchObject({ entries: 5 });
  });

  test('for which there is no space is refused before it begins', async () => {
    const place = workplace();
    await place.service.addRecording(await musicFile(1, 1));
    await place.service.stop();
    const scarce = workplace({ storage: place.storage, quotaBytes: 1000 });
    expect(await rejection(scarce.service.library.backUp({ kind: 'download' }, new Map()))).toBe('storage/full');
    expect(await scarce.service.library.lastBackup()).toBeNull();
  });

  test('that is stopped leaves no half of a zip', async () => {
    const place = workplace();
    await place.service.addRecording(await musicFile(2, 1));
    const stop = new AbortController();
    expect(await rejection(place.service.library.backUp({ kind: 'download' }, new Map(), { signal: stop.signal, onProgress: () => stop.abort() }))).toBe('job/cancelled');
    expect((await place.storage.bytes.list()).filter(({ folder }) => folder === 'exports')).toEqual([]);
  });

  test.each([
    ['a/b:c*?.', 'a-b-c--'],
    ['con', '_con'],
    ['  ', 'untitled'],
    ['厨房 录音', '厨房 录音'],
  ])('the name %j is written as %j', (name, written) => {
    expect(fileName(name)).toBe(written);
  });

  test('two of a name are told apart, whatever their letter case', () => {
    const pathOf = uniquePaths();
    expect([pathOf('a', 'x', '.wav'), pathOf('a', 'X', '.wav'), pathOf('b', 'x', '.wav'), pathOf('a', 'x', '.wav')]).toEqual(['a/x.wav', 'a/X (2).wav', 'b/x.wav', 'a/x (3).wav']);
  });
});
