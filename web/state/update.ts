/**
 * A new version of the page: what the service worker's side tells the screen, and how the screen answers.
 * The screen never applies an update by itself, and offers it only while no job runs.
 */
import { createSignal, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';

export interface UpdateOffer {
  readonly updateAvailable: boolean;
  /** Lets the waiting version take over; the page reloads. */
  apply(): void;
}

/** Who knows of updates: calls back at once and after every change; answers how to stop. */
export interface UpdateSource {
  watch(listener: (offer: UpdateOffer) => void): () => void;
}

const NONE: UpdateOffer = { updateAvailable: false, apply: () => undefined };

export function createUpdateOffer(source: UpdateSource | undefined): Accessor<UpdateOffer> {
  const [offer, setOffer] = createSignal(NONE);
  if (source) onCleanup(source.watch((next) => setOffer(next)));
  return offer;
}
