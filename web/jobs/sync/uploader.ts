/**
 * Brings one thing to the server. Everything that decides what is sent is kept before it is sent: the key before the first byte, the
 * address before the second request. So it may be stopped anywhere, and what goes on is the same upload.
 */
import * as blobs from '../../../shared/api/blobs.ts';
import type { BlobKind } from '../../../shared/api/uploads.ts';
import { AppError } from '../../../shared/errors.ts';
import { byteSourceFromArray, type ByteSource } from '../../../wasm/formats/byte-source.ts';
import { blobSource } from '../../api/blob-source.ts';
import type { ApiClient } from '../../api/client.ts';
import type { SendUpload } from '../../api/resumable-upload.ts';
import type { StageTools } from '../../pipeline/stage.ts';
import type { UploadRecord, UploadSeal } from '../../storage/contract.ts';
import { openTakeBytes } from '../../storage/take-bytes.ts';
import { toBase64Url, utf8 } from '../../vault/base64url.ts';
import { heldFileKey, newFileKey } from '../../vault/file-key.ts';
import { type SealingKeys, sealItem, tagOf } from '../../vault/item-seal.ts';
import { openedSource } from '../../vault/opening.ts';
import { CHUNK_LOG2 } from '../../vault/sealed-format.ts';
import { sealedSource } from '../../vault/sealing.ts';
import { type BackedKind, type Card, cardOf, type EntryFile, fileOf, gatherFacts, isBacked } from './facts.ts';
import { growingSource, openPlain } from './plain-source.ts';
import { toJson } from './plain-data.ts';
import { nextUpload, type UploadEvent, waitingUpload } from './upload-machine.ts';
import { fileOfUpload, fileUploadId, type Planned } from './upload-plan.ts';

/** What is said beside a blob, sealed. */
export type SealedItem =
  | { readonly version: 1; readonly key: string; readonly part: 'file'; readonly file: string }
  | { readonly version: 1; readonly key: string; readonly part: 'facts'; readonly card: Card };

type VaultSealing = SealingKeys & { readonly vaultId: string };

export interface UploaderParts {
  readonly tools: StageTools;
  readonly api: Pick<ApiClient, 'call' | 'fetch'>;
  readonly send: SendUpload;
  /** @throws AppError 'vault/locked' where it was never open here */
  readonly sealing: () => Promise<VaultSealing>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What is hashed as a whole before it is sent, so that the server can check it. Larger ones are checked by opening their end. */
const HASHED_BYTES = 32 * 1024 * 1024;
/** Of what is sent from memory or disk: read in one piece by tus. */
const isEndAt = (source: ByteSource, end: number): boolean => end >= source.bytes;

const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => hex(await crypto.subtle.digest('SHA-256', bytes));

const blank = (id: string): UploadRecord => ({ id, state: waitingUpload, content: null, seal: null, url: null, replaces: null });

export function createUploader({ tools, api, send, sealing, sleep }: UploaderParts) {
  const { storage, workers, nowMs } = tools;
  const { documents, bytes: files } = storage;

  const change = async (id: string, how: (before: UploadRecord) => UploadRecord): Promise<UploadRecord> => (await documents.update('uploads', id, (before) => how(before ?? blank(id))))!;
  const move = (id: string, event: UploadEvent): Promise<UploadRecord> => change(id, (before) => ({ ...before, state: nextUpload(before.state, event, nowMs()) }));

  /** Nothing of how it was sent is needed any more. */
  const stored = async (id: string, blobId: string): Promise<void> => {
    await change(id, (before) => ({ ...before, seal: null, url: null, state: nextUpload(before.state, { type: 'stored', blobId }, nowMs()) }));
  };

  async function newSeal(keys: VaultSealing, item: (key: string) => SealedItem, plainBytes: number | null, tag: string | null): Promise<UploadSeal> {
    const { secret, salt } = newFileKey();
    const seal = { vaultId: keys.vaultId, key: await heldFileKey(secret), salt, chunkLog2: CHUNK_LOG2, sealed: await sealItem(keys, item(toBase64Url(secret))), plainBytes, settledBytes: 0, tag };
    secret.fill(0);
    return seal;
  }

  /** The same under another device's hands, or before this device forgot. */
  async function knownAs(tag: string, signal: AbortSignal): Promise<string | null> {
    const { blobs: [found] } = await api.call(blobs.listBlobs, { query: { dedupe_tag: tag, limit: 1 }, signal });
    return found?.id ?? null;
  }

  async function sendSealed(id: string, seal: UploadSeal, sealed: ByteSource, kind: BlobKind, url: string | null, signal: AbortSignal): Promise<string> {
    const isHashed = url === null && sealed.bytes <= HASHED_BYTES;
    const source = isHashed ? byteSourceFromArray(await sealed.read(0, sealed.bytes)) : sealed;
    const sha = isHashed ? await digest(await source.read(0, source.bytes)) : null;
    const blobId = await send({
      url, signal,
      metadata: { kind, encrypted: '1', sealed: seal.sealed, ...(seal.tag === null ? {} : { dedupe_tag: seal.tag }), ...(sha === null ? {} : { sha256: sha }) },
      source: {
        bytes: sealed.bytes,
        async read(offset, length) {
          const piece = await source.read(offset, length);
          return { bytes: piece, isEnd: isEndAt(source, offset + piece.length) };
        },
      },
      onUrl: async (at) => void (await change(id, (before) => ({ ...before, url: at }))),
      onSent: (sentBytes) => void move(id, { type: 'sent', sentBytes, totalBytes: sealed.bytes }).catch(() => undefined),
    });
    if (sha === null) await checkEnd(blobId, seal, sealed.bytes, signal);
    return blobId;
  }

  /** Length and last chunk are what was sealed, as the server gives them out. @throws AppError 'upload/checksum' */
  async function checkEnd(blobId: string, seal: UploadSeal, bytes: number, signal: AbortSignal): Promise<void> {
    const { size_bytes } = await api.call(blobs.blobInfo, { params: { id: blobId }, signal });
    if (size_bytes !== bytes) throw new AppError('upload/checksum');
    await openedSource(blobSource(api, blobId, bytes, signal), seal.key).catch((thrown: unknown) => {
      throw thrown instanceof AppError && thrown.code === 'vault/damaged' ? new AppError('upload/checksum', {}, { cause: thrown }) : thrown;
    });
  }

  const hashOf = async ({ name, hash }: EntryFile, signal: AbortSignal): Promise<string> => hash ?? (await workers.decode.call('hash', await files.blob(name), { signal })).hash;

  async function sendFile(id: string, file: EntryFile, kind: BackedKind, signal: AbortSignal): Promise<void> {
    const plain = await openPlain(storage, file);
    let { seal, url } = (await documents.get('uploads', id)) ?? blank(id);
    const keys = await sealing();
    const isOther = seal?.vaultId !== keys.vaultId || (seal.plainBytes !== null && seal.plainBytes !== plain.bytes) || seal.settledBytes > plain.bytes;
    if (seal === null || isOther) {
      const tag = await tagOf(keys, 'file', await hashOf(file, signal));
      const known = await knownAs(tag, signal);
      if (known !== null) return stored(id, known);
      const item = (key: string): SealedItem => ({ version: 1, key, part: 'file', file: `${file.name.folder}/${file.name.id}` });
      seal = await newSeal(keys, item, plain.bytes, tag);
      url = null;
      const made = seal;
      await change(id, (before) => ({ ...before, seal: made, url: null }));
    } else if (seal.plainBytes === null) {
      // It grew when it was begun, and has ended since.
      const ended = { ...seal, plainBytes: plain.bytes };
      seal = ended;
      await change(id, (before) => ({ ...before, seal: ended }));
    }
    const sealed = await sealedSource(plain, seal.key, { chunkLog2: seal.chunkLog2, salt: seal.salt });
    await move(id, { type: 'began', totalBytes: sealed.bytes });
    await stored(id, await sendSealed(id, seal, sealed, kind, url, signal));
  }

  /** Facts change, and are small: each time from the start, under a key of their own. */
  async function sendFacts({ uploadId: id, entry, content }: Planned, signal: AbortSignal): Promise<void> {
    if (!isBacked(entry)) return;
    const before = (await documents.get('uploads', id)) ?? blank(id);
    const earlier = before.state.status === 'stored' ? before.state.blobId : before.replaces;
    await change(id, (record) => ({ ...record, content, seal: null, url: null, replaces: earlier, state: nextUpload(nextUpload(record.state, { type: 'outdated' }, nowMs()), { type: 'began', totalBytes: null }, nowMs()) }));
    const facts = await gatherFacts(documents, entry.id, entry.kind);
    const plain = utf8(toJson(facts));
    const keys = await sealing();
    const tag = await tagOf(keys, 'facts', await digest(plain));
    const seal = await newSeal(keys, (key) => ({ version: 1, key, part: 'facts', card: cardOf(entry, facts) }), plain.length, tag);
    const sealed = await sealedSource(byteSourceFromArray(plain), seal.key, { chunkLog2: seal.chunkLog2, salt: seal.salt });
    const blobId = (await knownAs(tag, signal)) ?? (await sendSealed(id, seal, sealed, 'features', null, signal));
    await stored(id, blobId);
    if (earlier !== null && earlier !== blobId) await api.call(blobs.deleteBlob, { params: { id: earlier }, signal }).catch(() => undefined);
    await change(id, (record) => ({ ...record, replaces: null }));
  }

  return {
    move,
    /** @throws AppError; what was reached is kept */
    async run(planned: Planned, signal: AbortSignal): Promise<void> {
      const file = fileOfUpload(planned.uploadId);
      if (!file) return sendFacts(planned, signal);
      const entryFile = await fileOf(documents, planned.entry.id);
      if (!entryFile || !isBacked(planned.entry)) throw new AppError('storage/missing');
      return sendFile(planned.uploadId, entryFile, planned.entry.kind, signal);
    },

    /** Sends a take while it is recorded, to its end. @throws AppError */
    async runLive(takeId: string, signal: AbortSignal): Promise<void> {
      const name = { folder: 'takes', id: takeId } as const;
      const id = fileUploadId(name);
      let { seal, url } = (await documents.get('uploads', id)) ?? blank(id);
      const open = (): Promise<ByteSource> => openTakeBytes(files, takeId);
      const keys = await sealing();
      if (seal?.vaultId !== keys.vaultId || seal.settledBytes > (await open()).bytes) {
        seal = await newSeal(keys, (key) => ({ version: 1, key, part: 'file', file: `takes/${takeId}` }), null, null);
        url = null;
        const made = seal;
        await change(id, (before) => ({ ...before, seal: made, url: null }));
      }
      const begun = seal;
      await move(id, { type: 'began', totalBytes: null });
      let plainBytes = 0;
      const source = growingSource({
        seal: begun, open, signal,
        sleep: (ms) => sleep(ms, signal),
        settle: async (settledBytes) => void (await change(id, (before) => ({ ...before, seal: { ...begun, settledBytes: Math.max(settledBytes, before.seal?.settledBytes ?? 0) } }))),
        async end() {
          const take = await documents.get('takes', takeId);
          if (!take || take.status === 'discarded') throw new AppError('job/cancelled');
          return take.content && (plainBytes = take.content.bytes);
        },
      });
      const blobId = await send({
        source, url, signal,
        metadata: { kind: 'take', encrypted: '1', sealed: begun.sealed },
        onUrl: async (at) => void (await change(id, (before) => ({ ...before, url: at }))),
        onSent: (sentBytes) => void move(id, { type: 'sent', sentBytes, totalBytes: null }).catch(() => undefined),
      });
      const { bytes } = await sealedSource({ bytes: plainBytes, read: () => Promise.resolve(new Uint8Array(0)) }, begun.key, begun);
      await checkEnd(blobId, begun, bytes, signal);
      await stored(id, blobId);
    },

    /** From the start, with another key: what is there is not what was sealed. */
    async restart(id: string): Promise<void> {
      await change(id, (before) => ({ ...before, seal: null, url: null }));
    },
  };
}

export type Uploader = ReturnType<typeof createUploader>;
