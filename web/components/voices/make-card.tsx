import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { NewVoice } from '../../state/new-voice.ts';
import type { SoundPlayer } from '../../state/sound-player.ts';
import { speakingPrice, writtenPrice } from '../../state/speech-price.ts';
import type { Voices } from '../../state/voices.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage, Message } from '../message.tsx';
import { ProgressBar } from '../progress-bar.tsx';

/** Which model, what it costs, a preview before anything is paid for the voice, the consent, and the button. */
export function MakeCard(props: { voices: Voices; draft: NewVoice; player: SoundPlayer; onMade: () => void }): JSX.Element {
  const { t, language, error } = useI18n();
  const { draft } = props;
  const isFree = () => props.voices.offer()?.provider.is_emulator ?? false;
  const isAway = () => props.voices.state().status === 'away';
  const isPreviewing = () => props.player.isPlaying(draft.previewKey());
  const makingPrice = () => (isFree() ? t('new.free') : (writtenPrice(draft.model()?.clone_price ?? null, language()) ?? t('new.unknownPrice')));
  const previewPrice = () => (isFree() ? t('new.free') : (speakingPrice(draft.model(), draft.previewText(), language()) ?? t('new.unknownPrice')));
  const reasons = () => draft.missing().filter((reason) => reason !== 'consent' || draft.isAsked());
  return (
    <aside class="card new-card new-make" aria-labelledby="new-make">
      <h2 id="new-make">{t('new.make')}</h2>
      <label class="voice-field">
        <span>{t('voices.model')}</span>
        <select class="select" onChange={(event) => draft.setModel(event.currentTarget.value)}>
          <For each={draft.models()}>
            {(model) => (
              <option value={model.id} selected={model.id === draft.model()?.id}>
                {model.name}
              </option>
            )}
          </For>
        </select>
      </label>
      <div class="new-step">
        <button class="button" type="button" disabled={!draft.maker.isUsable() || isAway()} aria-busy={props.player.of(draft.previewKey())?.status === 'loading'} onClick={draft.togglePreview}>
          <Icon name={isPreviewing() ? 'pause' : 'play'} size={18} filled={!isPreviewing()} />{' '}
          {t(props.player.of(draft.previewKey())?.status === 'loading' ? 'new.previewing' : isPreviewing() ? 'new.previewStop' : 'new.preview')}
        </button>
        <span class="new-price number">{previewPrice()}</span>
        <span class="small quiet">{t(isAway() ? 'new.previewAway' : 'new.previewHint')}</span>
      </div>
      <Show when={props.player.failure(draft.previewKey())}>{(failure) => <ErrorMessage error={failure()} />}</Show>
      <label class="new-consent" classList={{ missing: draft.isAsked() && !draft.hasConsent() }}>
        <input type="checkbox" checked={draft.hasConsent()} onChange={(event) => draft.setConsent(event.currentTarget.checked)} />
        <span class="small">{t('new.consent')}</span>
      </label>
      <Show when={draft.making.failure()}>{(failure) => <ErrorMessage error={failure()} onDismiss={draft.making.clear} />}</Show>
      <div class="new-step">
        <button
          class="button primary large"
          type="button"
          disabled={draft.making.isBusy() || !draft.model()}
          onClick={() => {
            void draft.make().then((isMade) => isMade && props.onMade());
          }}
        >
          {t(isAway() ? 'new.keepNow' : 'new.makeNow')}
        </button>
        <span class="new-price number">{makingPrice()}</span>
        <span class="small quiet">{t(isAway() ? 'new.awayHint' : 'new.makeHint')}</span>
      </div>
      <Show when={draft.maker.encoderShare() !== null}>
        <div class="new-step" role="status">
          <span class="small quiet">{t('new.encoder')}</span>
          <ProgressBar percent={100 * (draft.maker.encoderShare() ?? 0)} label={t('new.encoder')} />
          <button class="button plain" type="button" onClick={() => draft.maker.giveUpEncoder()}>
            {t('new.encoderStop')}
          </button>
        </div>
      </Show>
      <Show when={draft.maker.encoderError()}>{(failure) => <Message kind="info">{t('new.encoderFailed', { why: error(failure()) })}</Message>}</Show>
      <Show when={draft.isAsked() && reasons().length > 0}>
        <div role="alert">
          <ul class="new-missing small">
            <For each={reasons()}>{(reason) => <li>{t(`new.missing.${reason}`)}</li>}</For>
          </ul>
        </div>
      </Show>
    </aside>
  );
}
