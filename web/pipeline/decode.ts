/** decode: a kept recording becomes audio that can be read in pieces. */
import { AppError, toAppError } from '../../shared/errors.ts';
import type { RecordingRecord, Storage } from '../storage/contract.ts';
import type { DecodedFacts } from '../workers/decode/contract.ts';
import type { StageTask, StageTools } from './stage.ts';

/** Progress is stored this often at most. */
const PROGRESS_MS = 250;

/** One works on a recording's bytes at a time. */
export const recordingLock = (id: string): string => `tonetwin-recording-${id}`;

async function hasAudio({ bytes }: Storage, { id, state, readAs }: RecordingRecord): Promise<boolean> {
  if (state.status !== 'ready') return false;
  if (readAs !== 'copy') return true;
  return (await bytes.list()).some((file) => file.folder === 'decoded' && file.id === id);
}

/**
 * Makes sure that a recording can be read: decodes it once, and again where the decoded copy was cleaned away.
 * @throws AppError 'storage/missing' when there is no such recording, 'audio/needs-fallback' when the person has not agreed to the
 *   additional decoder, 'audio/*'; the record then says 'failed'
 */
export async function decode(recordingId: string, tools: StageTools, task: StageTask = {}): Promise<RecordingRecord> {
  return tools.exclusively(recordingLock(recordingId), async () => {
    const { documents } = tools.storage;
    const record = await documents.get('recordings', recordingId);
    if (!record) throw new AppError('storage/missing');
    if (await hasAudio(tools.storage, record)) return record;

    let lastMs = -Infinity;
    const onProgress = (fraction: number): void => {
      task.onProgress?.(fraction, null);
      const now = tools.nowMs();
      if (now - lastMs < PROGRESS_MS) return;
      lastMs = now;
      const percent = Math.round(100 * fraction);
      void documents
        .update('recordings', recordingId, (before) => (before?.state.status === 'decoding' ? { ...before, state: { status: 'decoding', percent } } : before))
        .catch(() => undefined);
    };
    await documents.update('recordings', recordingId, (before) => before && { ...before, state: { status: 'decoding', percent: 0 } });
    try {
      const { readAs, sampleRate, channels, frames, notices } = await decodeBytes(record, tools, { ...task, onProgress });
      const ready = await documents.update('recordings', recordingId, (before) =>
        before && { ...before, readAs, usedMs: tools.nowMs(), state: { status: 'ready', sampleRate, channels, frames, notices } });
      if (!ready) throw new AppError('storage/missing');
      return ready;
    } catch (thrown) {
      const error = toAppError(thrown);
      // Stopping is no failure of the file: whoever needs it next decodes it.
      if (error.code !== 'job/cancelled') {
        await documents.update('recordings', recordingId, (before) => before && { ...before, state: { status: 'failed', error: error.toBody() } });
      }
      throw error;
    }
  });
}

async function decodeBytes(record: RecordingRecord, { workers }: StageTools, task: StageTask): Promise<DecodedFacts> {
  const request = { recordingId: record.id, name: record.name };
  try {
    return await workers.decode.call('decode', request, task);
  } catch (thrown) {
    const isAllowed = record.allowFallbackDecoder && thrown instanceof AppError && thrown.code === 'audio/needs-fallback';
    if (!isAllowed) throw thrown;
    return workers.fallback.call('decode', request, task);
  }
}
