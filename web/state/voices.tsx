/** The voice studio above all its pages: what this server can do, voices on their way, and whose they are. */
import { createContext, createEffect, createResource, createSignal, onCleanup, useContext } from 'solid-js';
import type { Accessor, ParentProps } from 'solid-js';
import type { z } from 'zod';
import { adoptGuest, speechModels } from '../../shared/api/speech.ts';
import type { voice } from '../../shared/api/voices.ts';
import { toAppError } from '../../shared/errors.ts';
import type { ApiClient } from '../api/client.ts';
import { fetchSound } from '../api/studio-api.ts';
import type { Creation } from '../jobs/voices/creation.ts';
import { createRetries } from '../jobs/voices/retries.ts';
import type { VoiceStudio } from '../jobs/voices/voice-studio.ts';
import { useAccount } from './account.tsx';
import { createGuestAdoption } from './guest-adoption.ts';

export type Voice = z.output<typeof voice>;
export type SpeechOffer = z.output<typeof speechModels.answer>;
export type SpeechModel = SpeechOffer['models'][number];

/** away: no network or no answer, `offer` is what was known last; absent: this server has no voice studio at all. */
export type OfferState =
  | { readonly status: 'asking' | 'absent' }
  | { readonly status: 'away'; readonly offer: SpeechOffer | null }
  | { readonly status: 'known'; readonly offer: SpeechOffer };

const STORED_AS = 'tonetwin.speech-offer';

/** Kept, so that a voice can be prepared without a network. */
function remembered(): SpeechOffer | null {
  try {
    return speechModels.answer.parse(JSON.parse(localStorage.getItem(STORED_AS) ?? 'null'));
  } catch {
    return null;
  }
}

export interface Voices {
  readonly studio: VoiceStudio;
  readonly api: ApiClient;
  readonly state: Accessor<OfferState>;
  readonly offer: Accessor<SpeechOffer | null>;
  /** Something speaks here, now. */
  readonly isReady: Accessor<boolean>;
  askAgain(): void;
  /** Newest first. */
  readonly creations: Accessor<readonly Creation[]>;
  /** Changes with whoever is signed in: lists are read anew. */
  readonly whose: Accessor<string>;
}

const VoicesContext = createContext<Voices | null>(null);

/** Null where the page was opened without a way to a server. */
export const useVoices = (): Voices | null => useContext(VoicesContext);

function createVoices(studio: VoiceStudio): Voices {
  const account = useAccount();
  const [asked, setAsked] = createSignal(false);
  const [state, { refetch }] = createResource<OfferState, true>(
    () => asked() || undefined,
    async () => {
      try {
        const offer = await studio.api.call(speechModels);
        localStorage.setItem(STORED_AS, JSON.stringify(offer));
        return { status: 'known', offer };
      } catch (thrown) {
        return toAppError(thrown).code === 'server/not-found' ? { status: 'absent' } : { status: 'away', offer: remembered() };
      }
    },
  );
  /** What is wrong by itself comes right by itself. */
  const mayPass = (): boolean => {
    const now = state.latest;
    return now?.status === 'away' || (now?.status === 'known' && now.offer.provider.status !== 'ready' && now.offer.provider.reason === 'failing');
  };
  const retries = createRetries({
    async attempt() {
      if (asked()) await refetch();
      return !mayPass();
    },
    isWorthIt: () => navigator.onLine && !document.hidden,
  });
  onCleanup(retries.stop);
  createEffect(() => mayPass() && retries.later());
  globalThis.addEventListener('online', retries.now);
  onCleanup(() => globalThis.removeEventListener('online', retries.now));
  const [creations, setCreations] = createSignal<readonly Creation[]>([]);
  onCleanup(studio.creations.watch(setCreations));

  const whose = createGuestAdoption({
    status: () => account?.state().status, id: () => account?.signedIn()?.id ?? '', isUsed: asked,
    adopt: () => studio.api.call(adoptGuest), memory: localStorage,
  });
  const known = (): OfferState => {
    // Asked by the first screen that needs it; other pages send nothing.
    if (!asked()) queueMicrotask(() => setAsked(true));
    return state.latest ?? { status: 'asking' };
  };
  const offer = (): SpeechOffer | null => {
    const now = known();
    return now.status === 'known' || now.status === 'away' ? now.offer : null;
  };
  return { studio, api: studio.api, state: known, offer, isReady: () => (offer()?.provider.status ?? 'unavailable') !== 'unavailable', askAgain: retries.now, creations, whose };
}

export function VoicesProvider(props: ParentProps<{ studio: VoiceStudio | null }>) {
  const voices = props.studio && createVoices(props.studio);
  return <VoicesContext.Provider value={voices}>{props.children}</VoicesContext.Provider>;
}

/** What a voice's sample says, spoken by it. */
export const sampleOf = (api: ApiClient, { id }: Pick<Voice, 'id'>, signal?: AbortSignal): Promise<Blob> => fetchSound(api, `/voices/${id}/sample`, signal);
