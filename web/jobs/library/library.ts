/** The library over the stores. */
import { AppError } from '../../../shared/errors.ts';
import type { StageTools } from '../../pipeline/stage.ts';
import type { LabelRecord, Table } from '../../storage/contract.ts';
import type { Peaks } from '../contract.ts';
import { watchList } from '../watch.ts';
import { backUp } from './backup.ts';
import type { Bin } from './bin.ts';
import type { LibraryService } from './contract.ts';
import { LIBRARY_TABLES, readEntries } from './entries.ts';
import { endingOf, withoutEnding } from './file-ending.ts';
import { presetNames, readPreset, savePreset } from './presets.ts';
import { createThumbnails } from './thumbnails.ts';

export interface LibraryParts {
  readonly tools: StageTools;
  readonly bin: Bin;
  readonly onChange: (tables: readonly Table[], listener: () => void) => () => void;
  readonly peaks: (id: string, columns: number) => Promise<Peaks>;
  readonly freeBytes: () => Promise<number>;
}

export function createLibrary({ tools, bin, onChange, peaks, freeBytes }: LibraryParts): LibraryService {
  const { documents, bytes } = tools.storage;
  const label = (id: string, change: Partial<LabelRecord>): Promise<unknown> =>
    documents.update('labels', id, (before) => ({ title: null, tags: [], isReference: false, ...before, ...change, id }));

  return {
    watch: (listener) => watchList(() => readEntries(documents), (changed) => onChange(LIBRARY_TABLES, changed), listener),
    thumbnail: createThumbnails(documents, peaks),
    async rename({ id, kind }, wanted) {
      const name = wanted.trim();
      if (kind === 'result') await label(id, { title: name || null });
      else if (name && kind === 'preset') await documents.update('presets', id, (before) => before && { ...before, name });
      else if (name) {
        const renamed = await documents.update('recordings', id, (before) => before && { ...before, name: `${withoutEnding(name)}${endingOf(before.name)}` });
        if (renamed?.take) await documents.update('takes', renamed.take.id, (before) => before && { ...before, name });
      }
    },
    async file(id) {
      if (!(await documents.get('recordings', id))) throw new AppError('storage/missing');
      // What was recorded here lies in no file of its own.
      const isFile = (await bytes.list()).some((file) => file.folder === 'recordings' && file.id === id);
      return bytes.blob(isFile ? { folder: 'recordings', id } : await tools.workers.exportWav.call('write', { resultId: id, bitDepth: '24' }));
    },
    async tag(id, wanted) {
      await label(id, { tags: [...new Set(wanted.map((tag) => tag.trim()).filter(Boolean))] });
    },
    async markReference(id, isReference) {
      await label(id, { isReference });
    },
    bin: (entries) => bin.put(entries),
    restore: (ids) => bin.restore(ids),
    watchBin: (listener) => watchList(() => bin.list(), (changed) => onChange(['bin'], changed), listener),
    watchPresets: (listener) => watchList(() => presetNames(documents), (changed) => onChange(['presets', 'bin'], changed), listener),
    watchTitles: (listener) =>
      watchList(() => documents.list('labels'), (changed) => onChange(['labels'], changed), (labels) => listener(new Map(labels.flatMap(({ id, title }) => (title === null ? [] : [[id, title]]))))),
    savePreset: (preset) => savePreset(documents, preset, tools.nowMs()),
    preset: (id) => readPreset(documents, id),
    backUp: async (target, names, task = {}) => backUp(tools, await readEntries(documents), target, names, freeBytes, task),
    lastBackup: async () => (await documents.get('backups', 'last')) ?? null,
  };
}
