import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { useProduct } from '../../state/product.tsx';
import { saveBlob } from '../../state/save-blob.ts';
import { Icon } from '../icon.tsx';

const FORMATS = [
  { name: 'wav', text: 'take.downloadWav', type: 'audio/wav' },
  { name: 'flac', text: 'take.downloadFlac', type: 'audio/flac' },
] as const;
type Format = (typeof FORMATS)[number];

/** What no file system minds. */
const fileName = (name: string, format: Format) => `${name.replace(/[\p{Cc}\\/:*?"<>|]+/gu, '-').slice(0, 100) || 'take'}.${format.name}`;

const canShareFiles = (): boolean => {
  try {
    return navigator.canShare?.({ files: [new File([''], 'take.wav', { type: 'audio/wav' })] }) ?? false;
  } catch {
    return false;
  }
};

/** A take as a file: downloaded, or handed to another app. */
export function TakeFiles(props: { recordingId: string | null; name: string; onFailure: (error: ErrorBody) => void }): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const [written, setWritten] = createSignal<number | null>(null);
  const isBusy = () => props.recordingId === null || written() !== null;

  const made = async (format: Format): Promise<File | null> => {
    const id = props.recordingId;
    if (id === null) return null;
    setWritten(0);
    try {
      const task = { onProgress: setWritten };
      const blob = format.name === 'wav' ? await service.exportWav(id, '24', task) : await service.exportFlac(id, task);
      return new File([blob], fileName(props.name, format), { type: format.type });
    } catch (thrown) {
      props.onFailure(toAppError(thrown).toBody());
      return null;
    } finally {
      setWritten(null);
    }
  };
  const download = async (format: Format) => {
    const file = await made(format);
    if (file) saveBlob(file, file.name);
  };
  const share = async () => {
    const file = await made(FORMATS[0]);
    try {
      if (file) await navigator.share({ files: [file], title: props.name });
    } catch (thrown) {
      // Closed without choosing anything.
      if (thrown instanceof Error && thrown.name !== 'AbortError') props.onFailure(toAppError(thrown).toBody());
    }
  };

  return (
    <>
      <span class="take-downloads" role="group" aria-label={t('take.download')}>
        <For each={FORMATS}>
          {(format) => (
            <button class="button" type="button" disabled={isBusy()} onClick={() => void download(format)}>
              <Icon name="download" size={18} /> {t(format.text)}
            </button>
          )}
        </For>
      </span>
      <Show when={canShareFiles()}>
        <button class="button" type="button" disabled={isBusy()} onClick={() => void share()}>
          <Icon name="share" size={18} /> {t('take.share')}
        </button>
      </Show>
      <span class="visually-hidden" role="status">
        {written() === null ? '' : t('take.preparing', { percent: Math.round(100 * (written() ?? 0)) })}
      </span>
    </>
  );
}
