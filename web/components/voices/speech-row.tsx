import type { JSX } from 'solid-js';
import { createEffect, createSignal, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { createAttempt } from '../../state/attempt.ts';
import { saveBlob } from '../../state/save-blob.ts';
import type { SoundPlayer } from '../../state/sound-player.ts';
import type { Speech } from '../../state/speech-results.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { SoundBar } from './sound-bar.tsx';
import { VoiceMark } from './voice-mark.tsx';

/** One thing that was said: heard, taken along, matched, said again, deleted. */
export function SpeechRow(props: { speech: Speech; player: SoundPlayer; modelName: (id: string) => string; onMatch: (speech: Speech) => Promise<void>; onAgain: (speech: Speech) => void; onRemove: (id: string) => Promise<void> }): JSX.Element {
  const { t, date } = useI18n();
  const work = createAttempt();
  const [isAsking, setAsking] = createSignal(false);
  let ask!: HTMLButtonElement;
  let trash!: HTMLButtonElement;
  createEffect<boolean>((before) => {
    // The focus stays where the question was asked.
    if (isAsking()) queueMicrotask(() => ask?.focus());
    else if (before) queueMicrotask(() => trash?.focus());
    return isAsking();
  }, false);
  const facts = () => [props.modelName(props.speech.model), props.speech.format.toUpperCase(), props.speech.untilMs === null ? t('speak.here') : t('speak.until', { date: date(props.speech.untilMs) })].join(' · ');
  return (
    <li class="speech">
      <VoiceMark name={props.speech.voiceName} />
      <div class="speech-body">
        <div class="speech-head">
          <strong class="ellipsis">{props.speech.voiceName}</strong>
          <time class="small quiet" dateTime={new Date(props.speech.createdMs).toISOString()}>
            {date(props.speech.createdMs, true)}
          </time>
          <Show when={props.speech.isEmulated}>
            <span class="voice-badge" title={t('voices.emulatedHint')}>
              {t('voices.emulated')}
            </span>
          </Show>
          <span class="speech-facts small quiet number">{facts()}</span>
        </div>
        <p class="speech-text">{props.speech.text}</p>
        <SoundBar player={props.player} sound={props.speech.id} name={t('speak.sound', { name: props.speech.voiceName })} seconds={props.speech.seconds} open={(signal) => props.speech.open(signal)} />
        <Show when={props.player.failure(props.speech.id) ?? work.failure()}>{(error) => <ErrorMessage error={error()} onDismiss={work.clear} />}</Show>
        <Show
          when={isAsking()}
          fallback={
            <div class="speech-actions">
              <button class="button" type="button" disabled={work.isBusy()} onClick={() => void work.run(() => props.onMatch(props.speech))}>
                <Icon name="sliders" size={18} /> <strong>{t('speak.match')}</strong>
              </button>
              <button class="button" type="button" disabled={work.isBusy()} title={t('speak.download')} onClick={() => void work.run(async () => saveBlob(await props.speech.open(), props.speech.fileName))}>
                <Icon name="download" size={18} /> <span>{t('speak.download')}</span>
              </button>
              <span class="grow" />
              <button class="icon-button" type="button" aria-label={t('speak.useText')} title={t('speak.useText')} onClick={() => props.onAgain(props.speech)}>
                <Icon name="reset" size={18} />
              </button>
              <button ref={trash} class="icon-button" type="button" aria-label={t('speak.delete')} title={t('speak.delete')} onClick={() => setAsking(true)}>
                <Icon name="trash" size={18} />
              </button>
            </div>
          }
        >
          <div class="speech-actions" role="group" aria-label={t('speak.deleteAsk')} onKeyDown={(event) => event.key === 'Escape' && setAsking(false)}>
            <span class="grow">{t('speak.deleteAsk')}</span>
            <button class="button" type="button" onClick={() => setAsking(false)}>
              {t('speak.deleteKeep')}
            </button>
            <button ref={ask} class="button danger" type="button" disabled={work.isBusy()} onClick={() => void work.run(() => props.onRemove(props.speech.id))}>
              {t('speak.delete')}
            </button>
          </div>
        </Show>
      </div>
    </li>
  );
}
