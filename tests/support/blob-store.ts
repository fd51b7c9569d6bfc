/** Where blobs of a test go: a folder of its own, or a bucket of its own on the S3 service that `npm test` has started. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../../server/blobs/contract.ts';
import { createDiskStore } from '../../server/blobs/disk/disk-store.ts';
import { createS3Client, type S3Place } from '../../server/blobs/s3/s3-client.ts';
import { createS3Store } from '../../server/blobs/s3/s3-store.ts';

/** `http://key:secret@host:port`, as tests/support/s3-server.ts makes it. */
const SERVICE = process.env['TEST_S3_URL'];

export type BlobPlace = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 's3'; readonly s3: S3Place };

export interface TestStore {
  readonly store: BlobStore;
  readonly place: BlobPlace;
  /** For a program of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Another instance's, of the same bytes. */
  another(): BlobStore;
  /** Names of everything that is in it. */
  names(): Promise<string[]>;
  remove(): void;
}

export async function openTestStore(): Promise<TestStore> {
  if (SERVICE === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'tonetwin-blobs-'));
    return {
      store: createDiskStore(folder), place: { kind: 'folder', folder }, environment: {}, another: () => createDiskStore(folder),
      names: async () => readdirSync(folder).sort(), remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  }
  const url = new URL(SERVICE);
  const s3: S3Place = { endpoint: url.origin, region: 'us-east-1', bucket: `test-${randomUUID()}`, accessKey: decodeURIComponent(url.username), secretKey: decodeURIComponent(url.password) };
  const client = createS3Client(s3);
  await client.makeBucket();
  return {
    store: createS3Store(s3), place: { kind: 's3', s3 }, another: () => createS3Store(s3), names: () => client.names(), remove: () => undefined,
    environment: { S3_ENDPOINT: s3.endpoint, S3_BUCKET: s3.bucket, S3_REGION: s3.region, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey },
  };
}
