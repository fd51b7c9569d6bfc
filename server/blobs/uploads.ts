/** Uploads from their first byte to the blob that they become; who may, how much, and how it ends. Knows nothing of HTTP. */
import { createHash } from 'node:crypto';
import { and, eq, isNotNull } from 'drizzle-orm';
import { type BlobKind, SEALED_CONTENT_TYPE } from '../../shared/api/uploads.ts';
import { AppError } from '../../shared/errors.ts';
import { writeAudit } from '../audit.ts';
import type { Lease, Leases } from '../database/leases.ts';
import type { Queries } from '../database/open-database.ts';
import type { UploadOutcome } from '../metrics.ts';
import { blobs } from '../database/schema.ts';
import { newId } from '../ids.ts';
import { countUse } from '../usage.ts';
import { type BlobRow, claimRoom, noRoom, ownBlob, recordProgress, roomUsed } from './blob-rows.ts';
import { bodyChunks } from './body-chunks.ts';
import type { BlobStore } from './contract.ts';
import { scanForVirus } from './scan-virus.ts';
import { isAudio, isAudioName, SNIFFED_BYTES } from './sniff-audio.ts';

export interface BlobLimits {
  /** Per person. */
  readonly quotaBytes: number;
  readonly mostUploadBytes: number;
  /** How long what can be made again is kept. */
  readonly intermediateDays: number;
  /** Of a ClamAV daemon; null: nobody is asked. */
  readonly clamdUrl: string | null;
}

export interface UploadParts {
  readonly queries: Queries;
  readonly store: BlobStore;
  readonly leases: Leases;
  readonly limits: BlobLimits;
  readonly nowMs: () => number;
  /** Rows were deleted: their bytes can go. */
  readonly onRemoved: () => void;
  /** What became of an upload, and the bytes that arrived. */
  readonly onUpload?: ((outcome: UploadOutcome, bytes?: number) => void) | undefined;
}

export interface NewUpload {
  readonly kind: BlobKind;
  readonly isEncrypted: boolean;
  readonly contentType?: string | undefined;
  readonly extension?: string | undefined;
  readonly sha256?: string | undefined;
  readonly dedupeTag?: string | undefined;
  readonly sealed?: string | undefined;
  /** null: not known yet. */
  readonly length: number | null;
}

export type Begun = { readonly status: 'begun' | 'stored'; readonly row: BlobRow };

const DAY_MS = 24 * 3600 * 1000;
/** After the last byte; a device may be away for some days. */
export const UPLOAD_DAYS = 7;
/** How long a request waits for another that is sending the same upload. */
const PATIENCE_MS = 15_000;
/** Begun and not ended, of one person. */
const MOST_UPLOADS = 1000;
const UNIQUE_VIOLATION = '23505';

export const leaseOf = (id: string): string => `blob ${id}`;

export function createUploads({ queries, store, leases, limits, nowMs, onRemoved, onUpload = () => undefined }: UploadParts) {
  const uploadEnd = (): Date => new Date(nowMs() + UPLOAD_DAYS * DAY_MS);
  const storedEnd = (kind: BlobKind): Date | null => (kind === 'intermediate' ? new Date(nowMs() + limits.intermediateDays * DAY_MS) : null);
  const tooLarge = (): AppError => new AppError('upload/too-large', { limit: Math.floor(limits.mostUploadBytes / 1e6) });

  /** The same file, stored before; kept as long as the new one would have been. */
  async function sameAs(userId: string, dedupeTag: string, kind: BlobKind): Promise<BlobRow | null> {
    const found = and(eq(blobs.userId, userId), eq(blobs.dedupeTag, dedupeTag), eq(blobs.status, 'stored'));
    if (kind !== 'intermediate') await queries.update(blobs).set({ kind, expiresAt: null }).where(and(found, isNotNull(blobs.expiresAt)));
    const [row] = await queries.select().from(blobs).where(found);
    return row ?? null;
  }

  async function remove(id: string): Promise<void> {
    await queries.delete(blobs).where(eq(blobs.id, id));
    onRemoved();
  }

  /** Reads what was stored once more: its hash, and where the server can read it whether it is what it may be. */
  async function inspect(row: BlobRow): Promise<string> {
    const whole = () => (row.received === 0 ? none() : store.read(row.id, row.place, 0, row.received - 1));
    const hash = createHash('sha256');
    let head = Buffer.alloc(0);
    for await (const chunk of whole()) {
      hash.update(chunk);
      if (head.length < SNIFFED_BYTES) head = Buffer.concat([head, chunk]).subarray(0, SNIFFED_BYTES);
    }
    const sha256 = hash.digest('hex');
    if (row.sha256 !== null && row.sha256 !== sha256) throw new AppError('upload/checksum');
    if (!row.isEncrypted) {
      if (!isAudio(head)) throw new AppError('audio/not-audio');
      if (limits.clamdUrl !== null) await scanForVirus(limits.clamdUrl, whole());
    }
    return sha256;
  }

  /** @returns the id of the blob: this one, or the same that was faster */
  async function finish(row: BlobRow): Promise<string> {
    const place = await store.finish(row.id, row);
    const { usedBytes } = await roomUsed(queries, row.userId);
    const refusedBy = async (thrown: unknown): Promise<never> => {
      // A scanner or a bucket that is away is no verdict: the next request tries again.
      if (thrown instanceof AppError && !['server/blobs', 'storage/missing'].includes(thrown.code)) {
        onUpload('failed');
        await remove(row.id);
      }
      throw thrown;
    };
    if (usedBytes > limits.quotaBytes) await refusedBy(noRoom(usedBytes, limits.quotaBytes));
    const sha256 = await inspect({ ...row, place }).catch(refusedBy);
    const storedAt = new Date(nowMs());
    try {
      await queries.transaction(async (transaction) => {
        const changed = await transaction.update(blobs).set({ status: 'stored', place, sha256, storedAt, expiresAt: storedEnd(row.kind) })
          .where(and(eq(blobs.id, row.id), eq(blobs.status, 'uploading'), eq(blobs.received, row.received))).returning({ id: blobs.id });
        if (changed.length === 0) throw new AppError('server/not-found');
        await countUse(transaction, row.userId, { calls: 1, bytes: row.received }, nowMs());
      });
      onUpload('completed');
      return row.id;
    } catch (thrown) {
      if ((thrown as { cause?: { code?: string } }).cause?.code !== UNIQUE_VIOLATION) throw thrown;
      const same = await sameAs(row.userId, row.dedupeTag!, row.kind);
      await remove(row.id);
      return same?.id ?? row.id;
    }
  }

  async function held<T>(id: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await leases.take(leaseOf(id), PATIENCE_MS);
    if (!lease) throw new AppError('upload/busy');
    try {
      return await work(lease);
    } finally {
      await lease.release();
    }
  }

  /** @throws AppError 'server/not-found', 'upload/expired' */
  async function live(userId: string, id: string): Promise<BlobRow> {
    const row = await ownBlob(queries, userId, id);
    if (row.status === 'uploading' && row.expiresAt !== null && row.expiresAt.getTime() <= nowMs()) throw new AppError('upload/expired');
    return row;
  }

  async function declareLength(row: BlobRow, length: number): Promise<BlobRow> {
    if (row.length === length) return row;
    if (row.length !== null || length < row.received) throw new AppError('request/invalid', { detail: 'the length was given before, or more has come already' });
    if (length > limits.mostUploadBytes) throw tooLarge();
    await queries.transaction(async (transaction) => {
      await claimRoom(transaction, row.userId, length - row.received, limits.quotaBytes);
      await transaction.update(blobs).set({ length }).where(eq(blobs.id, row.id));
    });
    return { ...row, length };
  }

  return {
    /** @throws AppError 'upload/quota', 'upload/too-large', 'account/too-many-tries', 'audio/not-audio' where the server can read it and is told of something else */
    async begin(userId: string, wanted: NewUpload): Promise<Begun> {
      if (!wanted.isEncrypted && !isAudioName(wanted.contentType, wanted.extension)) throw new AppError('audio/not-audio');
      const same = wanted.dedupeTag === undefined ? null : await sameAs(userId, wanted.dedupeTag, wanted.kind);
      if (same) return { status: 'stored', row: same };
      if (wanted.length !== null && wanted.length > limits.mostUploadBytes) throw tooLarge();
      const now = nowMs();
      const row: BlobRow = {
        id: newId(now), userId, status: 'uploading', kind: wanted.kind, isEncrypted: wanted.isEncrypted,
        contentType: wanted.isEncrypted ? SEALED_CONTENT_TYPE : (wanted.contentType ?? SEALED_CONTENT_TYPE), extension: wanted.extension ?? null,
        dedupeTag: wanted.dedupeTag ?? null, sealed: wanted.sealed ?? null, length: wanted.length, received: 0, sha256: wanted.sha256 ?? null,
        place: {}, createdAt: new Date(now), storedAt: null, expiresAt: uploadEnd(),
      };
      await queries.transaction(async (transaction) => {
        const { uploads } = await claimRoom(transaction, userId, wanted.length ?? 0, limits.quotaBytes);
        // Those of no length take no room: without an end there could be any number.
        if (uploads >= MOST_UPLOADS) throw new AppError('account/too-many-tries', { seconds: 3600 });
        await transaction.insert(blobs).values(row);
      });
      onUpload('begun');
      return { status: 'begun', row };
    },

    /** How far it is; whoever sends it at this moment is stopped, and one that ended without being told is finished. */
    async state(userId: string, id: string): Promise<BlobRow> {
      const first = await live(userId, id);
      if (first.status === 'stored') return first;
      return held(id, async () => {
        const row = await live(userId, id);
        if (row.status === 'stored' || row.length !== row.received) return row;
        return ownBlob(queries, userId, await finish(row));
      });
    },

    /**
     * @param length  said with this request, or null
     * @returns the row as it is now, and the id of the blob when that was the end
     * @throws AppError 'upload/offset', 'upload/busy', 'upload/cut', and what refuses the whole
     */
    async append(userId: string, id: string, offset: number, length: number | null, body: ReadableStream<Uint8Array> | null): Promise<{ received: number; blobId: string | null; row: BlobRow }> {
      await live(userId, id);
      return held(id, async (lease) => {
        let row = await live(userId, id);
        if (offset !== row.received) throw new AppError('upload/offset');
        if (row.status === 'stored') return { received: row.received, blobId: row.id, row };
        if (length !== null) row = await declareLength(row, length);
        if (offset > 0) onUpload('resumed');
        const { usedBytes } = await roomUsed(queries, userId);
        const openBytes = Math.min(limits.mostUploadBytes - row.received, limits.quotaBytes - usedBytes);
        const chunks = bodyChunks(body, {
          signal: lease.wanted,
          mostBytes: Math.max(0, row.length === null ? openBytes : row.length - row.received),
          tooMuch: () => (row.length !== null ? new AppError('request/invalid', { detail: 'more came than was said' }) : row.received + openBytes >= limits.mostUploadBytes ? tooLarge() : noRoom(usedBytes, limits.quotaBytes)),
        });
        const first = row.received;
        let before = first;
        const progress = await store.append(id, row, chunks, row.length, async (next) => {
          if (!(await lease.isHeld())) throw new AppError('upload/busy');
          await recordProgress(queries, id, before, next, uploadEnd());
          before = next.received;
        }).finally(() => onUpload('received', before - first));
        row = { ...row, ...progress, expiresAt: uploadEnd() };
        return { received: row.received, blobId: row.received === row.length ? await finish(row) : null, row };
      });
    },

    /** Whole at once, to an id that was signed. Whatever comes of it, the address is used up. */
    async put(row: BlobRow, length: number, body: ReadableStream<Uint8Array> | null): Promise<string> {
      try {
        const { blobId } = await this.append(row.userId, row.id, 0, length, body);
        if (blobId === null) throw new AppError('upload/cut');
        return blobId;
      } catch (thrown) {
        await queries.delete(blobs).where(and(eq(blobs.id, row.id), eq(blobs.status, 'uploading')));
        onRemoved();
        throw thrown;
      }
    },

    async end(userId: string, id: string): Promise<void> {
      const { status, kind } = await ownBlob(queries, userId, id);
      await held(id, () => remove(id));
      if (status === 'stored') await writeAudit(queries, { userId, workspaceId: null, action: 'blob.deleted', detail: { blob: id, kind } }, nowMs());
    },
  };
}

export type Uploads = ReturnType<typeof createUploads>;

async function* none(): AsyncGenerator<Uint8Array> {
  // An empty file has no bytes to read.
}
