import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Adding } from '../../state/adding.ts';
import { useProduct } from '../../state/product.tsx';
import { useRecorder } from '../../state/recorder.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { ProgressBar } from '../progress-bar.tsx';
import { RecordSample } from './record-sample.tsx';

/** Where a sample comes from: recorded now, a file, or something that is here already. */
export function SampleSource(props: { adding: Adding; onRecording: (id: string) => void }): JSX.Element {
  const { t, clock, date } = useI18n();
  const product = useProduct();
  const recorder = useRecorder();
  const stored = () => product.recordings.filter(({ state }) => state.status === 'ready');
  const length = (recording: (typeof product.recordings)[number]) => (recording.state.status === 'ready' ? clock(recording.state.frames / recording.state.sampleRate) : '');
  const add = async (file: File | undefined): Promise<void> => {
    const id = file && (await props.adding.add(file));
    if (id) props.onRecording(id);
  };
  return (
    <div class="sample-source">
      <Show when={recorder}>
        {(present) => <RecordSample recorder={present()} name={t('sample.takeName', { date: date(Date.now(), true) })} onRecording={props.onRecording} />}
      </Show>
      <div class="sample-ways">
        <span class="button file-button">
          <Icon name="upload" size={18} /> <span aria-hidden="true">{t('sample.file')}</span>
          <input
            type="file"
            accept="audio/*,video/*,.wav,.aif,.aiff,.flac,.mp3,.m4a,.ogg,.oga,.opus,.webm,.wma,.ac3,.amr,.caf"
            aria-label={t('sample.file')}
            onChange={(event) => {
              void add(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
        </span>
        <Show when={stored().length > 0}>
          <select
            class="select"
            aria-label={t('sample.library')}
            onChange={(event) => {
              if (event.currentTarget.value) props.onRecording(event.currentTarget.value);
              event.currentTarget.value = '';
            }}
          >
            <option value="">{t('sample.libraryPick')}</option>
            <For each={stored()}>
              {(recording) => (
                <option value={recording.id}>
                  {recording.name} · {length(recording)}
                </option>
              )}
            </For>
          </select>
        </Show>
      </div>
      <For each={props.adding.items()}>
        {(item) => (
          <Show when={item.error} fallback={<div class="adding"><span class="ellipsis small">{t('library.adding', { name: item.file.name })}</span><ProgressBar percent={100 * item.fraction} label={t('library.adding', { name: item.file.name })} /></div>}>
            {(error) => <ErrorMessage error={error()} onDismiss={() => props.adding.dismiss(item.file)} />}
          </Show>
        )}
      </For>
    </div>
  );
}
