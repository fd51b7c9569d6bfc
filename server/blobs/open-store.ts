/** The store of the configuration: a folder of this machine, or a bucket. What is not needed is not loaded. */
import type { BlobPlace } from '../config.ts';
import type { BlobStore } from './contract.ts';

/** @throws AppError 'server/blobs' when it does not answer */
export async function openBlobStore(place: BlobPlace): Promise<BlobStore> {
  const store = place.kind === 'folder' ? (await import('./disk/disk-store.ts')).createDiskStore(place.folder) : (await import('./s3/s3-store.ts')).createS3Store(place.s3);
  await store.check();
  return store;
}
