/** What has to be on the server, from what is here, what a person wants and what is there already. Pure. */
import type { FileName, SyncChoiceRecord, SyncSettingsRecord, UploadRecord } from '../../storage/contract.ts';
import type { LibraryEntry } from '../library/contract.ts';
import { isBacked, markOf } from './facts.ts';

export const DEFAULT_SETTINGS: SyncSettingsRecord = { id: 'settings', mode: 'chosen', metered: false };

export const fileUploadId = ({ folder, id }: FileName): string => `file ${folder}/${id}`;
export const factsUploadId = (entryId: string): string => `facts ${entryId}`;

/** `recordings/abc` of `file recordings/abc`. */
export function fileOfUpload(uploadId: string): FileName | null {
  const [, folder, id] = /^file (\w+)\/(.+)$/.exec(uploadId) ?? [];
  return folder && id ? { folder: folder as FileName['folder'], id } : null;
}

export interface Planned {
  readonly uploadId: string;
  readonly entry: LibraryEntry;
  /** What it has to be a copy of; null: nothing but itself, which never changes. */
  readonly content: string | null;
}

export const isWanted = (id: string, settings: SyncSettingsRecord, choices: ReadonlyMap<string, SyncChoiceRecord>): boolean => choices.get(id)?.wanted ?? settings.mode === 'all';

/** @param takes  the take of each recording that is one */
export const entryFileName = ({ id, kind }: LibraryEntry, takes: ReadonlyMap<string, string>): FileName => {
  const takeId = takes.get(id);
  if (takeId !== undefined) return { folder: 'takes', id: takeId };
  return { folder: kind === 'result' ? 'results' : 'recordings', id };
};

/** Files before what is said of them: that an entry is in the backup is known once both are. The smallest first. */
export function planUploads(entries: readonly LibraryEntry[], settings: SyncSettingsRecord, choices: ReadonlyMap<string, SyncChoiceRecord>, takes: ReadonlyMap<string, string>): Planned[] {
  const wanted = entries.filter((entry) => isBacked(entry) && isWanted(entry.id, settings, choices)).sort((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0) || a.addedMs - b.addedMs);
  const planned = new Map<string, Planned>();
  for (const entry of wanted) {
    const uploadId = fileUploadId(entryFileName(entry, takes));
    // Parts of one take share its file.
    if (!planned.has(uploadId)) planned.set(uploadId, { uploadId, entry, content: null });
    planned.set(factsUploadId(entry.id), { uploadId: factsUploadId(entry.id), entry, content: markOf(entry) });
  }
  return [...planned.values()];
}

/** Whether what was sent, or began to be, is no longer what is wanted. */
export const isOutdated = ({ content }: Planned, record: UploadRecord): boolean => content !== null && record.content !== content;

/** What is due, in the order of the plan. `nextMs` is when something else will be; Infinity: nothing will. */
export function dueUploads(planned: readonly Planned[], records: ReadonlyMap<string, UploadRecord>, nowMs: number): { readonly due: readonly Planned[]; readonly nextMs: number } {
  const due: Planned[] = [];
  let nextMs = Infinity;
  for (const one of planned) {
    const record = records.get(one.uploadId);
    if (!record || isOutdated(one, record)) {
      due.push(one);
      continue;
    }
    switch (record.state.status) {
      case 'sending':
        due.push(one);
        break;
      case 'waiting':
        if (record.state.notBeforeMs <= nowMs) due.push(one);
        else nextMs = Math.min(nextMs, record.state.notBeforeMs);
        break;
      case 'failed':
      case 'stored':
        break;
      default:
        record.state satisfies never;
    }
  }
  return { due, nextMs };
}
