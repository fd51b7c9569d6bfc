/** One voice: heard, kept, compared, changed, deleted. */
import { A, useNavigate, useParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createEffect, createResource, createSignal, For, Match, Show, Switch } from 'solid-js';
import { deleteVoice, getVoice, nearestVoices } from '../../shared/api/voices.ts';
import { toAppError } from '../../shared/errors.ts';
import { Icon } from '../components/icon.tsx';
import { ErrorMessage } from '../components/message.tsx';
import { Modal } from '../components/modal.tsx';
import { languageName } from '../components/voices/language-name.ts';
import { ProviderNote } from '../components/voices/provider-note.tsx';
import { SoundBar } from '../components/voices/sound-bar.tsx';
import { VoiceCard } from '../components/voices/voice-card.tsx';
import { VoiceEditor } from '../components/voices/voice-editor.tsx';
import { VoiceMark } from '../components/voices/voice-mark.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { createAttempt } from '../state/attempt.ts';
import { saneFileName, saveBlob } from '../state/save-blob.ts';
import { createSoundPlayer, type SoundPlayer } from '../state/sound-player.ts';
import { sampleOf, useVoices, type Voice, type Voices } from '../state/voices.tsx';
import '../components/entry-row.css';
import './library.css';
import './voices.css';

export function VoicePage(): JSX.Element {
  const voices = useVoices();
  return <Show when={voices}>{(present) => <OneVoice voices={present()} />}</Show>;
}

function OneVoice(props: { voices: Voices }): JSX.Element {
  const { t } = useI18n();
  const params = useParams<{ id: string }>();
  const player = createSoundPlayer();
  const [voice, { mutate, refetch }] = createResource(
    () => ({ id: params.id, whose: props.voices.whose() }),
    ({ id }) => props.voices.api.call(getVoice, { params: { id } }),
  );
  const found = () => (voice.state === 'errored' ? undefined : voice.latest);
  createEffect(() => (document.title = `${found()?.name ?? t('voices.title')} · Tonetwin`));
  return (
    <main id="tool" class="voices voice-page">
      <A class="voice-back" href={found()?.is_own ? '/voices?scope=mine' : '/voices'}>
        <Icon name="chevron" size={16} /> {t(found()?.is_own ? 'voices.mine' : 'voices.discover')}
      </A>
      <ProviderNote voices={props.voices} />
      <Switch>
        <Match when={voice.state === 'errored'}>
          <ErrorMessage error={toAppError(voice.error).toBody()} />
          <button class="button voices-more" type="button" onClick={() => void refetch()}>
            {t('voices.tryAgain')}
          </button>
        </Match>
        <Match when={found()}>{(present) => <VoiceDetails voices={props.voices} voice={present()} player={player} onChange={mutate} />}</Match>
        <Match when={true}>
          <p class="voices-note quiet">{t('voices.reading')}</p>
        </Match>
      </Switch>
    </main>
  );
}

function VoiceDetails(props: { voices: Voices; voice: Voice; player: SoundPlayer; onChange: (voice: Voice) => void }): JSX.Element {
  const { t, number, date, span, language } = useI18n();
  const navigate = useNavigate();
  const work = createAttempt();
  const [isEditing, setEditing] = createSignal(false);
  const [isAsking, setAsking] = createSignal(false);
  const [isCopied, setCopied] = createSignal(false);
  const [nearest] = createResource(
    () => (props.voice.embedding ? props.voice.id : undefined),
    (id) => props.voices.api.call(nearestVoices, { params: { id }, query: { limit: 6 } }).then(({ voices }) => voices, () => []),
  );
  const modelName = (id: string) => props.voices.offer()?.models.find((model) => model.id === id)?.name ?? id;
  const open = (signal?: AbortSignal) => sampleOf(props.voices.api, props.voice, signal);
  const download = () => work.run(async () => saveBlob(await open(), `${saneFileName(props.voice.name)}.wav`));
  const remove = () =>
    work.run(async () => {
      await props.voices.api.call(deleteVoice, { params: { id: props.voice.id } });
      navigate('/voices?scope=mine');
    });
  const copy = () => void navigator.clipboard?.writeText(props.voice.id).then(() => setCopied(true), () => undefined);
  return (
    <>
      <section class="card voice-sheet" aria-labelledby="voice-name">
        <div class="voice-sheet-head">
          <VoiceMark name={props.voice.name} large />
          <div class="voice-card-text">
            <h1 id="voice-name">{props.voice.name}</h1>
            <span class="quiet">
              {[t(props.voice.kind === 'system' ? 'voices.system' : props.voice.is_own ? (props.voice.public ? 'voices.ownPublic' : 'voices.ownPrivate') : 'voices.shared'), ...(props.voice.language ? [languageName(props.voice.language, language())] : [])].join(' · ')}
            </span>
          </div>
          <Show when={props.voice.is_emulated}>
            <span class="voice-badge" title={t('voices.emulatedHint')}>
              {t('voices.emulated')}
            </span>
          </Show>
        </div>
        <Show when={props.voice.description}>
          <p class="voice-about">{props.voice.description}</p>
        </Show>
        <div class="voice-sample">
          <p class="voice-quote">“{props.voice.sample_text}”</p>
          <SoundBar player={props.player} sound={props.voice.id} name={props.voice.name} open={open} disabled={!props.voice.can_speak} />
        </div>
        <Show when={props.player.failure(props.voice.id) ?? work.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <Show when={!props.voice.can_speak}>
          <p class="small quiet">{t('voices.cannotSpeak')}</p>
        </Show>
        <div class="voice-actions">
          <Show when={props.voice.can_speak}>
            <A class="button primary" href={`/speak?voice=${props.voice.id}`}>
              <Icon name="speech" size={18} /> {t('voices.speakWith')}
            </A>
          </Show>
          <button class="button" type="button" disabled={work.isBusy() || !props.voice.can_speak} onClick={() => void download()}>
            <Icon name="download" size={18} /> {t('voices.downloadSample')}
          </button>
          <span class="grow" />
          <Show when={props.voice.is_own}>
            <button class="button" type="button" aria-expanded={isEditing()} onClick={() => setEditing(!isEditing())}>
              {t('voices.edit')}
            </button>
            <button class="button danger" type="button" onClick={() => setAsking(true)}>
              <Icon name="trash" size={18} /> {t('voices.delete')}
            </button>
          </Show>
        </div>
        <Show when={isEditing()}>
          <VoiceEditor
            api={props.voices.api}
            voice={props.voice}
            onSaved={(voice) => {
              props.onChange(voice);
              setEditing(false);
            }}
            onCancel={() => setEditing(false)}
          />
        </Show>
        <dl class="voice-facts">
          <div>
            <dt>{t('voices.model')}</dt>
            <dd>{[...new Set([props.voice.model, ...props.voice.models])].map(modelName).join(', ')}</dd>
          </div>
          <div>
            <dt>{t('voices.created')}</dt>
            <dd>{date(Date.parse(props.voice.created_at), true)}</dd>
          </div>
          <div>
            <dt>{t('voices.usage')}</dt>
            <dd class="number">{props.voice.usage.calls === 0 ? t('voices.unused') : t('voices.usageText', { calls: number(props.voice.usage.calls, 0), length: span(props.voice.usage.seconds) })}</dd>
          </div>
          <Show when={props.voice.tags.length > 0}>
            <div>
              <dt>{t('library.tags')}</dt>
              <dd class="voice-tags">
                <For each={props.voice.tags}>{(tag) => <span class="tag small">{tag}</span>}</For>
              </dd>
            </div>
          </Show>
          <div class="wide">
            <dt>{t('voices.id')}</dt>
            <dd class="voice-id">
              <code>{props.voice.id}</code>
              <button class="icon-button" type="button" aria-label={t('voices.copyId')} title={t('voices.copyId')} onClick={copy}>
                <Icon name={isCopied() ? 'check' : 'copy'} size={16} />
              </button>
            </dd>
          </div>
        </dl>
      </section>
      <Show when={props.voice.embedding}>
        <section class="voice-nearest" aria-labelledby="voice-nearest">
          <h2 id="voice-nearest">{t('voices.nearest')}</h2>
          <Show when={(nearest.latest?.length ?? 0) > 0} fallback={<p class="small quiet">{nearest.loading ? t('voices.reading') : t('voices.nearestNone')}</p>}>
            <ul class="voice-grid">
              <For each={nearest.latest ?? []}>{(near) => <VoiceCard voice={near.voice} similarity={near.similarity} player={props.player} api={props.voices.api} />}</For>
            </ul>
          </Show>
        </section>
      </Show>
      <Modal open={isAsking()} title={t('voices.deleteTitle', { name: props.voice.name })} onClose={() => setAsking(false)}>
        <p>{t('voices.deleteText')}</p>
        <Show when={work.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={() => setAsking(false)}>
            {t('voices.keep')}
          </button>
          <button class="button danger" type="button" disabled={work.isBusy()} onClick={() => void remove()}>
            {t('voices.deleteNow')}
          </button>
        </div>
      </Modal>
    </>
  );
}
