/** Voices to be found: public ones, and one's own. */
import { A, useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createEffect, createResource, For, Match, on, onMount, Show, Switch } from 'solid-js';
import { speechUsage } from '../../shared/api/speech.ts';
import { ErrorMessage } from '../components/message.tsx';
import { CreationList } from '../components/voices/creation-list.tsx';
import { ProviderNote } from '../components/voices/provider-note.tsx';
import { VoiceBar } from '../components/voices/voice-bar.tsx';
import { VoiceCard } from '../components/voices/voice-card.tsx';
import { VoiceNav } from '../components/voices/voice-nav.tsx';
import { Icon } from '../components/icon.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { createSoundPlayer } from '../state/sound-player.ts';
import { createVoiceList } from '../state/voice-list.ts';
import { useVoices, type Voices } from '../state/voices.tsx';
import '../components/entry-row.css';
import './library.css';
import './voices.css';

export function VoicesPage(): JSX.Element {
  const voices = useVoices();
  return <Show when={voices}>{(present) => <VoiceLists voices={present()} />}</Show>;
}

function VoiceLists(props: { voices: Voices }): JSX.Element {
  const { t, number, span } = useI18n();
  const [params] = useSearchParams<{ scope?: string }>();
  const isMine = () => params.scope === 'mine';
  const list = createVoiceList(props.voices, () => (isMine() ? 'mine' : 'public'));
  const player = createSoundPlayer();
  const [usage] = createResource(
    () => (isMine() ? props.voices.whose() + '.' : undefined),
    () => props.voices.api.call(speechUsage).catch(() => undefined),
  );
  createEffect(on(isMine, () => player.stop(), { defer: true }));
  onMount(() => (document.title = `${t('voices.title')} · Tonetwin`));
  // A voice that has just been made belongs in the list.
  createEffect(on(() => props.voices.creations().filter(({ status }) => status === 'finished').length, () => list.readAgain(), { defer: true }));
  const modelName = (id: string) => props.voices.offer()?.models.find((model) => model.id === id)?.name ?? id;
  const count = () => {
    const total = list.shown()?.total;
    return total === undefined ? '' : total === 1 ? t('voices.countOne') : t('voices.count', { count: number(total, 0) });
  };
  return (
    <main id="tool" class="voices">
      <div class="voices-head">
        <h1>{t('voices.title')}</h1>
        <span class="quiet number" role="status">
          {count()}
        </span>
        <Show when={isMine() && usage.latest && usage.latest.owner !== 'nobody' ? usage.latest : null}>
          {(known) => (
            <span class="voices-use small quiet number">
              {t('voices.today', { calls: number(known().today.calls, 0), seconds: span(known().today.seconds), characters: number(known().today.characters, 0), allowed: number(known().allowed.characters, 0) })}
            </span>
          )}
        </Show>
      </div>
      <VoiceNav />
      <ProviderNote voices={props.voices} />
      <CreationList voices={props.voices} />
      <Show when={usage.latest?.owner === 'guest' && isMine() && (list.shown()?.total ?? 0) > 0}>
        <p class="small quiet">
          {t('voices.guest')} <A href="/account">{t('account.signIn')}</A>
        </p>
      </Show>
      <Show when={props.voices.state().status !== 'absent'}>
        <VoiceBar list={list} modelName={modelName} />
        <Show when={props.voices.state().status !== 'away' ? list.failure() : null}>{(error) => <ErrorMessage error={error()} />}</Show>
        <Switch>
          <Match when={list.shown() === null}>
            <p class="voices-note quiet">{list.isBusy() ? t('voices.reading') : ''}</p>
          </Match>
          <Match when={list.shown()?.voices.length === 0}>
            <div class="card library-note">
              <Icon name="wave" size={40} />
              <p class="library-note-title">{t(list.isFiltered() ? 'library.none' : isMine() ? 'voices.noneMine' : 'voices.nonePublic')}</p>
              <Show
                when={list.isFiltered()}
                fallback={
                  <p class="quiet">{t('voices.noneHint')}</p>
                }
              >
                <button class="button" type="button" onClick={list.clear}>
                  {t('voices.clear')}
                </button>
              </Show>
            </div>
          </Match>
          <Match when={list.shown()}>
            {(shown) => (
              <>
                <ul class="voice-grid" aria-label={t('voices.title')} aria-busy={list.isBusy()}>
                  <For each={shown().voices}>{(voice) => <VoiceCard voice={voice} player={player} api={props.voices.api} />}</For>
                </ul>
                <Show when={shown().nextCursor}>
                  <button class="button voices-more" type="button" disabled={list.isBusy()} onClick={list.more}>
                    {t('voices.more')}
                  </button>
                </Show>
              </>
            )}
          </Match>
        </Switch>
      </Show>
    </main>
  );
}
