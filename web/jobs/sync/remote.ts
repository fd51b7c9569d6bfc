/** What is in the backup: listed, opened, played, brought back, deleted. */
import * as contract from '../../../shared/api/blobs.ts';
import { AppError } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import { openAiff } from '../../../wasm/formats/aiff-reader.ts';
import type { ByteSource } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { openTakeSource } from '../../storage/open-take.ts';
import { blobSource } from '../../api/blob-source.ts';
import type { ApiClient } from '../../api/client.ts';
import type { StageTools } from '../../pipeline/stage.ts';
import type { FileName } from '../../storage/contract.ts';
import { openPcmFile } from '../../storage/pcm-file.ts';
import { fromBase64Url, fromUtf8 } from '../../vault/base64url.ts';
import { heldFileKey } from '../../vault/file-key.ts';
import { generationOf, openItem, sealingKeysOf, sealItem } from '../../vault/item-seal.ts';
import { openedSource } from '../../vault/opening.ts';
import type { OpenVault } from '../../vault/vault-keys.ts';
import type { LongTask } from '../contract.ts';
import { KEEP_LOCK } from '../shelf.ts';
import type { RemoteEntry } from './contract.ts';
import { readEntries } from '../library/entries.ts';
import { type Facts, markOf, putFacts } from './facts.ts';
import { fromJson } from './plain-data.ts';
import { factsUploadId, fileUploadId } from './upload-plan.ts';
import type { SealedItem } from './uploader.ts';

export interface RemoteParts {
  readonly tools: StageTools;
  readonly api: Pick<ApiClient, 'call' | 'fetch'>;
  /** @throws AppError 'vault/locked' */
  readonly opened: () => OpenVault;
}

/** A blob and what was said beside it. */
interface Known<P extends SealedItem['part']> {
  readonly blob: contract.Blob;
  readonly item: Extract<SealedItem, { readonly part: P }>;
}

/** One fetch and one write. */
const SLAB_BYTES = 4 * 1024 * 1024;
const PAGE = 200;

const newer = <P extends SealedItem['part']>(a: Known<P> | undefined, b: Known<P>): Known<P> => (a && a.blob.stored_at >= b.blob.stored_at ? a : b);

export function createRemote({ tools, api, opened }: RemoteParts) {
  const { storage, nowMs } = tools;
  const { documents, bytes: files } = storage;
  /** Of the last list, by entry. */
  let known = new Map<string, Known<'facts'>>();
  let knownFiles = new Map<string, Known<'file'>>();

  async function blobs(signal?: AbortSignal): Promise<contract.Blob[]> {
    const all: contract.Blob[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await api.call(contract.listBlobs, { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, ...(signal ? { signal } : {}) });
      all.push(...page.blobs.filter(({ encrypted, sealed }) => encrypted && sealed !== null));
      if (page.next_cursor === null) return all;
      cursor = page.next_cursor;
    }
  }

  async function sourceOf({ blob, item }: Known<'file'> | Known<'facts'>, signal?: AbortSignal): Promise<ByteSource> {
    return openedSource(blobSource(api, blob.id, blob.size_bytes, signal), await heldFileKey(fromBase64Url(item.key)));
  }

  async function factsOf(entryId: string, signal?: AbortSignal): Promise<Facts> {
    opened();
    const found = known.get(entryId);
    if (!found) throw new AppError('storage/missing');
    const source = await sourceOf(found, signal);
    return fromJson(fromUtf8(await source.read(0, source.bytes))) as Facts;
  }

  function fileFor({ file }: Pick<Facts, 'file'>): Known<'file'> {
    const found = knownFiles.get(`${file.folder}/${file.id}`);
    if (!found) throw new AppError('storage/missing');
    return found;
  }

  /** Everything in the backup that can be opened. What cannot (of a vault that was destroyed) is left out. */
  async function list(): Promise<RemoteEntry[]> {
    const vault = opened();
    const [entries, entryFiles] = [new Map<string, Known<'facts'>>(), new Map<string, Known<'file'>>()];
    for (const blob of await blobs()) {
      const item = await openItem<SealedItem>(vault, blob.sealed!).catch(() => null);
      if (item?.part === 'facts') entries.set(item.card.id, newer(entries.get(item.card.id), { blob, item }));
      else if (item?.part === 'file') entryFiles.set(item.file, newer(entryFiles.get(item.file), { blob, item }));
    }
    [known, knownFiles] = [entries, entryFiles];
    const here = new Set([...(await documents.ids('recordings')), ...(await documents.ids('results'))]);
    return [...entries.values()].map(({ blob, item: { card } }): RemoteEntry => {
      const file = entryFiles.get(card.file);
      return { ...card, bytes: file?.blob.size_bytes ?? 0, storedMs: Date.parse(blob.stored_at), isHere: here.has(card.id), canPlay: card.canPlay && file !== undefined };
    }).sort((a, b) => b.addedMs - a.addedMs);
  }

  async function writeFile(name: FileName, source: ByteSource, { signal, onProgress }: LongTask): Promise<void> {
    const writer = await files.writer(name);
    try {
      for (let at = 0; at < source.bytes; at += SLAB_BYTES) {
        signal?.throwIfAborted();
        await writer.write(await source.read(at, SLAB_BYTES));
        onProgress?.(Math.min(1, (at + SLAB_BYTES) / source.bytes));
      }
    } finally {
      await writer.close();
    }
  }

  async function isThere({ folder, id }: FileName, bytes: number): Promise<boolean> {
    return (await files.list()).some((file) => file.folder === folder && file.id === id && file.bytes >= bytes);
  }

  return {
    list,
    blobs,
    /** Bytes first, then what names them. @throws AppError */
    async download(entryId: string, task: LongTask = {}): Promise<void> {
      const facts = await factsOf(entryId, task.signal);
      const file = fileFor(facts);
      const { folder, id, bytes } = facts.file;
      if (!(await isThere({ folder, id }, bytes))) {
        // Half of one must not be taken for the whole, and a take's journal alone would be offered as one that was lost.
        const isNew = facts.take === null || !(await documents.get('takes', facts.take.id));
        await writeFile({ folder, id }, await sourceOf(file, task.signal), task).catch(async (thrown: unknown) => {
          if (isNew) await files.remove({ folder, id }).catch(() => undefined);
          throw thrown;
        });
      }
      await tools.exclusively(KEEP_LOCK, async () => {
        // Another tab may have cleaned up what nothing named yet.
        if (!(await isThere({ folder, id }, bytes))) throw new AppError('storage/failed');
        await putFacts(documents, facts, nowMs());
      });
      const mark = (uploadId: string, blob: contract.Blob, content: string | null) =>
        documents.update('uploads', uploadId, (before) => before ?? { id: uploadId, content, seal: null, url: null, replaces: null, state: { status: 'stored', blobId: blob.id, storedMs: Date.parse(blob.stored_at) } });
      await mark(fileUploadId({ folder, id }), file.blob, null);
      const ofFacts = known.get(entryId);
      const entry = (await readEntries(documents)).find(({ id: one }) => one === entryId);
      if (ofFacts && entry) await mark(factsUploadId(entryId), ofFacts.blob, markOf(entry));
    },

    async pcm(entryId: string): Promise<PcmSource> {
      const facts = await factsOf(entryId);
      const source = await sourceOf(fileFor(facts));
      if (facts.result) return openPcmFile(source, facts.result);
      const { recording } = facts;
      switch (recording?.readAs) {
        case 'wav':
          return openWav(source);
        case 'aiff':
          return openAiff(source);
        case 'take':
          return openTakeSource(source, recording.take?.trim ?? null);
        default:
          throw new AppError('audio/unsupported', { detail: recording?.name ?? '' });
      }
    },

    /** Takes entries out of the backup; a file goes with the last entry that is heard from it. */
    async remove(entryIds: readonly string[]): Promise<void> {
      for (const entryId of entryIds) {
        const found = known.get(entryId);
        if (!found) continue;
        const { file } = found.item.card;
        const isShared = [...known.values()].some(({ item: { card } }) => card.id !== entryId && card.file === file);
        const blobIds = [found.blob.id, ...(isShared ? [] : [knownFiles.get(file)?.blob.id])];
        for (const id of blobIds) if (id !== undefined) await api.call(contract.deleteBlob, { params: { id } }).catch(gone);
        known.delete(entryId);
      }
    },

    /** File keys under the newest vault key. May be stopped and done again. @returns how many were sealed anew */
    async sealAnew({ signal, onProgress }: LongTask = {}): Promise<number> {
      const vault = opened();
      const keys = await sealingKeysOf(vault);
      const old = (await blobs(signal)).filter(({ sealed }) => isOlder(sealed!, keys.generation));
      for (const [i, { id, sealed }] of old.entries()) {
        signal?.throwIfAborted();
        const item = await openItem<SealedItem>(vault, sealed!).catch(() => null);
        if (item) await api.call(contract.changeBlob, { params: { id }, body: { sealed: await sealItem(keys, item) } }).catch(gone);
        onProgress?.((i + 1) / old.length);
      }
      return old.length;
    },

    /** Every sealed blob, whoever's key it has. */
    async removeAll({ signal, onProgress }: LongTask = {}): Promise<void> {
      const all = await blobs(signal);
      for (const [i, { id }] of all.entries()) {
        signal?.throwIfAborted();
        await api.call(contract.deleteBlob, { params: { id } }).catch(gone);
        onProgress?.((i + 1) / all.length);
      }
      known = new Map();
      knownFiles = new Map();
    },
  };
}

function isOlder(sealed: string, generation: number): boolean {
  try {
    return generationOf(sealed) < generation;
  } catch {
    return false;
  }
}

/** Deleted already: that is what was wanted. */
const gone = (thrown: unknown): void => {
  if ((thrown as { readonly code?: string }).code !== 'server/not-found') throw thrown;
};
