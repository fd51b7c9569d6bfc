/** The client on the browser's own parts. */
import { type ApiClient, createApiClient } from './client.ts';
import { deviceName } from './device-name.ts';

export function createBrowserApiClient(): ApiClient {
  const { locks } = navigator as { readonly locks?: LockManager };
  let turn: Promise<unknown> = Promise.resolve();
  // A page that is neither secure nor local has no locks; its tabs then rely on the server's ten seconds of grace.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return createApiClient({
    fetch: globalThis.fetch.bind(globalThis),
    nowMs: () => Date.now(),
    memory: localStorage,
    alone: locks ? (work) => locks.request('tonetwin-refresh', work) as ReturnType<typeof work> : inTurn,
    channel: typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('tonetwin-account'),
    device: deviceName(navigator.userAgent),
  });
}
