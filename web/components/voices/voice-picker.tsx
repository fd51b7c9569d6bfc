import type { JSX } from 'solid-js';
import { createSignal, For, Match, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { createSoundPlayer } from '../../state/sound-player.ts';
import { createVoiceList } from '../../state/voice-list.ts';
import { sampleOf, type Voice, type Voices } from '../../state/voices.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { languageName } from './language-name.ts';
import { VoiceMark } from './voice-mark.tsx';

const SCOPES = ['all', 'mine', 'public'] as const;

/** Whose a voice is and what it speaks, in a line. */
function useVoiceLine(): (voice: Voice) => string {
  const { t, language } = useI18n();
  return (voice) =>
    [
      ...(voice.language ? [languageName(voice.language, language())] : []),
      t(voice.kind === 'system' ? 'voices.system' : voice.is_own ? (voice.public ? 'voices.ownPublic' : 'voices.ownPrivate') : 'voices.shared'),
    ].join(' · ');
}

/** The voice that speaks; pressed, a list to search and hear all others in. */
export function VoicePicker(props: { voices: Voices; voice: Voice | null; isWrong: boolean; onVoice: (voice: Voice) => void; onOpen: () => void }): JSX.Element {
  const { t } = useI18n();
  const line = useVoiceLine();
  const [isOpen, setOpen] = createSignal(false);
  let search: HTMLInputElement | undefined;
  return (
    <>
      <button
        class="speak-voice"
        classList={{ wrong: props.isWrong }}
        type="button"
        aria-haspopup="dialog"
        onClick={() => {
          props.onOpen();
          setOpen(true);
        }}
      >
        <Show
          when={props.voice}
          fallback={
            <>
              <span class="voice-mark speak-voice-none">
                <Icon name="person" size={20} />
              </span>
              <strong>{t('speak.voiceNone')}</strong>
            </>
          }
        >
          {(voice) => (
            <>
              <VoiceMark name={voice().name} />
              <span class="voice-card-text">
                <span class="visually-hidden">{t('speak.voice')}</span>
                <strong class="ellipsis">{voice().name}</strong>
                <span class="small quiet ellipsis">{line(voice())}</span>
              </span>
              <Show when={voice().is_emulated}>
                <span class="voice-badge">{t('voices.emulated')}</span>
              </Show>
            </>
          )}
        </Show>
        <Icon name="chevron" size={18} />
      </button>
      <Modal open={isOpen()} title={t('speak.pick')} onClose={() => setOpen(false)} focused={() => search}>
        <VoiceChoice
          voices={props.voices}
          chosenId={props.voice?.id ?? null}
          ref={(input) => (search = input)}
          onVoice={(voice) => {
            setOpen(false);
            props.onVoice(voice);
          }}
        />
      </Modal>
    </>
  );
}

function VoiceChoice(props: { voices: Voices; chosenId: string | null; ref: (search: HTMLInputElement) => void; onVoice: (voice: Voice) => void }): JSX.Element {
  const { t } = useI18n();
  const line = useVoiceLine();
  const [scope, setScope] = createSignal<(typeof SCOPES)[number]>('all');
  const list = createVoiceList(props.voices, scope, 40);
  list.want({ sort: 'most_used' });
  const player = createSoundPlayer();
  return (
    <div class="voice-choice-list">
      <div class="library-search" role="search">
        <Icon name="search" size={18} />
        <input ref={(input) => props.ref(input)} type="search" value={list.wanted().search} placeholder={t('voices.search')} aria-label={t('voices.search')} onInput={(event) => list.want({ search: event.currentTarget.value })} />
      </div>
      <div class="voice-scopes" role="group" aria-label={t('speak.scope')}>
        <For each={SCOPES}>
          {(each) => (
            <button class="voice-nav-link" classList={{ here: scope() === each }} type="button" aria-pressed={scope() === each} onClick={() => setScope(each)}>
              {t(`speak.scope.${each}`)}
            </button>
          )}
        </For>
      </div>
      <Show when={list.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <Switch>
        <Match when={list.shown()?.voices.length === 0}>
          <p class="voices-note quiet">{t('speak.noVoices')}</p>
        </Match>
        <Match when={list.shown()}>
          {(shown) => (
            <>
              <ul class="voice-options" aria-label={t('speak.pickList')} aria-busy={list.isBusy()}>
                <For each={shown().voices}>
                  {(voice) => (
                    <li class="voice-option" classList={{ chosen: voice.id === props.chosenId }}>
                      <button
                        class="entry-play"
                        type="button"
                        disabled={!voice.can_speak}
                        aria-label={t(player.isPlaying(voice.id) ? 'library.pause' : 'library.play', { name: voice.name })}
                        aria-busy={player.of(voice.id)?.status === 'loading'}
                        onClick={() => player.toggle(voice.id, (signal) => sampleOf(props.voices.api, voice, signal))}
                      >
                        <Icon name={player.isPlaying(voice.id) ? 'pause' : 'play'} size={18} filled={!player.isPlaying(voice.id)} />
                      </button>
                      <button class="voice-option-name" type="button" disabled={!voice.can_speak} aria-current={voice.id === props.chosenId} onClick={() => props.onVoice(voice)}>
                        <span class="voice-card-text">
                          <strong class="ellipsis">{voice.name}</strong>
                          <span class="small quiet ellipsis">{line(voice)}</span>
                        </span>
                        <Show when={voice.id === props.chosenId}>
                          <Icon name="check" size={18} />
                        </Show>
                      </button>
                      <Show when={player.failure(voice.id)}>{(error) => <ErrorMessage error={error()} />}</Show>
                    </li>
                  )}
                </For>
              </ul>
              <Show when={shown().nextCursor}>
                <button class="button voices-more" type="button" disabled={list.isBusy()} onClick={list.more}>
                  {t('voices.more')}
                </button>
              </Show>
            </>
          )}
        </Match>
        <Match when={list.isBusy()}>
          <p class="voices-note quiet">{t('voices.reading')}</p>
        </Match>
      </Switch>
    </div>
  );
}
