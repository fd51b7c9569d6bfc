/** Uploads over HTTP: tus 1.0 (https://tus.io/protocols/resumable-upload), and a PUT to a signed address. */
import type { Context } from 'hono';
import * as contract from '../../shared/api/uploads.ts';
import { AppError, ERRORS } from '../../shared/errors.ts';
import { anyBlob, type BlobRow } from '../blobs/blob-rows.ts';
import type { BlobService } from '../blobs/blob-service.ts';
import { failure } from '../failure.ts';
import type { Mount } from './mount.ts';

const EXTENSIONS = 'creation,creation-with-upload,creation-defer-length,expiration,termination';
const CHUNK_TYPE = 'application/offset+octet-stream';
/** A signed address for a PUT is good for so long. */
const PUT_MS = 3600_000;
const MOST_METADATA = 16 * 1024;

export const placeOf = (id: string): string => `/api/uploads/${id}`;

function wholeNumber(context: Context, header: string): number | null {
  const text = context.req.header(header);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw new AppError('request/invalid', { detail: `${header}: not a number of bytes` });
  return Number(text);
}

/** `key base64,key base64`; the key of an empty value stands alone. */
function readMetadata(header: string | undefined): Record<string, string> {
  if (header === undefined || header.trim() === '') return {};
  if (header.length > MOST_METADATA) throw new AppError('request/invalid', { detail: 'Upload-Metadata: too long' });
  const found: Record<string, string> = {};
  for (const pair of header.split(',')) {
    const [key = '', value = '', ...rest] = pair.trim().split(' ');
    if (!/^\w+$/.test(key) || rest.length > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value) || key in found) throw new AppError('request/invalid', { detail: 'Upload-Metadata: not as tus writes it' });
    found[key] = Buffer.from(value, 'base64').toString('utf8');
  }
  return found;
}

function metadataOf(context: Context) {
  const parsed = contract.uploadMetadata.safeParse(readMetadata(context.req.header('upload-metadata')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('request/invalid', { detail: `Upload-Metadata.${(issue?.path ?? []).join('.')}: ${issue?.message ?? 'not understood'}` });
}

/** As HEAD says it. What is sealed may be longer than a proxy takes in a header. */
function metadataHeader({ kind, isEncrypted, contentType, sha256, dedupeTag }: BlobRow): string {
  const values = { kind, encrypted: isEncrypted ? '1' : '0', ...(isEncrypted ? {} : { content_type: contentType }), ...(sha256 === null ? {} : { sha256 }), ...(dedupeTag === null ? {} : { dedupe_tag: dedupeTag }) };
  return Object.entries(values).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',');
}

function headersOf({ received, length, status, expiresAt, id }: BlobRow, blobId: string | null = status === 'stored' ? id : null): Record<string, string> {
  return {
    'Upload-Offset': String(received),
    ...(length === null ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(length) }),
    ...(blobId === null && expiresAt ? { 'Upload-Expires': expiresAt.toUTCString() } : {}),
    ...(blobId === null ? {} : { [contract.BLOB_HEADER]: blobId }),
  };
}

const answer = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers: { 'Tus-Resumable': contract.TUS_VERSION, 'Cache-Control': 'no-store', ...headers } });

/** Wraps what speaks tus: the version is agreed on, and a failure says it, too. */
async function spoken(context: Context, work: () => Promise<Response>): Promise<Response> {
  try {
    if (context.req.header('tus-resumable') !== contract.TUS_VERSION) throw new AppError('upload/protocol');
    return await work();
  } catch (thrown) {
    const failed = failure(context, thrown);
    failed.headers.set('Tus-Resumable', contract.TUS_VERSION);
    failed.headers.set('Cache-Control', 'no-store');
    if (thrown instanceof AppError && thrown.code === 'upload/protocol') failed.headers.set('Tus-Version', contract.TUS_VERSION);
    // Of a body that is not read to its end the rest would be taken for the next request.
    if (ERRORS[thrown instanceof AppError ? thrown.code : 'internal'].status >= 408) failed.headers.set('Connection', 'close');
    return failed;
  }
}

export function mountUploads(mount: Mount, { uploads, links, queries, limits, nowMs }: BlobService): void {
  const isChunk = (context: Context): boolean => context.req.header('content-type') === CHUNK_TYPE;

  async function append(userId: string, id: string, context: Context): Promise<Response> {
    if (!isChunk(context)) throw new AppError('upload/content-type');
    const offset = wholeNumber(context, 'upload-offset');
    if (offset === null) throw new AppError('request/invalid', { detail: 'Upload-Offset: missing' });
    const { row, blobId } = await uploads.append(userId, id, offset, wholeNumber(context, 'upload-length'), context.req.raw.body);
    return answer(204, headersOf(row, blobId));
  }

  async function state(userId: string, id: string): Promise<Response> {
    const row = await uploads.state(userId, id);
    return answer(200, { ...headersOf(row), 'Upload-Metadata': metadataHeader(row) });
  }

  async function end(userId: string, id: string): Promise<Response> {
    await uploads.end(userId, id);
    return answer(204);
  }

  mount.on(contract.signUpload, async ({ caller, body }) => {
    const { row, status } = await uploads.begin(caller.userId, {
      kind: body.kind, isEncrypted: body.encrypted, contentType: body.content_type, extension: body.ext,
      sha256: body.sha256, dedupeTag: body.dedupe_tag, sealed: body.sealed, length: null,
    });
    const expiresMs = nowMs() + PUT_MS;
    return { put_url: `${placeOf(row.id)}${links.sign('upload', row.id, expiresMs)}`, key: row.id, expires: new Date(expiresMs).toISOString(), is_stored: status === 'stored' };
  });

  mount.raw(contract.putUpload, async ({ params, query, context }) => {
    links.check('upload', params.id, query, nowMs());
    const length = wholeNumber(context, 'content-length');
    if (length === null) throw new AppError('request/invalid', { detail: 'Content-Length: missing' });
    if (length > contract.MOST_SMALL_BYTES) throw new AppError('upload/too-large', { limit: Math.floor(contract.MOST_SMALL_BYTES / 1e6) });
    const row = await anyBlob(queries, params.id, 'uploading').catch(() => null);
    // Used up, or the upload is gone.
    if (!row || row.received > 0) throw new AppError('upload/link');
    return new Response(null, { status: 204, headers: { 'Cache-Control': 'no-store', [contract.BLOB_HEADER]: await uploads.put(row, length, context.req.raw.body) } });
  });

  mount.raw(contract.createUpload, ({ caller, context }) => spoken(context, async () => {
    const [length, deferred] = [wholeNumber(context, 'upload-length'), context.req.header('upload-defer-length')];
    if ((length === null) === (deferred === undefined) || (deferred ?? '1') !== '1') throw new AppError('request/invalid', { detail: 'either Upload-Length or Upload-Defer-Length: 1' });
    const { kind, encrypted, content_type, sha256, dedupe_tag, sealed } = metadataOf(context);
    const { status, row } = await uploads.begin(caller.userId, { kind, isEncrypted: encrypted === '1', contentType: content_type, sha256, dedupeTag: dedupe_tag, sealed, length });
    if (status === 'stored') return answer(200, { ...headersOf(row), Location: placeOf(row.id) });
    const made = { Location: placeOf(row.id) };
    if (!isChunk(context) && length !== 0) return answer(201, { ...headersOf(row), ...made });
    const first = await uploads.append(caller.userId, row.id, 0, null, isChunk(context) ? context.req.raw.body : null);
    return answer(201, { ...headersOf(first.row, first.blobId), ...made });
  }));

  mount.raw(contract.uploadState, ({ caller, params, context }) => spoken(context, () => state(caller.userId, params.id)));
  mount.raw(contract.appendUpload, ({ caller, params, context }) => spoken(context, () => append(caller.userId, params.id, context)));
  mount.raw(contract.endUpload, ({ caller, params, context }) => spoken(context, () => end(caller.userId, params.id)));
  // For clients that can only send POST (tus 1.0, X-HTTP-Method-Override).
  mount.raw(contract.overriddenUpload, ({ caller, params, context }) => spoken(context, () => {
    const meant = { PATCH: append, DELETE: end, HEAD: state }[context.req.header('x-http-method-override')?.toUpperCase() ?? ''];
    if (!meant) throw new AppError('request/invalid', { detail: 'X-HTTP-Method-Override: missing' });
    return meant(caller.userId, params.id, context);
  }));

  mount.raw(contract.uploadOptions, async () => answer(204, {
    'Tus-Version': contract.TUS_VERSION, 'Tus-Extension': EXTENSIONS, 'Tus-Max-Size': String(limits.mostUploadBytes),
  }));
}
