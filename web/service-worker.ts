/// <reference lib="webworker" />
/**
 * Offline: everything the main job needs is kept at the first visit; a new version waits until the page asks for it,
 * which it does only when a person agreed and no job runs.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';
import { putIntoInbox } from './storage/inbox/shared-inbox.ts';
import { SHARE_ADDRESS, SHARED_FILES } from './storage/inbox/share-form.ts';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly { readonly url: string; readonly revision: string | null }[] };

/** What is too large or too rarely needed to be fetched before it is asked for. */
const ON_DEMAND_CACHE = 'on-demand-1';

precacheAndRoute([...self.__WB_MANIFEST]);
cleanupOutdatedCaches();
const shell = createHandlerBoundToURL('/index.html');
registerRoute(new NavigationRoute(shell, { denylist: [/^\/(health|ready|metrics|docs)(\/|$)/, /^\/api\//, /^\/p\//, /\.\w+$/] }));
// The page of a link comes from the server; without a network the app says so in its own words.
registerRoute(new NavigationRoute((options) => fetch(options.request).catch(() => shell(options)), { allowlist: [/^\/p\/[\w-]+$/] }));
registerRoute(
  // A worker that reaches another origin is kept with the policy that lets it.
  ({ url }) => url.origin === self.location.origin && (/^\/assets\/(ffmpeg-core|ort-wasm|onnx-network)-/.test(url.pathname) || (url.pathname.startsWith('/assets/worker-') && url.searchParams.has('reaches'))),
  new CacheFirst({ cacheName: ON_DEMAND_CACHE }),
);

/** What is shared to the app, with or without a network: stored, then shown. A page asks what it is to be. */
async function takeShare(request: Request): Promise<Response> {
  const see = (address: string): Response => Response.redirect(address, 303);
  try {
    const files = (await request.formData()).getAll(SHARED_FILES).filter((part) => part instanceof File);
    if (files.length === 0) return see('/library?shared=missed');
    await putIntoInbox(files);
    return see('/library');
  } catch {
    return see('/library?shared=full');
  }
}
registerRoute(({ url }) => url.pathname === SHARE_ADDRESS, ({ request }) => takeShare(request), 'POST');

self.addEventListener('message', (event) => {
  if ((event.data as { readonly type?: unknown } | null)?.type === 'SKIP_WAITING') void self.skipWaiting();
});
// The very first visit is served by this worker too, so that it works offline from then on.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
