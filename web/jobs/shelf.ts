/** The shelf of recordings: kept once each, decoded, removed. */
import { AppError, toAppError } from '../../shared/errors.ts';
import { measuredRecording } from '../pipeline/analyze.ts';
import { decode, recordingLock } from '../pipeline/decode.ts';
import type { StageTools } from '../pipeline/stage.ts';
import type { RecordingRecord } from '../storage/contract.ts';
import type { HashedFile } from '../workers/decode/contract.ts';
import { releaseTake } from './drop-take.ts';
import type { LongTask, RecordingInfo, RecordingOrigin } from './contract.ts';

/** Shares of adding: hashing, keeping, decoding. */
const HASHED = 0.15;
const KEPT = 0.3;

/** Shared by who keeps a recording, held alone by who cleans: bytes whose fact is about to be written are never taken. */
export const KEEP_LOCK = 'tonetwin-keep';

export const infoOf = ({ id, name, bytes, addedMs, state }: RecordingRecord): RecordingInfo => ({ id, name, bytes, addedMs, state });

export interface Shelf {
  add(file: File, task: LongTask & { readonly allowFallbackDecoder?: boolean; readonly origin?: RecordingOrigin }): Promise<RecordingInfo>;
  /** Facts first, then bytes: nothing ever points at what is gone. */
  remove(id: string): Promise<void>;
  /** Goes on with what a reload interrupted. */
  resume(): Promise<void>;
}

export function createShelf(tools: StageTools, freeBytes: () => Promise<number>): Shelf {
  const { storage, workers, nowMs } = tools;
  const { documents, bytes } = storage;

  async function keep(file: File, { hash: id, bytes: read }: HashedFile, allowFallbackDecoder: boolean, origin: RecordingOrigin, task: LongTask): Promise<boolean> {
    // Given once more while it waits to be removed: it stays.
    await documents.remove('bin', id);
    const before = await documents.update('recordings', id, (record) =>
      record && { ...record, usedMs: nowMs(), allowFallbackDecoder: record.allowFallbackDecoder || allowFallbackDecoder });
    if (before) return false;
    if ((await freeBytes()) < file.size) throw new AppError('storage/full');
    const onProgress = (fraction: number): void => task.onProgress?.(HASHED + (KEPT - HASHED) * fraction);
    await workers.decode.call('keep', { file: read ?? file, recordingId: id }, { signal: task.signal, onProgress }, read ? [read] : []);
    const now = nowMs();
    await documents.put('recordings', {
      id, name: file.name, bytes: file.size, addedMs: now, usedMs: now, state: { status: 'decoding', percent: 0 }, readAs: null, allowFallbackDecoder, origin,
    });
    return true;
  }

  const shelf: Shelf = {
    async add(file, { allowFallbackDecoder = false, origin = 'file', ...task }) {
      if (file.size === 0) throw new AppError('audio/empty');
      const hashed = await workers.decode.call('hash', file, { signal: task.signal, onProgress: (fraction) => task.onProgress?.(HASHED * fraction) });
      const id = hashed.hash;
      const isNew = await tools.sharing(KEEP_LOCK, () => tools.exclusively(recordingLock(id), () => keep(file, hashed, allowFallbackDecoder, origin, task)));
      try {
        return infoOf(await decode(id, tools, { signal: task.signal, onProgress: (fraction) => task.onProgress?.(KEPT + (1 - KEPT) * fraction) }));
      } catch (thrown) {
        // A file that cannot be used leaves nothing behind.
        if (isNew) await shelf.remove(id);
        throw toAppError(thrown);
      }
    },
    async remove(id) {
      // Its own record tells; where a crash took that already, the take does.
      const takeId = (await documents.get('recordings', id))?.take?.id ?? (await documents.list('takes')).find(({ recordingId }) => recordingId === id)?.id;
      await documents.remove('recordings', id);
      for (const table of ['peaks', 'cards', 'labels'] as const) await documents.remove(table, id);
      for (const features of await documents.ids('features')) if (measuredRecording(features) === id) await documents.remove('features', features);
      await bytes.remove({ folder: 'decoded', id });
      await bytes.remove({ folder: 'recordings', id });
      if (takeId !== undefined) await releaseTake(storage, takeId, id);
    },
    async resume() {
      const interrupted = (await documents.list('recordings')).filter(({ state }) => state.status === 'decoding');
      // What fails says so in the list.
      for (const { id } of interrupted) await decode(id, tools).catch(() => undefined);
    },
  };
  return shelf;
}
