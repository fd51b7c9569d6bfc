import { afterEach, expect, test, vi } from 'vitest';
import { type LibraryEntry, UNDO_MS } from '../../../web/jobs/library/contract.ts';
import { ramp } from '../../support/take-journal.ts';
import { readZip } from '../../support/zip.ts';
import { fakeMicrophones } from '../support/fake-microphones.ts';
import { openWorkplace, type Workplace } from './workplace.ts';

const open: Workplace[] = [];
afterEach(async () => {
  for (const { service } of open.splice(0)) await service.stop();
});

/** Two seconds, recorded and kept. */
async function kept() {
  const machine = fakeMicrophones();
  const place = openWorkplace({ microphones: machine.microphones, nowMs: machine.nowMs });
  open.push(place);
  const { takes, library } = place.service;
  const live = await takes.start({ deviceId: null, echoCancellation: false, noiseSuppression: false, autoGainControl: false, name: 'Take 1', withPreset: null, input: null });
  machine.opened.at(-1)!.play([ramp(0, 96_000)]);
  await vi.waitFor(() => expect(live.state().elapsedSeconds).toBeCloseTo(2, 3));
  return { ...place, takes, library, info: await live.stop() };
}

const listed = ({ service }: Workplace): Promise<readonly LibraryEntry[]> =>
  new Promise((resolve) => {
    const stop = service.library.watch((entries) => {
      queueMicrotask(() => stop());
      resolve(entries);
    });
  });

test('a take that is kept is listed as one, recorded here; its role as reference counts', async () => {
  const place = await kept();
  expect(await listed(place)).toMatchObject([{ id: place.info.recordingId, kind: 'take', name: 'Take 1', origin: 'recorded', seconds: 2, channels: 1, isReference: false }]);
  await place.takes.edit(place.info.id, { role: 'reference' });
  expect((await listed(place))[0]).toMatchObject({ isReference: true });
});

test('renamed in the library it is renamed as a take too; its tags outlive a new trim', async () => {
  const place = await kept();
  await place.library.rename({ id: place.info.recordingId!, kind: 'take' }, 'Chorus');
  await place.library.tag(place.info.recordingId!, ['loud']);
  const trimmed = await place.takes.edit(place.info.id, { trim: { startFrame: 0, endFrame: 48_000 } });
  expect(trimmed.name).toBe('Chorus');
  expect(await listed(place)).toMatchObject([{ id: trimmed.recordingId, name: 'Chorus', tags: ['loud'], seconds: 1 }]);
});

test('deleted it keeps its journal until the time to undo is over, and not longer; a crash in between changes nothing', async () => {
  const place = await kept();
  const entry = { id: place.info.recordingId!, kind: 'take', name: 'Take 1' } as const;
  await place.library.bin([entry]);
  expect(await listed(place)).toEqual([]);
  expect((await place.storage.bytes.list()).map(({ folder }) => folder)).toContain('takes');
  await place.library.restore([entry.id]);
  expect(await listed(place)).toHaveLength(1);

  await place.library.bin([entry]);
  await place.service.stop();
  await place.storage.documents.remove('recordings', entry.id);
  const after = openWorkplace({ storage: place.storage, nowMs: () => Date.now() + 1e12 + UNDO_MS });
  open.push(after);
  await expect.poll(async () => (await place.storage.bytes.list()).filter(({ folder }) => folder === 'takes')).toEqual([]);
  expect(await place.storage.documents.list('takes')).toEqual([]);
});

test('a copy of everything holds it as a 24-bit WAV file', async () => {
  const place = await kept();
  const zip = await place.library.backUp({ kind: 'download' }, new Map());
  const wav = readZip(Buffer.from(await zip!.arrayBuffer())).get('takes/Take 1.wav')!;
  expect([wav.toString('latin1', 0, 4), wav.readUInt16LE(34), wav.length]).toEqual(['RIFF', 24, 44 + 96_000 * 3]);
  expect((await place.library.file(place.info.recordingId!)).size).toBe(wav.length);
});
