/**
 * Registers the service worker and tells the screens of a waiting version. It takes over only when a person says so, and not while
 * any tab records: a page that reloads ends its take.
 */
import { Workbox } from 'workbox-window';
import type { UpdateOffer, UpdateSource } from './state/update.ts';

const ADDRESS = '/service-worker.js';
/** A page that stays open for days learns of updates too. */
const LOOK_EVERY_MS = 60 * 60 * 1000;

/** @param whenNothingRecords resolves as soon as no tab records */
export function createPageUpdates(whenNothingRecords: () => Promise<void>): UpdateSource {
  const listeners = new Set<(offer: UpdateOffer) => void>();
  let offer: UpdateOffer = { updateAvailable: false, apply: () => undefined };
  if ('serviceWorker' in navigator && import.meta.env.PROD) {
    const workbox = new Workbox(ADDRESS, { scope: '/' });
    workbox.addEventListener('waiting', () => {
      offer = { updateAvailable: true, apply: () => void whenNothingRecords().then(() => workbox.messageSkipWaiting()) };
      for (const listener of listeners) listener(offer);
    });
    workbox.addEventListener('controlling', ({ isUpdate }) => {
      // Asked for by `apply`, here or in another tab, and offered only while no job runs. One may have begun to record since.
      if (isUpdate) void whenNothingRecords().then(() => location.reload());
    });
    // Without one the page works as before, only not offline.
    void workbox.register().catch(() => undefined);
    setInterval(() => void workbox.update().catch(() => undefined), LOOK_EVERY_MS);
  }
  return {
    watch(listener) {
      listeners.add(listener);
      listener(offer);
      return () => listeners.delete(listener);
    },
  };
}
