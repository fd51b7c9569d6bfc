/** What is said about an entry, gathered to be backed up and put back where it was. Its bytes are a file of their own. */
import { AppError } from '../../../shared/errors.ts';
import type { Job } from '../../../shared/jobs.ts';
import { measuredRecording } from '../../pipeline/analyze.ts';
import type { BinRecord, DocumentStore, FeaturesRecord, FileName, LabelRecord, RecordingRecord, StyleRecord, TakeRecord } from '../../storage/contract.ts';
import { pcmFileBytes } from '../../storage/pcm-file.ts';
import type { ResultInfo } from '../contract.ts';
import type { LibraryEntry } from '../library/contract.ts';

/** Recordings, takes and results; presets go another way. */
export type BackedKind = 'recording' | 'take' | 'result';

/** The file that an entry is heard from. */
export interface EntryFile {
  readonly name: FileName;
  /** Of the part that is backed up: what follows the readable end of a take is not. */
  readonly bytes: number;
  /** SHA-256, hexadecimal; null where it has to be computed. */
  readonly hash: string | null;
}

export interface Facts {
  readonly version: 1;
  readonly entryId: string;
  readonly kind: BackedKind;
  readonly file: { readonly folder: FileName['folder']; readonly id: string; readonly bytes: number };
  readonly recording: RecordingRecord | null;
  readonly take: TakeRecord | null;
  readonly result: ResultInfo | null;
  /** That made the result, so that the studio shows it. */
  readonly job: Job | null;
  readonly styles: readonly StyleRecord[];
  readonly features: readonly FeaturesRecord[];
  readonly label: LabelRecord | null;
}

/** What a list of the backup shows, small enough to lie beside the blob. */
export interface Card {
  readonly id: string;
  readonly kind: BackedKind;
  readonly name: string | null;
  readonly ending: string;
  readonly addedMs: number;
  readonly seconds: number | null;
  readonly sampleRate: number | null;
  readonly channels: 1 | 2 | null;
  readonly integratedLufs: number | null;
  readonly isReference: boolean;
  readonly targetId: string | null;
  readonly referenceId: string | null;
  /** `<folder>/<id>` of its file. */
  readonly file: string;
  /** Is read in place, and so from the server too. */
  readonly canPlay: boolean;
}

/** Together with the key it has to fit into what the server keeps beside a blob (shared/api/uploads.ts), four bytes a letter. */
const MOST_NAME = 400;

export function cardOf(entry: LibraryEntry & { readonly kind: BackedKind }, { file, recording }: Facts): Card {
  const { id, kind, name, ending, addedMs, seconds, sampleRate, channels, integratedLufs, isReference, targetId, referenceId } = entry;
  return {
    id, kind, name: name?.slice(0, MOST_NAME) ?? null, ending, addedMs, seconds, sampleRate, channels, integratedLufs, isReference, targetId, referenceId,
    file: `${file.folder}/${file.id}`, canPlay: recording === null || (recording.readAs !== null && recording.readAs !== 'copy'),
  };
}

/** What shows that facts have changed since they were sent, without reading them all. */
export const markOf = (entry: LibraryEntry): string => JSON.stringify([entry.name, entry.tags, entry.isReference, entry.state, entry.integratedLufs, entry.seconds]);

export const isBacked = (entry: LibraryEntry): entry is LibraryEntry & { readonly kind: BackedKind } => entry.kind !== 'preset' && entry.state === 'ready';

/** @returns null where it is not here any more */
export async function fileOf(documents: DocumentStore, entryId: string): Promise<EntryFile | null> {
  const recording = await documents.get('recordings', entryId);
  if (recording?.take) {
    const content = (await documents.get('takes', recording.take.id))?.content;
    return content ? { name: { folder: 'takes', id: recording.take.id }, bytes: content.bytes, hash: content.hash } : null;
  }
  if (recording) return { name: { folder: 'recordings', id: entryId }, bytes: recording.bytes, hash: entryId };
  const result = await documents.get('results', entryId);
  return result ? { name: { folder: 'results', id: entryId }, bytes: pcmFileBytes(result.frames, result.channels), hash: null } : null;
}

/** @throws AppError 'storage/missing' */
export async function gatherFacts(documents: DocumentStore, entryId: string, kind: BackedKind): Promise<Facts> {
  const file = await fileOf(documents, entryId);
  if (!file) throw new AppError('storage/missing');
  const stored = await documents.get('recordings', entryId);
  // When it was last used here is nobody else's concern, and would make equal facts differ.
  const recording = stored ? { ...stored, usedMs: stored.addedMs } : null;
  const result = (await documents.get('results', entryId)) ?? null;
  const job = (result && (await documents.get('jobs', result.jobId))) ?? null;
  const take = (recording?.take && (await documents.get('takes', recording.take.id))) ?? null;
  const styleIds = [job?.styleId, take?.withPreset].filter((id) => typeof id === 'string');
  const styles = await Promise.all(styleIds.map((id) => documents.get('styles', id)));
  const measured = (await documents.ids('features')).filter((id) => measuredRecording(id) === entryId);
  const features = await Promise.all(measured.map((id) => documents.get('features', id)));
  return {
    version: 1, entryId, kind, file: { ...file.name, bytes: file.bytes }, recording, take, result, job,
    styles: styles.filter((style) => style !== undefined), features: features.filter((one) => one !== undefined),
    label: (await documents.get('labels', entryId)) ?? null,
  };
}

/**
 * Puts facts back; the bytes have to be there. What a person has said here since is left as it is. The fact that makes the entry
 * appear goes last.
 * @throws AppError 'vault/newer'
 */
export async function putFacts(documents: DocumentStore, facts: Facts, nowMs: number): Promise<void> {
  if (facts.version !== 1) throw new AppError('vault/newer');
  const { recording, take, result, job, label } = facts;
  for (const style of facts.styles) await documents.update('styles', style.id, (before) => before ?? style);
  for (const features of facts.features) await documents.update('features', features.id, (before) => before ?? features);
  if (label) await documents.update('labels', label.id, (before) => before ?? label);
  await documents.remove('bin', facts.entryId satisfies BinRecord['id']);
  // The take names its recording, and is found by its journal without it: the recording may come first.
  if (recording) await documents.update('recordings', recording.id, (before) => before ?? { ...recording, usedMs: nowMs });
  if (take) await documents.update('takes', take.id, (before) => (before?.status === 'kept' ? before : take));
  if (job) await documents.update('jobs', job.id, (before) => before ?? job);
  if (result) await documents.update('results', result.id, (before) => before ?? result);
}
