/** What a person has stored: bytes under an id, which the server cannot read where they are encrypted. */
import { z } from 'zod';
import { route } from './contract.ts';
import { rawRoute } from './raw-contract.ts';
import { blobKind, dedupeTag, sealed, signature } from './uploads.ts';

const id = z.object({ id: z.uuid() });

export const blob = z.object({
  id: z.uuid(), kind: blobKind, encrypted: z.boolean(), content_type: z.string(),
  size_bytes: z.number().int(),
  /** Of the bytes as stored, hex. */
  sha256: z.string(),
  dedupe_tag: z.string().nullable(), sealed: z.string().nullable(),
  created_at: z.iso.datetime(), stored_at: z.iso.datetime(),
  /** When the server removes it by itself; null: never. */
  expires_at: z.iso.datetime().nullable(),
});
export type Blob = z.output<typeof blob>;

export const listBlobs = route('get', '/blobs', {
  summary: 'What is stored, the newest first. Uploads that are not complete are not among them.',
  query: z.object({ kind: blobKind.optional(), dedupe_tag: dedupeTag.optional(), limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(200).optional() }),
  answer: z.object({ blobs: z.array(blob), next_cursor: z.string().nullable() }),
});

export const blobInfo = route('get', '/blobs/{id}/info', { summary: 'What is known of one.', params: id, answer: blob, errors: ['server/not-found'] });

/** After the vault's key was changed: the file keys are wrapped anew, the bytes stay. */
export const changeBlob = route('patch', '/blobs/{id}', { summary: 'Change what the client keeps with it.', params: id, body: z.object({ sealed }), answer: blob, errors: ['server/not-found'] });

export const deleteBlob = route('delete', '/blobs/{id}', { summary: 'Delete it, bytes and all.', params: id, errors: ['server/not-found'] });

const bytes = 'The bytes. `Range: bytes=a-b` (one range) is answered with 206 and `Content-Range`; `ETag` is the SHA-256, `If-None-Match` and `If-Range` are heeded.';

export const readBlob = rawRoute('get', '/blobs/{id}', { summary: 'Its bytes, or a range of them.', speaks: bytes, params: id, statuses: [200, 206, 304], errors: ['server/not-found', 'blob/range'] });

export const signBlob = route('post', '/blobs/{id}/url', {
  summary: 'An address to download it from without signing in, for a while.', status: 201,
  params: id, body: z.object({ seconds: z.number().int().min(1).max(7 * 24 * 3600).default(3600) }),
  answer: z.object({ url: z.string(), expires: z.iso.datetime() }), errors: ['server/not-found'],
});

export const downloadBlob = rawRoute('get', '/downloads/{id}', {
  summary: 'The bytes behind a signed address.', speaks: bytes, access: 'anybody',
  params: id, query: signature, statuses: [200, 206, 304], errors: ['upload/link', 'server/not-found', 'blob/range'],
});

export const storageUse = route('get', '/storage', {
  summary: 'How much of their room a person has used.',
  answer: z.object({
    blobs: z.number().int(),
    /** Stored, and promised to uploads that are not complete. */
    used_bytes: z.number().int(), uploading_bytes: z.number().int(), quota_bytes: z.number().int(),
  }),
});
