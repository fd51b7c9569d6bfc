/** The client's side of tus, as bare requests. */
import { createHash } from 'node:crypto';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const metadata = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',');

export const TUS = { 'tus-resumable': '1.0.0' } as const;
export const CHUNK = { ...TUS, 'content-type': 'application/offset+octet-stream' } as const;

/** Metadata of something that the server cannot read. */
export const sealedMetadata = (bytes?: Uint8Array, more: Readonly<Record<string, string>> = {}): string =>
  metadata({ kind: 'recording', encrypted: '1', ...(bytes ? { sha256: sha256(bytes) } : {}), ...more });
