/** What the voice studio can do here, what was used of it, and moving a guest's things to an account. */
import * as contract from '../../shared/api/speech.ts';
import type { OpenStudio } from '../speech/open-studio.ts';
import { endOfDay } from '../speech/quotas.ts';
import type { ModelRules } from '../speech/models.ts';
import type { Mount } from './mount.ts';

const SPEED = { least: 0.5, most: 2, default: 1 };
const VOLUME = { least: 0.1, most: 2, default: 1 };

/** @param isFree  an emulator costs nothing */
function modelOf({ id, name, canClone, readsBrackets, manner, clonePrice, speechPrice }: ModelRules, region: 'com' | 'ai', isFree: boolean) {
  const price = (amount: number | null) => (isFree || amount === null ? null : { amount, currency: region === 'ai' ? ('USD' as const) : ('CNY' as const) });
  return {
    id, name, can_clone: canClone, reads_brackets: readsBrackets, speed: SPEED, volume: VOLUME,
    manner: manner.kind === 'instruction' ? { kind: manner.kind, most_characters: manner.mostCharacters } : manner,
    clone_price: price(clonePrice[region]), speech_price: price(speechPrice[region]),
  };
}

export function mountSpeech(mount: Mount, studio: OpenStudio): void {
  const { provider, models, quotas, owners, nowMs } = studio;
  const { sampleSeconds, sampleBytes, textLength, sampleTextLength } = contract.SPEECH_LIMITS;

  mount.on(contract.speechModels, async () => {
    const trouble = provider ? provider.trouble() : 'no-synthesiser';
    const isEmulator = provider?.name === 'emulator';
    return {
      provider: {
        name: provider?.name ?? ('none' as const), synthesiser: provider?.synthesiser ?? null, is_emulator: isEmulator,
        // What fails may work again at any time; what is not there does not.
        status: trouble === null ? ('ready' as const) : trouble === 'no-synthesiser' ? ('unavailable' as const) : ('limited' as const), reason: trouble,
      },
      models: provider ? models.map((rules) => modelOf(rules, provider.region, isEmulator)) : [],
      default_model: provider ? (models.find(({ canClone }) => canClone)?.id ?? null) : null,
      speaker_encoder: studio.speakerEncoder,
      formats: provider ? [...provider.formats] : [], sample_rates: [...contract.SAMPLE_RATES],
      limits: { text_characters: textLength, sample_text_characters: sampleTextLength, sample_seconds: sampleSeconds, sample_bytes: sampleBytes, sample_types: ['audio/wav', 'audio/mpeg'] },
    };
  });

  mount.on(contract.speechUsage, async (request) => {
    const owner = await owners.known(request);
    return {
      owner: owner?.kind ?? ('nobody' as const), guest_until: owner?.expiresAt?.toISOString() ?? null,
      today: await quotas.today(owner), allowed: { ...quotas.allowances[owner?.kind ?? 'guest'] },
      resets_at: endOfDay(nowMs()).toISOString(), total: await quotas.total(owner),
    };
  });

  mount.on(contract.adoptGuest, (request) => owners.adopt(request));
}
