/** Everything that is stored for people, put together: uploads, what became of them, signed addresses, and the cleaning up. */
import { createLeases } from '../database/leases.ts';
import { serverKey } from '../auth/server-keys.ts';
import type { Queries } from '../database/open-database.ts';
import { createCleaning } from './cleaning.ts';
import type { BlobStore } from './contract.ts';
import { createSignedLinks } from './signed-links.ts';
import { type BlobLimits, createUploads } from './uploads.ts';

export interface BlobServiceParts {
  readonly queries: Queries;
  readonly store: BlobStore;
  readonly limits: BlobLimits;
  readonly nowMs: () => number;
}

export async function createBlobService({ queries, store, limits, nowMs }: BlobServiceParts) {
  const leases = createLeases(queries);
  const cleaning = createCleaning({ queries, store, leases, nowMs });
  const links = createSignedLinks(await serverKey(queries, 'signed-links', nowMs()));
  const uploads = createUploads({ queries, store, leases, limits, nowMs, onRemoved: () => cleaning.soon() });
  return { queries, store, limits, nowMs, cleaning, links, uploads };
}

export type BlobService = Awaited<ReturnType<typeof createBlobService>>;
