/**
 * Uploads in pieces, by tus 1.0 (https://tus.io/protocols/resumable-upload) with its extensions creation,
 * creation-with-upload, creation-defer-length, expiration and termination; and a single PUT for what is small.
 *
 * An upload and the blob it becomes have one id: when the last byte is in and checked, `/blobs/{id}` is there. An upload that
 * ended without an answer (the server was killed, the line was cut) is finished by the next HEAD.
 *
 * What is stored already is not sent again: a creation whose `dedupe_tag` belongs to a blob of the same person is answered
 * with 200 (not 201), `Upload-Offset` equal to the blob's length, `Location` of that blob's upload and the header
 * `Tonetwin-Blob: <id>`; nothing is made. HEAD at that address says the same, so that a client that knows only tus sees an
 * upload that is complete. `GET /blobs?dedupe_tag=...` asks beforehand. An upload under way with the same tag is not looked at.
 */
import { z } from 'zod';
import { route } from './contract.ts';
import { rawRoute } from './raw-contract.ts';

export const TUS_VERSION = '1.0.0';
/** Names the blob of a creation that was not needed, and of an upload that has ended. */
export const BLOB_HEADER = 'Tonetwin-Blob';
/** The most one PUT to a signed address takes, bytes. */
export const MOST_SMALL_BYTES = 32 * 1024 * 1024;
/** The most sealed text, characters of base64. */
export const MOST_SEALED = 8192;

/** What a blob is to the person: how long it is kept depends on it. */
export const BLOB_KINDS = ['recording', 'result', 'features', 'take', 'intermediate', 'audio'] as const;
export const blobKind = z.enum(BLOB_KINDS);
export type BlobKind = z.output<typeof blobKind>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 hex digits in lower case');
/** HMAC of the plaintext's hash under a key that only the person has: equal files have equal tags, and it says nothing else. */
export const dedupeTag = sha256;
/** Name, wrapped file key and whatever else the client wants to keep with it, encrypted by the client. */
export const sealed = z.string().max(MOST_SEALED).regex(/^[A-Za-z0-9+/]*={0,2}$/, 'not base64');
const contentType = z.string().max(100).regex(/^[a-z]+\/[\w.+-]+$/i, 'not a media type');
/** Kept for encrypted blobs whatever was said, so that the server knows no more than it must. */
export const SEALED_CONTENT_TYPE = 'application/octet-stream';

/**
 * `Upload-Metadata`: keys with values in base64, as tus has it. A client that knows only tus sends audio; its other keys (`filename`)
 * are not kept.
 */
export const uploadMetadata = z.object({
  kind: blobKind.default('audio'),
  /** '1': the server cannot read it. '0': it has to be audio. */
  encrypted: z.enum(['0', '1']).default('0'),
  content_type: contentType.optional(),
  /** Of the bytes as sent; checked at the end. Without it (a recording that is sent while it is made) compare the blob's own. */
  sha256: sha256.optional(),
  dedupe_tag: dedupeTag.optional(),
  sealed: sealed.optional(),
});
export type UploadMetadata = z.output<typeof uploadMetadata>;

const id = z.object({ id: z.uuid() });

const gone = ['server/not-found', 'upload/expired', 'upload/busy', 'upload/protocol'] as const;
const refused = ['upload/checksum', 'audio/not-audio', 'upload/infected', 'upload/quota', 'upload/too-large'] as const;

export const createUpload = rawRoute('post', '/uploads', {
  summary: 'Begin an upload; its first bytes may come along.',
  speaks: 'tus. `Upload-Length` or `Upload-Defer-Length: 1`, `Upload-Metadata`; 201 with `Location` and `Upload-Expires`, or 200 with `Tonetwin-Blob` where the same is stored already.',
  statuses: [201, 200], errors: [...refused, 'upload/protocol', 'account/too-many-tries'],
});

export const uploadState = rawRoute('head', '/uploads/{id}', {
  summary: 'How much of it is there.',
  speaks: 'tus. `Upload-Offset`, `Upload-Length` or `Upload-Defer-Length`, `Upload-Expires`, `Upload-Metadata` but for `sealed`, which stands in `GET /blobs`; `Tonetwin-Blob` once it is complete.',
  params: id, statuses: [200], errors: [...gone, 'upload/checksum'],
});

export const appendUpload = rawRoute('patch', '/uploads/{id}', {
  summary: 'Send it on from `Upload-Offset`.',
  speaks: 'tus. `Content-Type: application/offset+octet-stream`; `Upload-Length` once where it was left open. 204 with the new `Upload-Offset`, and `Tonetwin-Blob` when that was the end; 409 with another offset than the server has.',
  params: id, statuses: [204], errors: [...gone, ...refused, 'upload/offset', 'upload/content-type'],
});

export const endUpload = rawRoute('delete', '/uploads/{id}', {
  summary: 'Give it up: what came is removed.', speaks: 'tus.', params: id, statuses: [204], errors: gone,
});

export const overriddenUpload = rawRoute('post', '/uploads/{id}', {
  summary: 'One of the three before, for clients that can only POST.',
  speaks: 'tus. `X-HTTP-Method-Override: PATCH`, `DELETE` or `HEAD`.',
  params: id, statuses: [204, 200], errors: [...gone, ...refused, 'upload/offset', 'upload/content-type'],
});

export const uploadOptions = rawRoute('options', '/uploads', {
  summary: 'What the server knows of tus.', speaks: 'tus. `Tus-Version`, `Tus-Extension`, `Tus-Max-Size`.', access: 'anybody', statuses: [204],
});

export const signUpload = route('post', '/uploads/sign', {
  summary: 'An address for a single PUT of something small, which needs no sign-in and works once.', status: 201,
  body: z.object({
    content_type: contentType,
    /** Of the name it is given when it is downloaded. */
    ext: z.string().regex(/^[a-z0-9]{1,8}$/, 'not an extension'),
    kind: blobKind.default('audio'), encrypted: z.boolean().default(false),
    sha256: sha256.optional(), dedupe_tag: dedupeTag.optional(), sealed: sealed.optional(),
  }),
  /** `key` is the id of the blob it becomes; with `is_stored` it is there already, by its tag, and nothing is to be sent. */
  answer: z.object({ put_url: z.string(), key: z.uuid(), expires: z.iso.datetime(), is_stored: z.boolean() }),
  errors: ['upload/quota', 'audio/not-audio', 'account/too-many-tries'],
});

export const signature = z.object({ expires: z.coerce.number().int(), signature: z.string().regex(/^[\w-]{43}$/, 'not a signature') });

export const putUpload = rawRoute('put', '/uploads/{id}', {
  summary: 'Send something small whole, to an address that was signed.',
  speaks: 'The bytes, 32 MiB at most, with their `Content-Length`. 204 with `Tonetwin-Blob`.',
  access: 'anybody', params: id, query: signature, statuses: [204], errors: ['upload/link', 'server/not-found', ...refused],
});
