/** The service on the browser's own parts. */
import { AppError } from '../../shared/errors.ts';
import type { ApiClient } from '../api/client.ts';
import { deviceName } from '../api/device-name.ts';
import { createSendUpload } from '../api/resumable-upload.ts';
import { openStorage } from '../storage/open-storage.ts';
import { engineBinary } from '../workers/engine-binary.ts';
import { createWorkers } from '../workers/workers.ts';
import { browserMicrophones } from '../audio/capture/microphones.ts';
import { locksOfPage, webLocks } from './locks.ts';
import { createService, type RunningService } from './service.ts';
import { browserNetwork } from './sync/network.ts';

async function fetchFile(address: string): Promise<Blob> {
  const answer = await fetch(address).catch((cause: unknown) => {
    throw new AppError('network/unavailable', {}, { cause });
  });
  if (!answer.ok) throw new AppError('network/unavailable');
  return answer.blob();
}

/**
 * @param api  the way to our server, to back up to
 * @throws AppError 'storage/unavailable' where the browser allows no storage
 */
export async function createBrowserService(api: ApiClient | null = null): Promise<RunningService> {
  const storage = await openStorage();
  const cores = navigator.hardwareConcurrency || 2;
  return createService({
    storage,
    workers: createWorkers(cores),
    engineDigest: async () => (await engineBinary()).digest,
    locks: 'locks' in navigator ? webLocks(navigator.locks) : locksOfPage(),
    microphones: browserMicrophones,
    channel: typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('tonetwin-changes'),
    nowMs: () => Date.now(),
    cores,
    memoryGb: (navigator as { readonly deviceMemory?: number }).deviceMemory,
    async estimate() {
      const { usage = 0, quota = Infinity } = (await navigator.storage?.estimate?.()) ?? {};
      return { usedBytes: usage, quotaBytes: quota, persisted: (await navigator.storage?.persisted?.()) ?? false };
    },
    persist: async () => (await navigator.storage?.persist?.()) ?? false,
    fetchFile,
    // Elsewhere the browser encrypts nothing.
    backup: api && isSecureContext ? { api, send: createSendUpload(api), network: browserNetwork(), random: Math.random, device: deviceName(navigator.userAgent) } : null,
  });
}
