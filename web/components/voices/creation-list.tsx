import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { For, Match, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { type Creation, CREATION_STAGES } from '../../jobs/voices/creation.ts';
import type { Voices } from '../../state/voices.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { VoiceMark } from './voice-mark.tsx';

/** Voices on their way: each with its stages, what stopped it, and how it goes on. */
export function CreationList(props: { voices: Voices }): JSX.Element {
  const { t } = useI18n();
  return (
    <Show when={props.voices.creations().length > 0}>
      <ul class="creations" aria-label={t('creation.list')}>
        <For each={props.voices.creations()}>{(creation) => <CreationCard voices={props.voices} creation={creation} />}</For>
      </ul>
    </Show>
  );
}

function CreationCard(props: { voices: Voices; creation: Creation }): JSX.Element {
  const { t } = useI18n();
  const { creations } = props.voices.studio;
  const at = () => CREATION_STAGES.indexOf(props.creation.stage);
  const stateOf = (index: number) => (index < at() || props.creation.status === 'finished' ? 'done' : index > at() ? 'coming' : props.creation.status);
  const line = () => {
    const { status, stage, isDuplicate } = props.creation;
    if (status === 'finished') return t(isDuplicate ? 'creation.duplicate' : 'creation.finished');
    if (status === 'waiting') return t(props.creation.error ? 'creation.waitingNetwork' : 'creation.waiting');
    return status === 'failed' ? t('creation.failed', { stage: t(`creation.stage.${stage}`) }) : t(`creation.now.${stage}`);
  };
  return (
    <li class="card creation" data-status={props.creation.status}>
      <VoiceMark name={props.creation.request.name} />
      <div class="creation-text">
        <strong class="ellipsis">{props.creation.request.name}</strong>
        <span class="small quiet" role="status">
          {line()}
        </span>
      </div>
      <ol class="creation-stages">
        <For each={CREATION_STAGES}>
          {(stage, index) => (
            <li class={`creation-stage ${stateOf(index())}`} aria-current={index() === at() && props.creation.status !== 'finished' ? 'step' : undefined}>
              <span class="creation-dot">
                <Show when={stateOf(index()) === 'done'}>
                  <Icon name="check" size={12} />
                </Show>
              </span>
              {t(`creation.stage.${stage}`)}
            </li>
          )}
        </For>
      </ol>
      <div class="creation-actions">
        <Switch>
          <Match when={props.creation.status === 'finished'}>
            <A class="button primary" href={`/voices/${props.creation.voiceId}`} onClick={() => void creations.remove(props.creation.id)}>
              {t('creation.open')}
            </A>
            <button class="icon-button" type="button" aria-label={t('common.dismiss')} onClick={() => void creations.remove(props.creation.id)}>
              <Icon name="close" size={16} />
            </button>
          </Match>
          <Match when={props.creation.status === 'failed' || props.creation.status === 'waiting'}>
            <button class="button" type="button" onClick={() => void creations.retry(props.creation.id).catch(() => undefined)}>
              {t('creation.retry')}
            </button>
            <button class="button plain" type="button" onClick={() => void creations.remove(props.creation.id)}>
              {t('creation.remove')}
            </button>
          </Match>
        </Switch>
      </div>
      <Show when={props.creation.status === 'failed' ? props.creation.error : null}>{(error) => <ErrorMessage error={error()} />}</Show>
    </li>
  );
}
