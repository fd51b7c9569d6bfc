/** Everything that is stored for people, put together: uploads, what became of them, signed addresses, and the cleaning up. */
import { createLeases } from '../database/leases.ts';
import { serverKey } from '../auth/server-keys.ts';
import type { Queries } from '../database/open-database.ts';
import type { Metrics } from '../metrics.ts';
import { belongingsOf, storedOf, storedTotals } from './blob-rows.ts';
import { createCleaning } from './cleaning.ts';
import type { BlobStore } from './contract.ts';
import { createSignedLinks } from './signed-links.ts';
import { type BlobLimits, createUploads } from './uploads.ts';

export interface BlobServiceParts {
  readonly queries: Queries;
  readonly store: BlobStore;
  readonly limits: BlobLimits;
  readonly nowMs: () => number;
  readonly metrics?: Metrics | undefined;
}

/** How long the address of a result in a job is good for. */
const ADDRESS_SECONDS = 3600;

export async function createBlobService({ queries, store, limits, nowMs, metrics }: BlobServiceParts) {
  const leases = createLeases(queries);
  const cleaning = createCleaning({ queries, store, leases, nowMs });
  const links = createSignedLinks(await serverKey(queries, 'signed-links', nowMs()));
  const uploads = createUploads({ queries, store, leases, limits, nowMs, onRemoved: () => cleaning.soon(), onUpload: metrics?.upload });
  metrics?.storage(() => storedTotals(queries));
  /** An address that needs no sign-in, for a while. */
  const addressOf = (id: string, seconds: number) => {
    const expiresMs = Math.floor(nowMs() / 1000) * 1000 + 1000 * seconds;
    return { url: `/api/downloads/${id}${links.sign('download', id, expiresMs)}`, expires: new Date(expiresMs).toISOString() };
  };
  return {
    queries, store, limits, nowMs, cleaning, links, uploads, addressOf,
    /** Of a stored file of this person; null where there is none. */
    fileUrl: async (userId: string, key: string): Promise<string | null> => ((await storedOf(queries, userId, key)) ? addressOf(key, ADDRESS_SECONDS).url : null),
    /** What somebody keeps here, without its bytes: for their export. */
    belongings: (userId: string) => belongingsOf(queries, userId),
  };
}

export type BlobService = Awaited<ReturnType<typeof createBlobService>>;
