import type { JSX } from 'solid-js';
import { createEffect, createSignal, Show, untrack } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { MOST_CHARACTERS, type SpeechDesk } from '../../state/speech-desk.ts';
import { spokenSeconds } from '../../state/speech-length.ts';
import { speakingPrice } from '../../state/speech-price.ts';
import type { Voices } from '../../state/voices.tsx';
import { Icon } from '../icon.tsx';
import { VoicePicker } from './voice-picker.tsx';

/** Who speaks, what is said, how much it is, and the button. */
export function SpeakCard(props: { voices: Voices; desk: SpeechDesk; left: { readonly left: number; readonly allowed: number } | null; /** The voice is about to be known. */ isChoosing: boolean; onHush: () => void; onStart: () => void }): JSX.Element {
  const { t, number, span, language } = useI18n();
  const { desk } = props;
  const [isAsked, setAsked] = createSignal(false);
  const [isDue, setDue] = createSignal(false);
  let field!: HTMLTextAreaElement;
  const isAway = () => props.voices.state().status === 'away';
  const canSpeak = () => props.voices.state().status === 'known' && props.voices.isReady();
  const missing = (): 'voice' | 'gone' | 'long' | 'text' | null => {
    const { voice, text } = desk.draft;
    if (!voice) return 'voice';
    if (!voice.can_speak || !desk.model()) return 'gone';
    if (text.length > MOST_CHARACTERS) return 'long';
    return desk.parts().length === 0 ? 'text' : null;
  };
  const price = () => (props.voices.offer()?.provider.is_emulator ? null : speakingPrice(desk.model(), desk.draft.text, language()));
  const facts = () => [
    t('speak.characters', { count: number(desk.draft.text.length, 0), most: number(MOST_CHARACTERS, 0) }),
    ...(desk.isLong() ? [t('speak.parts', { count: number(desk.parts().length, 0) })] : []),
    ...(desk.parts().length > 0 ? [t('speak.about', { length: span(spokenSeconds(desk.draft.text) / desk.draft.speed) })] : []),
  ];
  const press = (): void => {
    if (desk.isBusy()) return desk.cancel();
    setDue(props.isChoosing);
    if (isDue()) return;
    setAsked(true);
    if (missing() === 'text') field.focus();
    if (missing() !== null || !canSpeak()) return;
    setAsked(false);
    props.onStart();
  };
  // Pressed before the voice was there: begins with it.
  createEffect(() => isDue() && !props.isChoosing && untrack(press));
  return (
    <section class="card speak-card" aria-label={t('speak.title')}>
      <VoicePicker voices={props.voices} voice={desk.draft.voice} isWrong={isAsked() && (missing() === 'voice' || missing() === 'gone')} onVoice={(voice) => desk.change({ voice, model: '' })} onOpen={props.onHush} />
      <textarea
        ref={field}
        class="speak-text"
        rows={8}
        spellcheck
        aria-label={t('speak.text')}
        aria-describedby="speak-facts"
        placeholder={t('speak.placeholder')}
        value={desk.draft.text}
        onInput={(event) => desk.change({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || desk.isBusy()) return;
          event.preventDefault();
          press();
        }}
      />
      <div class="speak-foot">
        <span id="speak-facts" class="speak-facts small quiet number" classList={{ over: desk.draft.text.length > MOST_CHARACTERS }}>
          {facts().join(' · ')}
        </span>
        <Show when={desk.draft.text}>
          <button
            class="icon-button"
            type="button"
            aria-label={t('speak.clear')}
            title={t('speak.clear')}
            onClick={() => {
              desk.change({ text: '' });
              field.focus();
            }}
          >
            <Icon name="close" size={16} />
          </button>
        </Show>
        <span class="grow" />
        <Show when={desk.parts().length > 0 ? price() : null}>{(known) => <span class="new-price number">{known()}</span>}</Show>
        <Show
          when={canSpeak()}
          fallback={
            <Show when={props.voices.state().status !== 'asking'}>
              <p class="speak-cannot small" role="status">
                <Icon name={isAway() ? 'cloud' : 'alert'} size={18} />
                <span>{t(isAway() ? 'speak.away' : 'speak.unavailable')}</span>
              </p>
            </Show>
          }
        >
          <button class="button large" classList={{ primary: !desk.isBusy() }} type="button" title={desk.isBusy() ? undefined : t('speak.keys')} onClick={press}>
            <Show when={desk.isBusy()} fallback={<Icon name="speech" size={20} />}>
              <span class="speak-stop" />
            </Show>
            {t(desk.isBusy() ? 'speak.cancel' : 'speak.now')}
          </button>
        </Show>
      </div>
      <Show when={isAsked() && canSpeak() ? missing() : null}>
        {(what) => (
          <p class="new-missing small" role="alert">
            {t(`speak.missing.${what()}`, { most: number(MOST_CHARACTERS, 0) })}
          </p>
        )}
      </Show>
      <Show when={desk.isLong()}>
        <p class="small quiet speak-note">{t('speak.longText')}</p>
      </Show>
      <Show when={canSpeak() ? props.left : null}>{(known) => <p class="small quiet number speak-note">{t('speak.left', { left: number(known().left, 0), allowed: number(known().allowed, 0) })}</p>}</Show>
    </section>
  );
}
