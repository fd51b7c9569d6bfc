/** What the emulator's account holds: files while it runs, and voices, which outlive it in a file where it has a folder. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Character } from './character.ts';

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly bytes: Uint8Array;
  /** s since 1970 */
  readonly createdAt: number;
}

const voiceSchema = z.object({ id: z.string(), fileId: z.string(), model: z.string(), createdAt: z.number(), contentHash: z.string(), character: z.object({ f0Hz: z.number(), brightnessDb: z.number() }) });
export type StoredVoice = z.output<typeof voiceSchema>;

/** The documented most of one account. */
const MOST_FILES = 1000;
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const newName = (): string => randomBytes(12).toString('base64url').replace(/[-_]/g, 'x').slice(0, 10);

export interface EmulatorStore {
  addFile(filename: string, bytes: Uint8Array, nowMs: number): StoredFile | null;
  file(id: string): StoredFile | null;
  files(): readonly StoredFile[];
  removeFile(id: string): boolean;
  /** Oldest first. */
  voices(): readonly StoredVoice[];
  /** The same sample and model is the same voice. */
  addVoice(file: StoredFile, model: string, character: Character, nowMs: number): { readonly voice: StoredVoice; readonly duplicated: boolean };
}

export function createEmulatorStore(folder: string | null): EmulatorStore {
  const place = folder === null ? null : join(folder, 'voices.json');
  const files = new Map<string, StoredFile>();
  let voices: StoredVoice[] = [];
  try {
    if (place !== null) voices = z.array(voiceSchema).parse(JSON.parse(readFileSync(place, 'utf8')));
  } catch {
    // None yet.
  }

  function save(): void {
    if (place === null) return;
    mkdirSync(folder!, { recursive: true });
    writeFileSync(`${place}.new`, JSON.stringify(voices));
    renameSync(`${place}.new`, place);
  }

  return {
    addFile(filename, bytes, nowMs) {
      if (files.size >= MOST_FILES) return null;
      const file = { id: `file-${newName()}`, filename, bytes, createdAt: Math.floor(nowMs / 1000) };
      files.set(file.id, file);
      return file;
    },
    file: (id) => files.get(id) ?? null,
    files: () => [...files.values()],
    removeFile: (id) => files.delete(id),
    voices: () => voices,
    addVoice(file, model, character, nowMs) {
      const contentHash = hashOf(file.bytes);
      const known = voices.find((voice) => voice.contentHash === contentHash && voice.model === model);
      if (known) return { voice: known, duplicated: true };
      const voice = { id: `voice-tone-${newName()}`, fileId: file.id, model, createdAt: Math.floor(nowMs / 1000), contentHash, character };
      voices = [...voices, voice];
      save();
      return { voice, duplicated: false };
    },
  };
}
