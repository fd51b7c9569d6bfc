import type { JSX } from 'solid-js';
import { createEffect, createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js';
import type { RecordingInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { Composer, Role } from '../state/composer.ts';
import { useProduct } from '../state/product.tsx';
import './drop-zone.css';
import { Icon } from './icon.tsx';
import { ErrorMessage, Message } from './message.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { drawWaveform } from './waveform-drawing.ts';

/** A place for one recording: click, drop, paste while focused, or a stored one. */
export function DropZone(props: { role: Role; composer: Composer; onNeedsFallback: (role: Role, file: File) => void }): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const [over, setOver] = createSignal(0);
  const slot = () => props.composer.slots[props.role];
  const recording = () => props.composer.recordingOf(props.role);
  const inputId = () => `file-${props.role}`;
  const stored = () => product.recordings.filter((known) => known.state.status === 'ready');

  const take = (file: File | null | undefined) => {
    if (file) void props.composer.add(props.role, file);
  };
  const failure = () => {
    const now = slot();
    if (now.status === 'failed') return { error: now.error, file: now.file };
    const state = recording()?.state;
    return now.status === 'chosen' && state?.status === 'failed' ? { error: state.error, file: now.file } : null;
  };
  // The additional decoder is asked for once per failure, in a dialog.
  createEffect(() => {
    const failed = failure();
    if (failed?.error.code === 'audio/needs-fallback' && failed.file) props.onNeedsFallback(props.role, failed.file);
  });

  return (
    <section class={`drop-zone track-${props.role}`}>
      <h2 class="drop-zone-label">
        <span class="dot" />
        <label for={inputId()}>{t(`drop.${props.role}`)}</label>
        <Show when={stored().length > 0}>
          <select
            class="select drop-stored"
            aria-label={t('drop.stored')}
            onChange={(event) => {
              const id = event.currentTarget.value;
              if (id) props.composer.choose(props.role, id);
              event.currentTarget.value = '';
            }}
          >
            <option value="">{t('drop.storedPick')}</option>
            <For each={stored()}>{(known) => <option value={known.id}>{known.name}</option>}</For>
          </select>
        </Show>
      </h2>
      <div
        class="drop-area"
        classList={{ over: over() > 0, filled: slot().status !== 'empty' && !failure(), failed: failure() !== null }}
        onDragEnter={(event) => {
          event.preventDefault();
          setOver((depth) => depth + 1);
        }}
        onDragLeave={() => setOver((depth) => Math.max(0, depth - 1))}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(0);
          take(event.dataTransfer?.files[0]);
        }}
      >
        <input
          id={inputId()}
          type="file"
          accept="audio/*,video/*,.wav,.aif,.aiff,.flac,.mp3,.m4a,.ogg,.oga,.opus,.webm,.wma,.ac3,.amr,.caf"
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
          onPaste={(event) => {
            const file = event.clipboardData?.files[0];
            if (!file) return;
            event.preventDefault();
            event.stopPropagation();
            take(file);
          }}
        />
        <Switch fallback={<EmptyZone role={props.role} over={over() > 0} />}>
          <Match when={failure()}>
            {(failed) => (
              <div class="above drop-failure">
                <ErrorMessage error={failed().error} />
                <div class="drop-failure-actions">
                  <Show when={failed().error.code === 'audio/needs-fallback' && failed().file}>
                    {(file) => (
                      <button class="button" type="button" onClick={() => props.onNeedsFallback(props.role, file())}>
                        {t('fallback.allow')}
                      </button>
                    )}
                  </Show>
                  <button class="button plain" type="button" onClick={() => props.composer.clear(props.role)}>
                    {t('common.dismiss')}
                  </button>
                </div>
              </div>
            )}
          </Match>
          <Match when={slot().status !== 'empty'}>
            <FilledZone role={props.role} composer={props.composer} recording={recording()} />
          </Match>
        </Switch>
      </div>
    </section>
  );
}

function EmptyZone(props: { role: Role; over: boolean }): JSX.Element {
  const { t } = useI18n();
  return (
    <>
      <span class="drop-icon">
        <Icon name="upload" size={26} />
      </span>
      <span class="drop-choose">{props.over ? t('drop.dropNow') : t('drop.choose')}</span>
      <span class="quiet small">{t('drop.orDrop')}</span>
      <span class="drop-zone-hint">{t(`drop.${props.role}Hint`)}</span>
    </>
  );
}

function FilledZone(props: { role: Role; composer: Composer; recording: RecordingInfo | undefined }): JSX.Element {
  const { t, size, clock, number, notice } = useI18n();
  const slot = () => props.composer.slots[props.role];
  const name = () => {
    const now = slot();
    return props.recording?.name ?? (now.status === 'adding' ? now.name : '');
  };
  const ready = () => {
    const state = props.recording?.state;
    return state?.status === 'ready' ? state : null;
  };
  const percent = () => {
    const now = slot();
    if (now.status === 'adding') return Math.round(100 * (now.fraction ?? 0));
    const state = props.recording?.state;
    return state?.status === 'decoding' ? Math.round(state.percent) : 0;
  };
  return (
    <>
      <div class="drop-file">
        <span class="drop-file-mark">
          <Icon name="wave" />
        </span>
        <div class="drop-file-text">
          <div class="drop-file-name ellipsis" title={name()}>
            {name()}
          </div>
          <div class="quiet small number ellipsis">
            <Show when={ready()} fallback={t('drop.reading', { percent: percent() })}>
              {(state) =>
                [
                  clock(state().frames / state().sampleRate),
                  `${number(state().sampleRate / 1000, state().sampleRate % 1000 === 0 ? 0 : 1)} kHz`,
                  t(state().channels === 1 ? 'drop.mono' : 'drop.stereo'),
                  size(props.recording?.bytes ?? 0),
                ].join(' · ')
              }
            </Show>
          </div>
        </div>
        <button class="icon-button" type="button" aria-label={t('drop.clear', { name: name() })} onClick={() => props.composer.clear(props.role)}>
          <Icon name="close" size={18} />
        </button>
      </div>
      <Show when={ready()} fallback={<ProgressBar percent={percent()} label={t('drop.reading', { percent: percent() })} />}>
        {(state) => (
          <>
            <ThumbnailWave id={props.recording?.id ?? ''} />
            <For each={state().notices}>{(found) => <Message kind="info">{notice(found)}</Message>}</For>
          </>
        )}
      </Show>
    </>
  );
}

function ThumbnailWave(props: { id: string }): JSX.Element {
  const product = useProduct();
  let canvas!: HTMLCanvasElement;
  createEffect(() => {
    let current = true;
    onCleanup(() => (current = false));
    product.service.peaks(props.id, 240).then(
      (peaks) => {
        if (current) drawWaveform(canvas, { peaks, color: getComputedStyle(canvas).color, scale: 'fit' });
      },
      () => undefined, // A thumbnail only; the recording itself says what is wrong with it.
    );
  });
  return (
    <div class="drop-wave" aria-hidden="true">
      <canvas ref={canvas} class="drop-wave-ink" />
    </div>
  );
}
