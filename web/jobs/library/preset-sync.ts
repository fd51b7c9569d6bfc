/**
 * Presets of an account and presets of this device, brought together: what is on one side comes to the other, a change or a
 * deletion travels, and of two changes the later one wins. Nothing is lost by it: the server keeps every version, and a sound that
 * was changed elsewhere stays here under a name of its own.
 *
 * What this device knew when it last looked is a ledger; a ledger that is lost is found again by what the presets hold.
 */
import { AppError, toAppError } from '../../../shared/errors.ts';
import * as presets from '../../../shared/api/presets.ts';
import { styleFromDocument, styleToDocument } from '../../../shared/style-document.ts';
import type { ApiClient } from '../../api/client.ts';
import { sha256 } from '../sha256.ts';
import type { LibraryService } from './contract.ts';

export type PresetShelf = Pick<LibraryService, 'watchPresets' | 'watchBin' | 'preset' | 'savePreset' | 'rename' | 'bin'>;

export interface PresetSyncParts {
  readonly client: Pick<ApiClient, 'call'>;
  readonly shelf: PresetShelf;
  readonly userId: string;
  readonly memory: { getItem(name: string): string | null; setItem(name: string, value: string): void };
  /** Runs `work` while no other tab does. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly nowMs: () => number;
  /** Of a sound that was changed elsewhere, as it was here. */
  readonly earlierName: (name: string) => string;
}

export interface PresetSync {
  /** @throws AppError 'network/unavailable' and what the server says; what was done until then stays done */
  run(): Promise<void>;
  /** Notes when a name was changed here: the later of two changes wins. Cheap; call it at every change of the shelf. */
  noteChanges(): Promise<void>;
  /** A preset's id on the server, where it is stored first if it is not yet. @throws AppError 'storage/missing' and as `run` */
  remoteId(localId: string): Promise<string>;
}

interface Link {
  /** null: the same sound is here already, by another link. */
  readonly localId: string | null;
  readonly version: number;
  readonly name: string;
  /** Of what it holds, whatever the order of its keys. */
  readonly digest: string;
  /** When the name was changed here since. */
  readonly changedMs?: number;
}
/** By the preset's id on the server. */
type Ledger = Record<string, Link>;
type Remote = { readonly id: string; readonly name: string; readonly version: number; readonly updated_at: string };

const PAGE = 100;
const LONGEST_NAME = 120;

/** JSON with its keys in order: databases keep them in an order of their own. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, inOrder(inner)]));
}

const digestOf = (document: unknown): Promise<string> => sha256(JSON.stringify(inOrder(JSON.parse(JSON.stringify(document)))));

function freeName(name: string, taken: ReadonlySet<string>): string {
  const base = name.trim().slice(0, LONGEST_NAME - 4).trim() || 'Preset';
  let free = name.trim() !== '' && name.trim().length <= LONGEST_NAME ? name.trim() : base;
  for (let n = 2; taken.has(free.toLowerCase()); n += 1) free = `${base} ${n}`;
  return free;
}

/** Deleted by another device in this very moment: the next run sees it. */
const unlessGone = (work: Promise<void>): Promise<void> =>
  work.catch((thrown: unknown) => {
    if (toAppError(thrown).code !== 'server/not-found') throw thrown;
  });

/** What a watch says first. */
function now<T>(watch: (listener: (value: T) => void) => () => void): Promise<T> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    let isHeard = false;
    stop = watch((value) => {
      if (isHeard) return;
      isHeard = true;
      resolve(value);
      stop?.();
    });
    if (isHeard) stop();
  });
}

export function createPresetSync({ client, shelf, userId, memory, alone, nowMs, earlierName }: PresetSyncParts): PresetSync {
  const place = `tonetwin-preset-links-${userId}`;
  const read = (): Ledger => {
    try {
      return JSON.parse(memory.getItem(place) ?? '{}') as Ledger;
    } catch {
      return {};
    }
  };
  const note = (remoteId: string, link: Link | null): void => {
    const { [remoteId]: _, ...rest } = read();
    memory.setItem(place, JSON.stringify(link ? { ...rest, [remoteId]: link } : rest));
  };

  const localNames = async (): Promise<Map<string, string>> => new Map((await now(shelf.watchPresets)).map(({ id, name }) => [id, name]));
  const binned = async (): Promise<Set<string>> => new Set((await now(shelf.watchBin)).map(({ id }) => id));

  async function remotes(): Promise<Map<string, Remote>> {
    const found = new Map<string, Remote>();
    let cursor: string | null = null;
    do {
      const page: { presets: readonly Remote[]; next_cursor: string | null } = await client.call(presets.listPresets, { query: { limit: PAGE, ...(cursor === null ? {} : { cursor }) } });
      for (const preset of page.presets) found.set(preset.id, preset);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return found;
  }

  const documentOf = async (localId: string) => JSON.parse(JSON.stringify(styleToDocument((await shelf.preset(localId)).style))) as Parameters<typeof styleFromDocument>[0];
  const rename = (id: string, name: string): Promise<void> => shelf.rename({ id, kind: 'preset' }, name);

  async function upload(localId: string, wanted: string, taken: Set<string>): Promise<string> {
    const document = await documentOf(localId);
    const name = freeName(wanted, taken);
    const made = await client.call(presets.createPreset, { body: { name, style_params: document as never } });
    taken.add(name.toLowerCase());
    if (made.name !== wanted) await rename(localId, made.name);
    note(made.id, { localId, version: made.version, name: made.name, digest: await digestOf(document) });
    return made.id;
  }

  /** A preset of the server comes here; `before` is what stood for it here until now. */
  async function download(remote: Remote, before: Link | undefined): Promise<void> {
    const { style_params, name, version } = await client.call(presets.getPreset, { params: { id: remote.id } });
    const style = styleFromDocument(style_params as never);
    const digest = await digestOf(styleToDocument(style));
    if (before?.digest === digest) {
      if (before.localId !== null) await rename(before.localId, name);
      return note(remote.id, { localId: before.localId, version, name, digest });
    }
    const names = await localNames();
    if (before?.localId && names.has(before.localId)) await rename(before.localId, earlierName(before.name));
    const twin = Object.values(read()).find((link) => link.digest === digest && link.localId !== null);
    if (twin) return note(remote.id, { localId: null, version, name, digest });
    let localId: string | null = null;
    const linked = new Set(Object.values(read()).map((link) => link.localId));
    for (const id of names.keys()) if (!linked.has(id) && (await digestOf(await documentOf(id))) === digest) localId = id;
    if (localId !== null) await rename(localId, name);
    else localId = await shelf.savePreset({ name, style, from: null });
    note(remote.id, { localId, version, name, digest });
  }

  async function push(remote: Remote, link: Link, name: string, isSure: boolean, taken: Set<string>): Promise<void> {
    const others = new Set([...taken].filter((other) => other !== remote.name.toLowerCase()));
    const free = freeName(name, others);
    const made = await client.call(presets.updatePreset, { params: { id: remote.id }, body: { name: free, ...(isSure ? {} : { version: link.version }) } });
    if (free !== name && link.localId !== null) await rename(link.localId, free);
    note(remote.id, { localId: link.localId, version: made.version, name: free, digest: link.digest });
  }

  async function settle(id: string, link: Link, there: Map<string, Remote>, names: ReadonlyMap<string, string>, gone: ReadonlySet<string>, taken: Set<string>): Promise<void> {
    const remote = there.get(id);
    const name = link.localId === null ? link.name : names.get(link.localId);
    if (link.localId !== null && gone.has(link.localId)) return;
    if (name === undefined) {
      // Deleted here. What was changed there meanwhile comes back instead.
      if (remote && remote.version === link.version) {
        await client.call(presets.deletePreset, { params: { id } });
        there.delete(id);
      }
      return note(id, null);
    }
    if (!remote) {
      // Deleted there. What was changed here meanwhile goes back instead.
      if (link.localId !== null && name === link.name) await shelf.bin([{ id: link.localId, kind: 'preset', name }]);
      return note(id, null);
    }
    const [isChangedHere, isChangedThere] = [name !== link.name, remote.version !== link.version];
    if (isChangedThere && !(isChangedHere && (link.changedMs ?? 0) > Date.parse(remote.updated_at))) return download(remote, link);
    if (isChangedHere) {
      await push(remote, link, name, isChangedThere, taken).catch((thrown: unknown) => {
        // Changed in this very moment: the next run sees it.
        if (toAppError(thrown).code !== 'preset/changed-meanwhile') throw thrown;
      });
    }
  }

  async function run(): Promise<void> {
    const there = await remotes();
    const [names, gone] = [await localNames(), await binned()];
    const taken = new Set([...there.values()].map(({ name }) => name.toLowerCase()));
    for (const [id, link] of Object.entries(read())) await unlessGone(settle(id, link, there, names, gone, taken));
    for (const [id, remote] of there) if (!(id in read())) await unlessGone(download(remote, undefined));
    for (const [localId, name] of await localNames()) {
      if (!Object.values(read()).some((link) => link.localId === localId)) await upload(localId, name, taken);
    }
  }

  return {
    run: () => alone(run),
    async noteChanges() {
      const names = await localNames();
      for (const [id, link] of Object.entries(read())) {
        const name = link.localId === null ? undefined : names.get(link.localId);
        if (name !== undefined && name !== link.name && link.changedMs === undefined) note(id, { ...link, changedMs: nowMs() });
      }
    },
    remoteId: (localId) =>
      alone(async () => {
        await run();
        const found = Object.entries(read()).find(([, link]) => link.localId === localId);
        if (found) return found[0];
        throw new AppError('storage/missing');
      }),
  };
}
