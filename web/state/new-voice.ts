/** What a person fills in to make a voice, from the sample to the consent. */
import { createMemo, createSignal } from 'solid-js';
import { createStore } from 'solid-js/store';
import { previewVoice } from '../../shared/api/voices.ts';
import { fetchSound, uploadSample } from '../api/studio-api.ts';
import { createAttempt } from './attempt.ts';
import { createSampleMaker } from './sample-maker.ts';
import type { Product } from './product.tsx';
import { createSteadyKey, type SoundPlayer } from './sound-player.ts';
import type { VoiceWords } from './voice-words.ts';
import type { SpeechModel, Voices } from './voices.tsx';

/** What keeps a voice from being made. */
export type Missing = 'sample' | 'usable' | 'name' | 'consent';

const NOTHING: VoiceWords = { name: '', description: '', language: '', tags: [], isPublic: false };

/** Said by a preview where nothing else is asked for. */
export const greetingIn = (language: string): string => (/^(zh|yue)/i.test(language) ? '你好，很高兴认识你。' : 'Hello, it is nice to meet you.');

export function createNewVoice(voices: Voices, product: Product, player: SoundPlayer, initial: { readonly recordingId: string | null; readonly language: string }) {
  const [chosenId, setChosenId] = createSignal(initial.recordingId);
  const recording = () => product.recording(chosenId());
  const readyId = createMemo(() => (recording()?.state.status === 'ready' ? chosenId() : null));
  const maker = createSampleMaker(voices.studio, readyId);
  const [words, setWords] = createStore<VoiceWords>({ ...NOTHING, language: initial.language });
  const [texts, setTexts] = createStore({ transcript: '', sampleText: '' });
  const [wantedModel, setModel] = createSignal<string | null>(null);
  const [hasConsent, setConsent] = createSignal(false);
  const [isAsked, setAsked] = createSignal(false);
  const making = createAttempt();

  const models = () => voices.offer()?.models.filter(({ can_clone }) => can_clone) ?? [];
  const model = (): SpeechModel | undefined => models().find(({ id }) => id === wantedModel()) ?? models().find(({ id }) => id === voices.offer()?.default_model) ?? models()[0];
  const previewText = () => texts.sampleText.trim() || greetingIn(words.language);
  const missing = (): readonly Missing[] => [
    ...(readyId() === null ? (['sample'] as const) : maker.isUsable() ? [] : (['usable'] as const)),
    ...(words.name.trim() === '' ? (['name'] as const) : []),
    ...(hasConsent() ? [] : (['consent'] as const)),
  ];
  const preview = createSteadyKey(player, () => `preview ${maker.key()} ${model()?.id ?? ''} ${previewText()} ${texts.transcript}`);
  const sample = createSteadyKey(player, () => `sample ${maker.key()}`);

  /** The sample goes to the server and is spoken with; what it costs is the speaking alone. */
  async function readPreview(signal: AbortSignal): Promise<Blob> {
    // As it is written now, whatever is written while it is made.
    const body = { model: model()!.id, sample_text: previewText(), ...(texts.transcript.trim() ? { transcript: texts.transcript.trim() } : {}) };
    const name = words.name.trim() || 'sample.wav';
    const { wav } = await maker.prepare();
    const file = await uploadSample(voices.api, wav, name, signal);
    const result = await voices.api.call(previewVoice, { body: { file_id: file.id, ...body }, signal });
    return fetchSound(voices.api, result.audio_url, signal);
  }

  return {
    choose(id: string | null) {
      player.stop();
      setChosenId(id);
    },
    chosenId,
    recording,
    readyId,
    maker,
    words,
    setWords,
    texts,
    setTexts,
    models,
    model,
    setModel,
    hasConsent,
    setConsent,
    missing,
    /** Asked for once: from now on what is missing is said beside its field. */
    isAsked,
    making,
    previewText,
    previewKey: preview.key,
    sampleKey: sample.key,
    toggleSample: () => sample.toggle(async () => new Blob([(await maker.prepare()).wav], { type: 'audio/wav' })),
    togglePreview: () => preview.toggle(readPreview),
    /** Keeps the creation and begins it. @returns whether it is on its way */
    async make(): Promise<boolean> {
      setAsked(true);
      const chosen = model();
      if (missing().length > 0 || !chosen) return false;
      const id = await making.run(async () => {
        const prepared = await maker.prepare();
        const embedding = await maker.print(prepared, voices.offer()?.speaker_encoder ?? null);
        return voices.studio.creations.add(
          {
            model: chosen.id, name: words.name.trim(), description: words.description.trim(), language: words.language, tags: [...words.tags], isPublic: words.isPublic,
            transcript: texts.transcript.trim(), sampleText: texts.sampleText.trim(), hasConsent: true,
          },
          // The sample kept for hearing stays the page's own.
          { wav: prepared.wav.slice(), embedding: { version: embedding.version, vector: [...embedding.vector], hash: embedding.hash } },
        );
      });
      if (id === undefined) return false;
      player.stop();
      setWords({ ...NOTHING, language: words.language });
      setTexts({ transcript: '', sampleText: '' });
      setConsent(false);
      setAsked(false);
      setChosenId(null);
      return true;
    },
  };
}

export type NewVoice = ReturnType<typeof createNewVoice>;
