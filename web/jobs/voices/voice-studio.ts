/** The voice studio as screens see it: the way to the server, the queue of voices on their way, and the worker that makes samples ready. */
import { storeEmbedding } from '../../../shared/api/embeddings.ts';
import { createVoice } from '../../../shared/api/voices.ts';
import type { ApiClient } from '../../api/client.ts';
import { uploadSample } from '../../api/studio-api.ts';
import { openIndexedDbRecords, type RecordStore } from '../../storage/indexeddb/indexeddb-records.ts';
import type { WorkerClient } from '../../workers/rpc.ts';
import type { VoiceSampleMethods } from '../../workers/voice-sample/contract.ts';
import { openVoiceSampleWorker } from '../../workers/voice-sample/open-worker.ts';
import { locksOfPage, webLocks } from '../locks.ts';
import type { Creation } from './creation.ts';
import { createSamplePrints, type SamplePrints } from './sample-prints.ts';
import { type Creations, type CreationSteps, createCreations } from './creations.ts';
import type { LongSpeech } from './long-speech.ts';
import { createRetries } from './retries.ts';

export interface VoiceStudio {
  readonly api: ApiClient;
  readonly creations: Creations;
  readonly samples: WorkerClient<VoiceSampleMethods>;
  readonly prints: SamplePrints;
  /** Speeches that were joined here. */
  readonly speeches: RecordStore<LongSpeech>;
}

/** The stages of a creation as requests. */
export function stepsOver(api: ApiClient): CreationSteps {
  return {
    upload: (wav, name) => uploadSample(api, wav, name),
    async embed(fileId, { vector, version, hash }) {
      await api.call(storeEmbedding, { body: { file_id: fileId, vector: [...vector], version, hash } });
    },
    async clone(fileId, { isPublic, transcript, sampleText, hasConsent, tags, ...said }) {
      const { voice, duplicated } = await api.call(createVoice, {
        body: { ...said, file_id: fileId, tags: [...tags], public: isPublic, consent: hasConsent, ...(transcript ? { transcript } : {}), ...(sampleText ? { sample_text: sampleText } : {}) },
      });
      return { voiceId: voice.id, isDuplicate: duplicated };
    },
  };
}

/** On the browser's own parts; goes on with what waits, now and when the server is there again. */
export function createBrowserVoiceStudio(api: ApiClient): VoiceStudio {
  const creations = createCreations({
    // They hold samples of people's voices and are gone when the voice is made.
    store: openIndexedDbRecords<Creation>('tonetwin-voices', 'creations'),
    steps: stepsOver(api),
    locks: 'locks' in navigator ? webLocks(navigator.locks) : locksOfPage(),
    nowMs: () => Date.now(),
    newId: () => crypto.randomUUID(),
    channel: typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('tonetwin-creations'),
  });
  let waits = false;
  const retries = createRetries({
    async attempt() {
      await creations.resume();
      return !waits;
    },
    isWorthIt: () => navigator.onLine,
  });
  creations.watch((now) => {
    waits = now.some(({ status, error }) => status === 'waiting' && error !== null);
    if (waits) retries.later();
  });
  globalThis.addEventListener('online', retries.now);
  retries.now();
  const samples = openVoiceSampleWorker();
  const prints = createSamplePrints(samples, (encoder) => {
    const { origin } = new URL(encoder, location.href);
    return openVoiceSampleWorker(origin === location.origin ? null : origin);
  });
  return { api, creations, samples, prints, speeches: openIndexedDbRecords<LongSpeech>('tonetwin-speeches', 'speeches') };
}
