/** The voice studio, put together. */
import { serverKey } from '../auth/server-keys.ts';
import type { Queries } from '../database/open-database.ts';
import { createCloning, type Cloning } from './cloning.ts';
import { createOwners, type Owners, removeExpiredGuests } from './owners.ts';
import { type Allowances, createQuotas } from './quotas.ts';
import { createResults, type Results } from './results.ts';
import { createSamples, type Samples } from './samples.ts';
import { createSeal } from './seal.ts';
import { createSpeaking, type Speaking } from './speaking.ts';
import { DEFAULT_MODELS, type SpeechParts, type Studio } from './studio.ts';
import { createVoices, type Voices } from './voices.ts';

export interface OpenStudio extends Studio {
  readonly speakerEncoder: string | null;
  readonly owners: Owners;
  readonly samples: Samples;
  readonly voices: Voices;
  readonly cloning: Cloning;
  readonly results: Results;
  readonly speaking: Speaking;
  /** Throws out what is over: guests, samples, results. To be called now and then. */
  clean(): Promise<void>;
}

export interface StudioParts extends SpeechParts {
  readonly queries: Queries;
  readonly nowMs: () => number;
  readonly isSecure: boolean;
  readonly allowances?: Allowances;
  /** Address of a manifest; null: the engine's own encoder. */
  readonly speakerEncoder?: string | null;
}

export async function openStudio({ queries, nowMs, isSecure, provider, models = DEFAULT_MODELS, fileSecret = '', allowances, speakerEncoder = null }: StudioParts): Promise<OpenStudio> {
  const seal = createSeal(await serverKey(queries, 'speech-files', nowMs()), fileSecret);
  const studio: Studio = { queries, nowMs, seal, quotas: createQuotas({ queries, nowMs, allowances }), provider, models };
  const [samples, voices, results] = [createSamples(studio), createVoices(studio), createResults(studio)];
  const cloning = createCloning(studio, samples, voices);
  return {
    ...studio, samples, voices, results, cloning, speakerEncoder,
    owners: createOwners({ queries, nowMs, isSecure }),
    speaking: createSpeaking(studio, { seen: voices, samples, results }),
    async clean() {
      await samples.clean(AbortSignal.timeout(60_000));
      await results.clean();
      await cloning.clean();
      await removeExpiredGuests(queries, nowMs());
    },
  };
}
