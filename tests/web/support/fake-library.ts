/** A library in memory: what it is given, and presets saved to it. */
import { AppError } from '../../../shared/errors.ts';
import type { RecordingInfo } from '../../../web/jobs/contract.ts';
import type { LibraryEntry, LibraryService, NewPreset } from '../../../web/jobs/library/contract.ts';

const entryOf = ({ id, name, bytes, addedMs, state }: RecordingInfo): LibraryEntry => {
  const ready = state.status === 'ready' ? state : null;
  return {
    id, name, ending: '', bytes, addedMs, kind: 'recording', tags: [], origin: 'file', state: state.status, isReference: false, integratedLufs: null,
    seconds: ready && ready.frames / ready.sampleRate, sampleRate: ready?.sampleRate ?? null, channels: ready?.channels ?? null,
    targetId: null, referenceId: null, resultId: null, jobId: null,
  };
};

export function createFakeLibrary(recordings: () => readonly RecordingInfo[]): LibraryService {
  const presets = new Map<string, NewPreset>();
  return {
    watch(listener) {
      listener(recordings().map(entryOf));
      return () => undefined;
    },
    thumbnail: () => Promise.reject(new AppError('storage/missing')),
    rename: async () => undefined,
    file: async () => new Blob([]),
    tag: async () => undefined,
    markReference: async () => undefined,
    bin: async () => undefined,
    restore: async () => undefined,
    watchBin(listener) {
      listener([]);
      return () => undefined;
    },
    watchPresets(listener) {
      listener([...presets].map(([id, { name }]) => ({ id, name })));
      return () => undefined;
    },
    watchTitles(listener) {
      listener(new Map());
      return () => undefined;
    },
    async savePreset(preset) {
      const id = `preset-${presets.size}`;
      presets.set(id, preset);
      return id;
    },
    async preset(id) {
      const found = presets.get(id);
      if (!found) throw new AppError('storage/missing');
      return found;
    },
    backUp: async () => null,
    lastBackup: async () => null,
  };
}
