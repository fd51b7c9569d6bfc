import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SoundPlayer } from '../../state/sound-player.ts';
import { sampleOf, type Voice } from '../../state/voices.tsx';
import type { ApiClient } from '../../api/client.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { languageName } from './language-name.ts';
import { SoundBar } from './sound-bar.tsx';
import { VoiceMark } from './voice-mark.tsx';

/** One voice: hear it, see whose it is, open it. */
export function VoiceCard(props: { voice: Voice; player: SoundPlayer; api: ApiClient; similarity?: number }): JSX.Element {
  const { t, number, language } = useI18n();
  const meta = () =>
    [
      ...(props.voice.language ? [languageName(props.voice.language, language())] : []),
      t(props.voice.kind === 'system' ? 'voices.system' : props.voice.is_own ? (props.voice.public ? 'voices.ownPublic' : 'voices.ownPrivate') : 'voices.shared'),
    ].join(' · ');
  const facts = () =>
    [
      ...(props.similarity === undefined ? [] : [t('voices.similarity', { percent: number(100 * Math.max(0, props.similarity), 0) })]),
      props.voice.usage.calls === 0 ? t('voices.unused') : props.voice.usage.calls === 1 ? t('voices.usedOnce') : t('voices.used', { count: number(props.voice.usage.calls, 0) }),
    ].join(' · ');
  return (
    <li class="card voice-card">
      <div class="voice-card-head">
        <VoiceMark name={props.voice.name} />
        <div class="voice-card-text">
          <h3 class="ellipsis">
            <A class="voice-card-name" href={`/voices/${props.voice.id}`} title={props.voice.name}>
              {props.voice.name}
            </A>
          </h3>
          <span class="small quiet ellipsis">{meta()}</span>
        </div>
        <Show when={props.voice.is_emulated}>
          <span class="voice-badge" title={t('voices.emulatedHint')}>
            {t('voices.emulated')}
          </span>
        </Show>
      </div>
      <p class="voice-card-about small">{props.voice.description || `“${props.voice.sample_text}”`}</p>
      <SoundBar player={props.player} sound={props.voice.id} name={props.voice.name} open={(signal) => sampleOf(props.api, props.voice, signal)} disabled={!props.voice.can_speak} />
      <Show when={props.player.failure(props.voice.id)}>{(error) => <ErrorMessage error={error()} />}</Show>
      <div class="voice-card-foot small quiet">
        <span class="number ellipsis">{facts()}</span>
        <span class="voice-card-tags">
          <For each={props.voice.tags.slice(0, 2)}>{(tag) => <span class="tag small">{tag}</span>}</For>
        </span>
        <Show when={props.voice.can_speak}>
          <A class="icon-button voice-card-speak" href={`/speak?voice=${props.voice.id}`} aria-label={t('voices.speakWithName', { name: props.voice.name })} title={t('voices.speakWithName', { name: props.voice.name })}>
            <Icon name="speech" size={18} />
          </A>
        </Show>
      </div>
    </li>
  );
}
