/** What a person has stored: listed, read in whole or in part, given out by a signed address, deleted. */
import { and, desc, eq, lt, or, sql } from 'drizzle-orm';
import type { Context } from 'hono';
import * as contract from '../../shared/api/blobs.ts';
import { writeAudit } from '../audit.ts';
import { anyBlob, type BlobRow, ownBlob, roomUsed } from '../blobs/blob-rows.ts';
import type { BlobService } from '../blobs/blob-service.ts';
import { byteRange } from '../blobs/byte-range.ts';
import type { BlobStore } from '../blobs/contract.ts';
import { blobs } from '../database/schema.ts';
import { failure } from '../failure.ts';
import type { Mount } from './mount.ts';
import { readTimeCursor, timeCursor } from './time-cursor.ts';
import { paged } from './workspaces.ts';

const blobOf = (row: BlobRow): contract.Blob => ({
  id: row.id, kind: row.kind, encrypted: row.isEncrypted, content_type: row.contentType, size_bytes: row.received, sha256: row.sha256!,
  dedupe_tag: row.dedupeTag, sealed: row.sealed,
  created_at: row.createdAt.toISOString(), stored_at: row.storedAt!.toISOString(), expires_at: row.expiresAt?.toISOString() ?? null,
});

/** Read as fast as it is taken; given up when nobody takes it any more. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const each = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await each.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await each.return?.();
    },
    // Nothing is opened before somebody reads.
  }, { highWaterMark: 0 });
}

/** The bytes of a row, or those that were asked for. Source: RFC 9110, sections 13 and 14. */
async function bytesOf(context: Context, store: BlobStore, row: BlobRow): Promise<Response> {
  const etag = `"${row.sha256!}"`;
  const headers: Record<string, string> = {
    ETag: etag, 'Accept-Ranges': 'bytes', 'Content-Type': row.contentType,
    // Only whoever is asked may answer, and as it is: a proxy keeps nothing and packs nothing.
    'Cache-Control': 'private, no-store, no-transform',
    // Whatever the bytes are, they are no page of ours.
    'Content-Disposition': `attachment; filename="${row.id}${row.extension === null ? '' : `.${row.extension}`}"`,
  };
  const unchanged = context.req.header('if-none-match');
  if (unchanged !== undefined && (unchanged === '*' || unchanged.split(',').some((one) => one.trim().replace(/^W\//, '') === etag))) return new Response(null, { status: 304, headers });
  const ifRange = context.req.header('if-range');
  const isHead = context.req.method === 'HEAD';
  let range;
  try {
    // Ranges are of GET alone (RFC 9110, section 14.2).
    range = isHead || (ifRange !== undefined && ifRange.trim() !== etag) ? null : byteRange(context.req.header('range'), row.received);
  } catch (thrown) {
    const failed = failure(context, thrown);
    failed.headers.set('Content-Range', `bytes */${row.received}`);
    return failed;
  }
  const { from, to } = range ?? { from: 0, to: row.received - 1 };
  headers['Content-Length'] = String(to - from + 1);
  if (range) headers['Content-Range'] = `bytes ${from}-${to}/${row.received}`;
  const body = isHead || to < from ? null : streamOf(store.read(row.id, row.place, from, to));
  return new Response(body, { status: range ? 206 : 200, headers });
}

export function mountBlobs(mount: Mount, { queries, store, limits, nowMs, cleaning, links, addressOf }: BlobService): void {
  mount.on(contract.listBlobs, async ({ caller, query: { kind, dedupe_tag, limit, cursor } }) => {
    const after = cursor === undefined ? null : readTimeCursor(cursor);
    const rows = await queries.select().from(blobs)
      .where(and(
        eq(blobs.userId, caller.userId), eq(blobs.status, 'stored'),
        kind === undefined ? undefined : eq(blobs.kind, kind),
        dedupe_tag === undefined ? undefined : eq(blobs.dedupeTag, dedupe_tag),
        after === null ? undefined : or(lt(blobs.storedAt, after.at), and(eq(blobs.storedAt, after.at), sql`${blobs.id} > ${after.id}`)),
      ))
      .orderBy(desc(blobs.storedAt), blobs.id).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, ({ storedAt, id }) => timeCursor(storedAt!, id));
    return { blobs: shown.map(blobOf), next_cursor };
  });

  mount.on(contract.blobInfo, async ({ caller, params }) => blobOf(await ownBlob(queries, caller.userId, params.id, 'stored')));

  mount.on(contract.changeBlob, async ({ caller, params, body }) => {
    await ownBlob(queries, caller.userId, params.id, 'stored');
    await queries.update(blobs).set({ sealed: body.sealed }).where(and(eq(blobs.id, params.id), eq(blobs.userId, caller.userId)));
    return blobOf(await ownBlob(queries, caller.userId, params.id, 'stored'));
  });

  mount.on(contract.deleteBlob, async ({ caller, params }) => {
    const row = await ownBlob(queries, caller.userId, params.id, 'stored');
    await queries.transaction(async (transaction) => {
      await transaction.delete(blobs).where(eq(blobs.id, row.id));
      await writeAudit(transaction, { userId: caller.userId, workspaceId: null, action: 'blob.deleted', detail: { blob: row.id, kind: row.kind } }, nowMs());
    });
    cleaning.soon();
  });

  mount.on(contract.signBlob, async ({ caller, params, body }) => {
    const row = await ownBlob(queries, caller.userId, params.id, 'stored');
    await writeAudit(queries, { userId: caller.userId, workspaceId: null, action: 'blob.shared', detail: { blob: row.id, seconds: body.seconds } }, nowMs());
    return addressOf(row.id, body.seconds);
  });

  mount.on(contract.storageUse, async ({ caller }) => {
    const { blobs: count, usedBytes, uploadingBytes } = await roomUsed(queries, caller.userId);
    return { blobs: count, used_bytes: usedBytes, uploading_bytes: uploadingBytes, quota_bytes: limits.quotaBytes };
  });

  mount.raw(contract.readBlob, async ({ caller, params, context }) => bytesOf(context, store, await ownBlob(queries, caller.userId, params.id, 'stored')));

  mount.raw(contract.downloadBlob, async ({ params, query, context }) => {
    links.check('download', params.id, query, nowMs());
    return bytesOf(context, store, await anyBlob(queries, params.id, 'stored'));
  });
}
