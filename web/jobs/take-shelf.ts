/**
 * Takes that are not being recorded: found, heard, kept, changed, discarded. A journal is enough to find a take by; the document
 * beside it holds what was said about it.
 */
import { AppError, toAppError } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { TakeSegment, TakeTrim } from '../../shared/takes.ts';
import { openTakeJournal } from '../../wasm/formats/take-journal/journal-reader.ts';
import { gapNotices, takeFormat } from '../../wasm/formats/take-journal/take-pcm.ts';
import type { StageTools } from '../pipeline/stage.ts';
import type { RecordingRecord, StoredFile, TakeContent, TakeRecord } from '../storage/contract.ts';
import { openTakeBytes, removeTakeBytes, takesAmong } from '../storage/take-bytes.ts';
import { openTake } from '../storage/open-take.ts';
import { dropTake } from './drop-take.ts';
import type { Locks } from './runner.ts';
import { sha256 } from './sha256.ts';
import { KEEP_LOCK } from './shelf.ts';
import type { TakeEdit, TakeInfo } from './takes-contract.ts';

/** Held while a take is recorded: so that one whose tab is gone can be told from one that goes on elsewhere. */
export const takeLock = (id: string): string => `tonetwin-take-${id}`;

export interface TakeShelf {
  list(): Promise<TakeInfo[]>;
  /** @throws AppError 'storage/missing' */
  info(id: string): Promise<TakeInfo>;
  pcm(id: string): Promise<PcmSource>;
  keep(id: string): Promise<string>;
  /** `keep` for who recorded it and still holds its lock. */
  keepEnded(id: string): Promise<string>;
  discard(id: string): Promise<void>;
  edit(id: string, edit: TakeEdit): Promise<TakeInfo>;
}

export interface TakeShelfParts {
  readonly tools: StageTools;
  readonly locks: Pick<Locks, 'isHeld'>;
  /** Queues the style that a take was recorded with. */
  readonly renderPreset: (recordingId: string, styleId: string) => Promise<void>;
  /** Removes a recording and the jobs that still work on it. */
  readonly removeRecording: (id: string) => Promise<void>;
  /** Hears of every recording that a take has become. */
  readonly onKept: (recording: RecordingRecord) => void;
}

const takeSeconds = (segments: readonly TakeSegment[]): number => segments.reduce((sum, { frames, sampleRate }) => sum + frames / sampleRate, 0);

/** Every trim is a recording of its own: what was measured of one is not true of the other. */
const recordingIdOf = async ({ hash }: TakeContent, trim: TakeTrim | null): Promise<string> =>
  trim === null ? hash : sha256(`${hash} ${trim.startFrame} ${trim.endFrame}`);

function recordingOf(id: string, record: TakeRecord, content: TakeContent, nowMs: number): RecordingRecord {
  const { sampleRate, channels, frames } = takeFormat(content.segments);
  const { trim } = record;
  const trimmed = trim === null ? frames : Math.max(0, Math.min(frames, trim.endFrame) - Math.max(0, trim.startFrame));
  if (trimmed === 0) throw new AppError('audio/empty');
  return {
    id, name: record.name, bytes: content.bytes, addedMs: record.startedMs, usedMs: nowMs,
    state: { status: 'ready', sampleRate, channels, frames: trimmed, notices: gapNotices(content.segments) },
    readAs: 'take', take: { id: record.id, trim }, allowFallbackDecoder: false,
  };
}

export function createTakeShelf({ tools, locks, renderPreset, removeRecording, onKept }: TakeShelfParts): TakeShelf {
  const { storage, workers, nowMs } = tools;
  const { documents, bytes } = storage;
  /** What is in journals nobody ended: looked into once for each length. */
  const seen = new Map<string, { readonly bytes: number; readonly content: ReturnType<typeof lookInto> }>();

  async function lookInto({ id }: StoredFile) {
    const { identity, segments, markers, bytes: length } = await openTakeJournal(await openTakeBytes(bytes, id));
    return { name: identity?.name ?? '', startedMs: identity?.startedMs ?? segments[0]?.startedMs ?? 0, segments, markers, bytes: length };
  }
  function look(file: StoredFile): ReturnType<typeof lookInto> {
    const known = seen.get(file.id);
    if (known?.bytes === file.bytes) return known.content;
    const content = lookInto(file);
    seen.set(file.id, { bytes: file.bytes, content });
    content.catch(() => seen.delete(file.id));
    return content;
  }

  const journals = async (): Promise<StoredFile[]> => takesAmong(await bytes.list());

  /** The document, or what takes its place where it was lost. undefined: nothing has been heard yet, or it is no journal. */
  async function describe(file: StoredFile, known: TakeRecord | undefined): Promise<TakeInfo | undefined> {
    const { id } = file;
    if (known?.status === 'discarded') return undefined;
    const isHeld = known?.status !== 'kept' && (await locks.isHeld(takeLock(id)));
    const found = isHeld || known?.content ? undefined : await look(file).catch(() => undefined);
    const content = known?.content ?? found;
    const segments = content?.segments ?? [];
    const seconds = takeSeconds(segments);
    if (!isHeld && seconds === 0) return undefined;
    const startedMs = known?.startedMs ?? found?.startedMs ?? 0;
    const name = known?.name ?? found?.name ?? '';
    return {
      id, name, startedMs, segments, seconds, markers: content?.markers ?? [], bytes: content?.bytes ?? file.bytes,
      endedMs: isHeld ? null : (known?.endedMs ?? startedMs + Math.round(1000 * seconds)),
      state: isHeld ? 'recording' : known?.status === 'kept' ? 'kept' : 'interrupted',
      recordingId: known?.recordingId ?? null, trim: known?.trim ?? null, role: known?.role ?? null, backings: known?.backings ?? [], withPreset: known?.withPreset ?? null,
    };
  }

  async function fileOf(id: string): Promise<StoredFile> {
    const file = (await journals()).find((one) => one.id === id);
    if (!file) throw new AppError('storage/missing');
    return file;
  }

  async function recordOf(id: string): Promise<TakeRecord> {
    const known = await documents.get('takes', id);
    if (known) return known;
    const { name, startedMs } = await look(await fileOf(id));
    return { id, name, startedMs, endedMs: null, status: 'recording', content: null, recordingId: null, trim: null, role: null, withPreset: null };
  }

  async function free(id: string): Promise<void> {
    if (await locks.isHeld(takeLock(id))) throw new AppError('capture/busy');
  }

  /** The recording first, then the take that names it: what is found again in between is kept again, as the same. */
  async function store(record: TakeRecord, content: TakeContent): Promise<string> {
    const recordingId = await recordingIdOf(content, record.trim);
    const recording = recordingOf(recordingId, record, content, nowMs());
    await documents.put('recordings', recording);
    // A preset that cannot be queued is no reason to keep a take from its owner.
    if (record.withPreset !== null && record.status === 'recording') await renderPreset(recordingId, record.withPreset).catch(() => undefined);
    const endedMs = record.endedMs ?? record.startedMs + Math.round(1000 * takeSeconds(content.segments));
    await documents.put('takes', { ...record, status: 'kept', content, recordingId, endedMs });
    onKept(recording);
    return recordingId;
  }

  /** Another trim is another recording; the one before goes, unless something was made from it. */
  async function forget(recordingId: string): Promise<void> {
    const isUsed = (await documents.list('jobs')).some(({ targetId, referenceId }) => targetId === recordingId || referenceId === recordingId);
    if (!isUsed) await removeRecording(recordingId);
  }

  const shelf: TakeShelf = {
    async list() {
      const [files, records] = await Promise.all([journals(), documents.list('takes')]);
      const byId = new Map(records.map((record) => [record.id, record]));
      const infos = await Promise.all(files.map((file) => describe(file, byId.get(file.id))));
      return infos.filter((info) => info !== undefined).sort((a, b) => b.startedMs - a.startedMs);
    },
    async info(id) {
      const info = await describe(await fileOf(id), await documents.get('takes', id));
      if (!info) throw new AppError('storage/missing');
      return info;
    },
    pcm: (id) => openTake(bytes, id, null),
    async keep(id) {
      await free(id);
      return shelf.keepEnded(id);
    },
    keepEnded: (id) =>
      tools.exclusively(KEEP_LOCK, async () => {
        const record = await recordOf(id);
        if (record.status === 'discarded') throw new AppError('storage/missing');
        return record.recordingId ?? store(record, await workers.journal.call('inspect', id));
      }),
    async discard(id) {
      await free(id);
      for (const { id: recordingId, take } of await documents.list('recordings')) if (take?.id === id) await removeRecording(recordingId);
      await dropTake(storage, id).catch((thrown: unknown) => {
        // A full device cannot even note it: the bytes go first then, and take the need with them.
        if (toAppError(thrown).code !== 'storage/full') throw thrown;
        return removeTakeBytes(bytes, id).then(() => documents.remove('takes', id));
      });
    },
    async edit(id, edit) {
      await tools.exclusively(KEEP_LOCK, async () => {
        const before = await recordOf(id);
        const after: TakeRecord = { ...before, ...edit };
        if (before.status !== 'kept' || !before.content || !before.recordingId) {
          await documents.put('takes', after);
          return;
        }
        const recordingId = await store(after, before.content);
        if (recordingId === before.recordingId) return;
        // What the person said of it is said of the new one too.
        const label = await documents.get('labels', before.recordingId);
        if (label) await documents.put('labels', { ...label, id: recordingId });
        await forget(before.recordingId);
      });
      return shelf.info(id);
    },
  };
  return shelf;
}
