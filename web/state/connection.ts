/** Whether there is a network, whether the page can do without, and whether it is installed. */
import { createSignal, onCleanup } from 'solid-js';

export function createConnection() {
  const [online, setOnline] = createSignal(navigator.onLine);
  const [offlineReady, setOfflineReady] = createSignal(false);
  const follow = () => setOnline(navigator.onLine);
  globalThis.addEventListener('online', follow);
  globalThis.addEventListener('offline', follow);
  onCleanup(() => {
    globalThis.removeEventListener('online', follow);
    globalThis.removeEventListener('offline', follow);
  });
  // Under a controlling service worker everything the main job needs is on the device.
  const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
  const controlled = () => setOfflineReady(workers?.controller != null);
  controlled();
  workers?.addEventListener('controllerchange', controlled);
  onCleanup(() => workers?.removeEventListener('controllerchange', controlled));
  const installed = globalThis.matchMedia?.('(display-mode: standalone)').matches ?? false;
  return { online, offlineReady, installed };
}
