import type { JSX } from 'solid-js';
import { Match, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Voices } from '../../state/voices.tsx';
import { Message } from '../message.tsx';

/** Who speaks here, and what is wrong where nobody does: said once, at the top. */
export function ProviderNote(props: { voices: Voices; away?: 'voices.away' | 'speak.awayNote' }): JSX.Element {
  const { t } = useI18n();
  const provider = () => {
    const now = props.voices.state();
    return now.status === 'known' ? now.offer.provider : null;
  };
  return (
    <Switch>
      <Match when={props.voices.state().status === 'absent'}>
        <Message kind="info">{t('voices.absent')}</Message>
      </Match>
      <Match when={props.voices.state().status === 'away'}>
        <Message kind="info">
          {t(props.away ?? 'voices.away')}{' '}
          <button class="link-button" type="button" onClick={() => props.voices.askAgain()}>
            {t('voices.tryAgain')}
          </button>
        </Message>
      </Match>
      <Match when={provider()?.status === 'unavailable'}>
        <Message kind="error">
          {t(`voices.why.${provider()?.reason ?? 'failing'}`)}{' '}
          <button class="link-button" type="button" onClick={() => props.voices.askAgain()}>
            {t('voices.tryAgain')}
          </button>
        </Message>
      </Match>
      <Match when={provider()}>
        {(known) => (
          <>
            <Show when={known().is_emulator}>
              <Message kind="info">
                <strong>{t('voices.emulator')}</strong> {t('voices.emulatorText', { name: known().synthesiser ?? 'eSpeak NG' })}
              </Message>
            </Show>
            <Show when={known().status === 'limited'}>
              <Message kind="info">{t(`voices.why.${known().reason ?? 'failing'}`)}</Message>
            </Show>
          </>
        )}
      </Match>
    </Switch>
  );
}
