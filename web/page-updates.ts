/** Registers the service worker and tells the screens of a waiting version. It takes over only when a person says so. */
import { Workbox } from 'workbox-window';
import type { UpdateOffer, UpdateSource } from './state/update.ts';

const ADDRESS = '/service-worker.js';
/** A page that stays open for days learns of updates too. */
const LOOK_EVERY_MS = 60 * 60 * 1000;

export function createPageUpdates(): UpdateSource {
  const listeners = new Set<(offer: UpdateOffer) => void>();
  let offer: UpdateOffer = { updateAvailable: false, apply: () => undefined };
  if ('serviceWorker' in navigator && import.meta.env.PROD) {
    const workbox = new Workbox(ADDRESS, { scope: '/' });
    workbox.addEventListener('waiting', () => {
      offer = { updateAvailable: true, apply: () => workbox.messageSkipWaiting() };
      for (const listener of listeners) listener(offer);
    });
    workbox.addEventListener('controlling', ({ isUpdate }) => {
      // Asked for by `apply`, here or in another tab, and offered only while no job runs.
      if (isUpdate) location.reload();
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
