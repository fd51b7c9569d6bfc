/** From a text to speech: said by a voice, heard while it is made, kept, and matched to a recording. */
import { useNavigate, useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createEffect, createResource, createSignal, For, on, onMount, Show } from 'solid-js';
import { speechUsage } from '../../shared/api/speech.ts';
import { getVoice, listVoices } from '../../shared/api/voices.ts';
import { toAppError } from '../../shared/errors.ts';
import { Icon } from '../components/icon.tsx';
import { ErrorMessage } from '../components/message.tsx';
import { ProviderNote } from '../components/voices/provider-note.tsx';
import { SpeakCard } from '../components/voices/speak-card.tsx';
import { SpeakSettings } from '../components/voices/speak-settings.tsx';
import { SpeechLive } from '../components/voices/speech-live.tsx';
import { SpeechRow } from '../components/voices/speech-row.tsx';
import { VoiceNav } from '../components/voices/voice-nav.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import { createSoundPlayer } from '../state/sound-player.ts';
import { speechDeskOf } from '../state/speech-desk.ts';
import { createSpeechResults, type Speech } from '../state/speech-results.ts';
import { studioAddress } from '../state/studio-address.ts';
import { useVoices, type Voice, type Voices } from '../state/voices.tsx';
import '../components/compare-player.css';
import '../components/entry-row.css';
import './library.css';
import './voices.css';
import './speak.css';

export function SpeakPage(): JSX.Element {
  const voices = useVoices();
  return <Show when={voices}>{(present) => <Speaking voices={present()} />}</Show>;
}

function Speaking(props: { voices: Voices }): JSX.Element {
  const { t, language } = useI18n();
  const product = useProduct();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams<{ voice?: string }>();
  const desk = speechDeskOf(props.voices);
  const player = createSoundPlayer();
  const results = createSpeechResults(props.voices, desk.finished);
  onMount(() => (document.title = `${t('speak.title')} · Tonetwin`));
  const isKnown = () => props.voices.state().status === 'known';
  const [usage] = createResource(
    () => (isKnown() ? { whose: props.voices.whose(), finished: desk.finished() } : undefined),
    () => props.voices.api.call(speechUsage).catch(() => undefined),
  );
  const left = () => {
    const known = usage.latest;
    return known ? { left: Math.max(0, known.allowed.characters - known.today.characters), allowed: known.allowed.characters } : null;
  };

  const [isChoosing, setChoosing] = createSignal(true);
  let [wantedId, turn] = [undefined as string | undefined, 0];

  /** The one that is wanted, else the one of last time as it is now, else one's own or one of the page's language, the most used first. */
  async function chosenVoice(): Promise<Voice | null> {
    const id = wantedId ?? desk.draft.voice?.id;
    try {
      if (id !== undefined) return await props.voices.api.call(getVoice, { params: { id } });
    } catch (thrown) {
      // Otherwise it is deleted, or no longer shared.
      if (toAppError(thrown).code !== 'server/not-found') return desk.draft.voice;
    }
    const { voices } = await props.voices.api.call(listVoices, { query: { sort: 'most_used', limit: 100 } });
    const able = voices.filter(({ can_speak }) => can_speak);
    const ours = language().slice(0, 2);
    return able.find(({ is_own }) => is_own) ?? able.find((voice) => voice.language.startsWith(ours)) ?? able[0] ?? null;
  }
  async function choose(): Promise<void> {
    const mine = (turn += 1);
    setChoosing(true);
    const voice = await chosenVoice().catch(() => desk.draft.voice);
    if (mine !== turn) return;
    wantedId = undefined;
    desk.change({ voice, ...(voice?.id === desk.draft.voice?.id ? {} : { model: '' }) });
    setChoosing(false);
  }
  createEffect(
    on([isKnown, props.voices.whose, () => params.voice], ([known, , asked]) => {
      if (typeof asked === 'string') {
        wantedId = asked;
        // Comes back here without it.
        setParams({ voice: undefined }, { replace: true });
      } else if (known) void choose();
    }),
  );

  // What was made whole is heard at once, as what is streamed is.
  let waitingFor: string | null = null;
  createEffect(on(desk.finished, ({ result }) => (waitingFor = result?.id ?? null), { defer: true }));
  createEffect(() => {
    const made = results.list().find(({ id }) => id === waitingFor);
    if (!made) return;
    waitingFor = null;
    void player.play(made.id, (signal) => made.open(signal));
  });
  // One at a time is heard.
  createEffect(() => results.list().some(({ id }) => player.isPlaying(id)) && desk.hush());

  async function match(speech: Speech): Promise<void> {
    const sound = await speech.open();
    const { id } = await product.service.addRecording(new File([sound], speech.fileName, { type: sound.type }), { origin: 'spoken' });
    player.stop();
    navigate(studioAddress({ target: id }));
  }
  const again = ({ text, voiceId }: Speech): void => {
    desk.change({ text });
    if (voiceId !== null && voiceId !== desk.draft.voice?.id) {
      wantedId = voiceId;
      void choose();
    }
    scrollTo({ top: 0 });
  };
  const modelName = (id: string) => props.voices.offer()?.models.find((model) => model.id === id)?.name ?? id;

  return (
    <main id="tool" class="voices speak">
      <div class="voices-head">
        <h1>{t('speak.title')}</h1>
      </div>
      <VoiceNav />
      <ProviderNote voices={props.voices} away="speak.awayNote" />
      <Show when={props.voices.state().status !== 'absent' && props.voices.state().status !== 'asking'}>
        <div class="speak-columns">
          <div class="speak-stage">
            <SpeakCard
              voices={props.voices}
              desk={desk}
              left={left()}
              isChoosing={isChoosing()}
              onHush={() => {
                player.stop();
                desk.hush();
              }}
              onStart={() => {
                player.stop();
                void desk.start();
              }}
            />
            <SpeechLive desk={desk} />
          </div>
          <SpeakSettings desk={desk} />
          <section class="card speeches" aria-labelledby="speeches">
            <h2 id="speeches">{t('speak.results')}</h2>
            <Show when={results.failure()}>
              {(error) => (
                <Show when={error().code === 'network/unavailable'} fallback={<ErrorMessage error={error()} />}>
                  <p class="small quiet">{t('speak.awayResults')}</p>
                </Show>
              )}
            </Show>
            <Show
              when={results.list().length > 0}
              fallback={
                <Show when={results.isKnown()}>
                  <div class="speeches-none">
                    <Icon name="speech" size={32} />
                    <p class="quiet">{t('speak.none')}</p>
                  </div>
                </Show>
              }
            >
              <ul class="speech-list" aria-labelledby="speeches" aria-busy={results.isBusy()}>
                <For each={results.list()}>
                  {(speech) => (
                    <SpeechRow
                      speech={speech}
                      player={player}
                      modelName={modelName}
                      onMatch={match}
                      onAgain={again}
                      onRemove={async (id) => {
                        player.stop();
                        await results.remove(id);
                      }}
                    />
                  )}
                </For>
              </ul>
              <Show when={results.hasMore()}>
                <button class="button voices-more" type="button" disabled={results.isBusy()} onClick={results.more}>
                  {t('speak.more')}
                </button>
              </Show>
            </Show>
          </section>
        </div>
      </Show>
    </main>
  );
}
