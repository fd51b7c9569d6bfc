/** Where each entry stands, from what is known of its uploads. Pure. */
import type { UploadRecord, UploadState } from '../../storage/contract.ts';
import type { LibraryEntry } from '../library/contract.ts';
import type { ItemState } from './contract.ts';
import { isBacked } from './facts.ts';
import { entryFileName, factsUploadId, fileUploadId } from './upload-plan.ts';

/** @param isWanted  whether it is to be in the backup; what is not, and is not there, is left out */
export function itemStates(entries: readonly LibraryEntry[], records: ReadonlyMap<string, UploadRecord>, takes: ReadonlyMap<string, string>, isWanted: (id: string) => boolean): Map<string, ItemState> {
  const states = new Map<string, ItemState>();
  for (const entry of entries) {
    if (!isBacked(entry)) continue;
    const [file, facts] = [fileUploadId(entryFileName(entry, takes)), factsUploadId(entry.id)].map((id) => records.get(id)?.state);
    const state = stateOf(file, facts);
    if (state.status === 'stored' || isWanted(entry.id)) states.set(entry.id, state);
  }
  return states;
}

function stateOf(file: UploadState | undefined, facts: UploadState | undefined): ItemState {
  for (const state of [file, facts]) if (state?.status === 'failed') return state;
  if (file?.status === 'stored') {
    // Its name is on the way: the bytes are safe, and it was in the backup before.
    return facts?.status === 'stored' ? { status: 'stored', storedMs: Math.max(file.storedMs, facts.storedMs) } : facts === undefined ? { status: 'queued' } : { status: 'uploading', percent: 99 };
  }
  if (file?.status === 'sending') return { status: 'uploading', percent: file.totalBytes ? Math.min(99, (100 * file.sentBytes) / file.totalBytes) : 0 };
  return { status: 'queued' };
}

export const lastStoredMs = (records: Iterable<UploadRecord>): number | null => {
  let last: number | null = null;
  for (const { state } of records) if (state.status === 'stored') last = Math.max(last ?? 0, state.storedMs);
  return last;
};
