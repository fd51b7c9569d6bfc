/** From a recording to a voice. */
import { useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { onMount, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import { FallbackDialog } from '../components/fallback-dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { ErrorMessage } from '../components/message.tsx';
import { CreationList } from '../components/voices/creation-list.tsx';
import { MakeCard } from '../components/voices/make-card.tsx';
import { ProviderNote } from '../components/voices/provider-note.tsx';
import { SampleChecks } from '../components/voices/sample-checks.tsx';
import { SampleSource } from '../components/voices/sample-source.tsx';
import { SampleTexts } from '../components/voices/sample-texts.tsx';
import { SampleWave } from '../components/voices/sample-wave.tsx';
import { VoiceFields } from '../components/voices/voice-fields.tsx';
import { VoiceNav } from '../components/voices/voice-nav.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import type { RecordingInfo } from '../jobs/contract.ts';
import { createAdding } from '../state/adding.ts';
import { createNewVoice } from '../state/new-voice.ts';
import { useProduct } from '../state/product.tsx';
import { createSoundPlayer } from '../state/sound-player.ts';
import { useVoices, type Voices } from '../state/voices.tsx';
import '../components/compare-player.css';
import '../components/entry-row.css';
import './library.css';
import './record.css';
import './voices.css';

export function VoiceNewPage(): JSX.Element {
  const voices = useVoices();
  return <Show when={voices}>{(present) => <MakeVoice voices={present()} />}</Show>;
}

const failureOf = ({ state }: RecordingInfo) => (state.status === 'failed' ? state.error : null);

function MakeVoice(props: { voices: Voices }): JSX.Element {
  const { t, language, clock } = useI18n();
  const product = useProduct();
  const [params] = useSearchParams<{ recording?: string }>();
  const player = createSoundPlayer();
  const adding = createAdding(product.service);
  const draft = createNewVoice(props.voices, product, player, { recordingId: typeof params.recording === 'string' ? params.recording : null, language: language() });
  onMount(() => (document.title = `${t('voices.new')} · Tonetwin`));
  const { maker } = draft;
  const canFill = () => (props.voices.state().status === 'known' ? props.voices.isReady() : props.voices.offer() !== null);
  let top!: HTMLHeadingElement;
  return (
    <main id="tool" class="voices">
      <div class="voices-head">
        <h1 ref={top} tabindex={-1}>
          {t('new.title')}
        </h1>
      </div>
      <VoiceNav />
      <ProviderNote voices={props.voices} />
      <CreationList voices={props.voices} />
      <Show when={canFill()}>
        <div class="new-columns">
          <div class="new-stage">
            <section class="card new-card" aria-labelledby="new-sample">
              <div class="card-head">
                <h2 id="new-sample">{t('new.sample')}</h2>
                <span class="quiet">{t('new.sampleHint')}</span>
              </div>
              <Show
                when={draft.recording()}
                fallback={<SampleSource adding={adding} onRecording={draft.choose} />}
              >
                {(recording) => (
                  <>
                    <div class="sample-head">
                      <Icon name="wave" size={18} />
                      <strong class="ellipsis">{recording().name}</strong>
                      <span class="small quiet number">{maker.look() ? clock(maker.look()!.seconds) : ''}</span>
                      <span class="grow" />
                      <button class="button plain" type="button" onClick={() => draft.choose(null)}>
                        {t('sample.another')}
                      </button>
                    </div>
                    <Show when={failureOf(recording())}>{(error) => <ErrorMessage error={error()} />}</Show>
                    <Show when={recording().state.status === 'decoding'}>
                      <p class="small quiet" role="status">
                        {t('library.decoding')}
                      </p>
                    </Show>
                    <Show when={maker.lookError()}>{(thrown) => <ErrorMessage error={toAppError(thrown()).toBody()} />}</Show>
                    <Show when={draft.readyId() !== null && maker.look() ? maker.look() : null}>
                      {(look) => (
                        <>
                          <div class="sample-line">
                            <button class="player-play" type="button" disabled={!maker.isUsable()} aria-label={t(player.isPlaying(draft.sampleKey()) ? 'listen.pause' : 'sample.hear')} onClick={draft.toggleSample}>
                              <Icon name={player.isPlaying(draft.sampleKey()) ? 'pause' : 'play'} size={24} filled={!player.isPlaying(draft.sampleKey())} />
                            </button>
                            <SampleWave maker={maker} recordingId={recording().id} seconds={look().seconds} played={player.share(draft.sampleKey())} />
                          </div>
                          <Show when={player.failure(draft.sampleKey())}>{(error) => <ErrorMessage error={error()} />}</Show>
                          <SampleChecks maker={maker} onAgain={() => draft.choose(null)} />
                        </>
                      )}
                    </Show>
                  </>
                )}
              </Show>
              <p class="small quiet sample-privacy">
                <Icon name="lock" size={16} /> {t(props.voices.offer()?.provider.is_emulator ? 'new.privacyEmulator' : 'new.privacy')}
              </p>
            </section>
            <section class="card new-card" aria-labelledby="new-about">
              <h2 id="new-about">{t('new.about')}</h2>
              <VoiceFields words={draft.words} onWords={(more) => draft.setWords(more)} missesName={draft.isAsked() && draft.missing().includes('name')} />
            </section>
            <section class="card new-card" aria-labelledby="new-texts">
              <div class="card-head">
                <h2 id="new-texts">{t('new.texts')}</h2>
                <span class="quiet">{t('new.optional')}</span>
              </div>
              <SampleTexts draft={draft} />
            </section>
          </div>
          <MakeCard
            voices={props.voices}
            draft={draft}
            player={player}
            onMade={() => {
              top.focus({ preventScroll: true });
              scrollTo({ top: 0 });
            }}
          />
        </div>
      </Show>
      <FallbackDialog name={adding.question()?.name ?? null} onRefuse={() => adding.question()?.answer(false)} onAllow={() => adding.question()?.answer(true)} />
    </main>
  );
}
