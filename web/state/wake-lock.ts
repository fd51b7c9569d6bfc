/** Keeps the screen awake while something is true: a phone that sleeps stops recording. */
import { createEffect, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';

export const canStayAwake = (): boolean => typeof navigator !== 'undefined' && 'wakeLock' in navigator;

/** The browser takes the lock away when the page is hidden; it is asked for again when the page is back. */
export function keepAwakeWhile(wanted: Accessor<boolean>): void {
  createEffect(() => {
    if (!wanted() || !canStayAwake()) return;
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const ask = async () => {
      if (document.visibilityState !== 'visible' || (lock && !lock.released)) return;
      // Refused at a low battery: nothing to be done, and nothing worth stopping a take for.
      lock = await navigator.wakeLock.request('screen').catch(() => undefined);
      if (isOver) void lock?.release();
    };
    void ask();
    document.addEventListener('visibilitychange', ask);
    onCleanup(() => {
      isOver = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    });
  });
}
