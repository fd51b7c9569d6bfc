/** The take in the controls of the system: lock screen, headset, media keys. */
import { createEffect, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';

export interface SessionState {
  readonly title: string;
  readonly isPaused: boolean;
}

/** @param state  null while nothing records */
export function showInMediaSession(state: Accessor<SessionState | null>, actions: { readonly pause: () => void; readonly resume: () => void; readonly stop: () => void }): void {
  if (!('mediaSession' in navigator)) return;
  const session = navigator.mediaSession;
  const handle = (action: MediaSessionAction, handler: (() => void) | null) => {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // An action this browser does not know.
    }
  };
  createEffect(() => {
    const now = state();
    if (!now) return;
    session.metadata = new MediaMetadata({ title: now.title, artist: 'Tonetwin', artwork: [{ src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' }] });
    session.playbackState = now.isPaused ? 'paused' : 'playing';
    handle('play', actions.resume);
    handle('pause', actions.pause);
    handle('stop', actions.stop);
    onCleanup(() => {
      session.metadata = null;
      session.playbackState = 'none';
      for (const action of ['play', 'pause', 'stop'] as const) handle(action, null);
    });
  });
}
