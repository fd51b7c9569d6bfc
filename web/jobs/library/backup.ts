/** A copy of everything, for a person to take away: what goes where, and the list that describes it. */
import { AppError } from '../../../shared/errors.ts';
import { styleToDocument } from '../../../shared/style-document.ts';
import { wavBytes } from '../../../wasm/formats/wav-writer.ts';
import type { StageTools } from '../../pipeline/stage.ts';
import { decode } from '../../pipeline/decode.ts';
import type { FileName } from '../../storage/contract.ts';
import type { ArchiveEntry, ArchiveTarget } from '../../workers/archive/contract.ts';
import type { LongTask } from '../contract.ts';
import type { BackupTarget, LibraryEntry } from './contract.ts';
import { readPreset } from './presets.ts';

const ZIP: FileName = { folder: 'exports', id: 'library.zip' };
const FOLDERS: Readonly<Record<LibraryEntry['kind'], string>> = { recording: 'recordings', take: 'takes', result: 'results', preset: 'presets' };
/** The longest name that every file system takes with room for a number and an ending. */
const NAME_LENGTH = 120;

/** A name that every file system takes. */
export function fileName(name: string): string {
  // Forbidden on Windows: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
  // oxlint-disable-next-line no-control-regex
  const plain = name.replace(/[<>:"/\\|?*\u0000-\u001f]/g, '-').replace(/[. ]+$/, '').trim();
  const safe = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `_${plain}` : plain;
  return safe.slice(0, NAME_LENGTH) || 'untitled';
}

/** Gives each path once; letter case does not tell two files apart everywhere. */
export function uniquePaths(): (folder: string, stem: string, ending: string) => string {
  const taken = new Set<string>();
  return (folder, stem, ending) => {
    for (let count = 1; ; count += 1) {
      const path = `${folder}/${stem}${count === 1 ? '' : ` (${count})`}${ending}`;
      if (taken.has(path.toLowerCase())) continue;
      taken.add(path.toLowerCase());
      return path;
    }
  };
}

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

/** @param names what results without a name of their own are called */
async function planBackup(tools: StageTools, entries: readonly LibraryEntry[], names: ReadonlyMap<string, string>): Promise<ArchiveEntry[]> {
  const { storage } = tools;
  const pathOf = uniquePaths();
  const keptAsGiven = new Set((await storage.bytes.list()).filter(({ folder }) => folder === 'recordings').map(({ id }) => id));
  const planned: ArchiveEntry[] = [];
  const list: unknown[] = [];
  for (const entry of entries) {
    const { id, kind, tags, addedMs, origin, targetId, referenceId, integratedLufs, seconds } = entry;
    const name = entry.name ?? names.get(id) ?? id;
    const place = (ending = entry.ending): string => pathOf(FOLDERS[kind], fileName(name), ending);
    const add = (path: string, bytes: number, source: ArchiveEntry['source']): void => {
      planned.push({ path, modifiedMs: addedMs, bytes, source });
      list.push({ path, id, kind, name, tags, addedMs, origin, targetId, referenceId, integratedLufs, seconds });
    };
    if (kind === 'preset') {
      const text = `${JSON.stringify(styleToDocument((await readPreset(storage.documents, id)).style), null, 2)}\n`;
      add(place(), utf8Bytes(text), { kind: 'text', text });
    } else if (keptAsGiven.has(id)) {
      add(place(), entry.bytes ?? 0, { kind: 'file', file: { folder: 'recordings', id } });
    } else if (seconds !== null && entry.sampleRate !== null && entry.channels !== null) {
      if (kind !== 'result') await decode(id, tools);
      const frames = Math.round(seconds * entry.sampleRate);
      add(place('.wav'), wavBytes({ sampleRate: entry.sampleRate, channels: entry.channels, frames, bitDepth: '24' }), { kind: 'wav', id });
    }
  }
  const text = `${JSON.stringify({ madeBy: 'Tonetwin', version: 1, entries: list }, null, 2)}\n`;
  planned.push({ path: 'library.json', modifiedMs: tools.nowMs(), bytes: utf8Bytes(text), source: { kind: 'text', text } });
  return planned;
}

export async function backUp(
  tools: StageTools,
  entries: readonly LibraryEntry[],
  target: BackupTarget,
  names: ReadonlyMap<string, string>,
  freeBytes: () => Promise<number>,
  { signal, onProgress }: LongTask,
): Promise<Blob | null> {
  const { storage, workers, nowMs } = tools;
  const planned = await planBackup(tools, entries, names);
  const bytes = planned.reduce((sum, entry) => sum + entry.bytes, 0);
  // A download passes through the browser's own storage.
  if (target.kind === 'download' && (await freeBytes()) < bytes) throw new AppError('storage/full');
  const place: ArchiveTarget = target.kind === 'download' ? { kind: 'stored', file: ZIP } : target;
  const written = await workers.archive.call('write', { entries: planned, target: place }, { signal, onProgress });
  await storage.documents.put('backups', { id: 'last', atMs: nowMs(), entries: entries.length, bytes: written });
  return target.kind === 'download' ? storage.bytes.blob(ZIP) : null;
}
