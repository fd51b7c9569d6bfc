import type { JSX } from 'solid-js';
import { createSignal, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { BackupTarget } from '../jobs/library/contract.ts';
import { canChooseFolder, chooseFolder, chooseZip, zipName } from '../state/backup-target.ts';
import type { LibraryState } from '../state/library.ts';
import { saveBlob } from '../state/save-blob.ts';
import { useProduct } from '../state/product.tsx';
import './export-dialog.css';
import { Icon } from './icon.tsx';
import { ErrorMessage, Message } from './message.tsx';
import { Modal } from './modal.tsx';
import { ProgressBar } from './progress-bar.tsx';

/** A copy of everything: into a folder where the browser can, or as one zip. */
export function ExportDialog(props: { open: boolean; library: LibraryState; onClose: () => void; onDone: () => void }): JSX.Element {
  const { t, size, number } = useI18n();
  const { service } = useProduct();
  const [fraction, setFraction] = createSignal<number | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isDone, setDone] = createSignal(false);
  let stop: AbortController | undefined;
  const bytes = (): number => props.library.entries.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);

  async function run(choose: () => Promise<BackupTarget | null>): Promise<void> {
    setFailure(null);
    setDone(false);
    try {
      const target = await choose();
      if (!target) return;
      stop = new AbortController();
      setFraction(0);
      const names = new Map(props.library.entries.map((entry) => [entry.id, props.library.nameOf(entry)]));
      const zip = await service.library.backUp(target, names, { signal: stop.signal, onProgress: setFraction });
      if (zip) saveBlob(zip, zipName(Date.now()));
      setDone(true);
      props.onDone();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code !== 'job/cancelled') setFailure(error.toBody());
    } finally {
      setFraction(null);
    }
  }
  const toFolder = () =>
    run(async () => {
      const handle = await chooseFolder();
      return handle && { kind: 'folder', handle };
    });
  const toZip = () =>
    run(async () => {
      const chosen = chooseZip(zipName(Date.now()));
      if (chosen === 'download') return { kind: 'download' };
      const handle = await chosen;
      return handle && { kind: 'file', handle };
    });
  const close = (): void => {
    stop?.abort();
    setDone(false);
    setFailure(null);
    props.onClose();
  };
  const choice = (icon: 'folder' | 'box', text: 'export.folder' | 'export.zip', hint: 'export.folderHint' | 'export.zipHint', go: () => Promise<void>) => (
    <button class="export-choice" type="button" disabled={fraction() !== null} onClick={() => void go()}>
      <Icon name={icon} size={24} />
      <span class="export-choice-text">{t(text)}</span>
      <span class="small quiet">{t(hint)}</span>
    </button>
  );
  return (
    <Modal open={props.open} title={t('export.title')} onClose={close}>
      <p>{t('export.text', { count: number(props.library.entries.length, 0), size: size(bytes()) })}</p>
      <div class="export-choices">
        <Show when={canChooseFolder()}>{choice('folder', 'export.folder', 'export.folderHint', toFolder)}</Show>
        {choice('box', 'export.zip', 'export.zipHint', toZip)}
      </div>
      <Show when={fraction() !== null}>
        <div class="export-progress">
          <span class="small number">{t('export.writing', { percent: Math.round(100 * (fraction() ?? 0)) })}</span>
          <ProgressBar percent={100 * (fraction() ?? 0)} label={t('export.title')} />
          <button class="button" type="button" onClick={() => stop?.abort()}>
            {t('export.stop')}
          </button>
        </div>
      </Show>
      <Show when={isDone()}>
        <Message kind="info">{t('export.done')}</Message>
      </Show>
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
    </Modal>
  );
}
