import type { JSX } from 'solid-js';
import { createEffect, createResource, createSignal, For, on, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { RecordingInfo } from '../jobs/contract.ts';
import { withoutEnding } from '../jobs/library/file-ending.ts';
import { useProduct } from '../state/product.tsx';
import { Icon } from './icon.tsx';
import { ErrorMessage } from './message.tsx';
import { Modal } from './modal.tsx';
import { ProgressBar } from './progress-bar.tsx';
import './storage-footer.css';

/** The foot of the page: how much is stored, and the dialog that frees it. */
export function StorageFooter(): JSX.Element {
  const { t, size } = useI18n();
  const product = useProduct();
  const { service } = product;
  const [open, setOpen] = createSignal(false);
  const [answer, setAnswer] = createSignal('');
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [use, { refetch }] = createResource(() => service.storageUse().catch(() => null));
  const finished = () => product.jobs.filter((job) => job.state === 'COMPLETED').length;
  createEffect(on([() => product.recordings.length, finished], () => void refetch(), { defer: true }));

  const attempt = async (work: () => Promise<string>) => {
    setFailure(null);
    try {
      setAnswer(await work());
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
    void refetch();
  };
  const clean = () => attempt(async () => t('storage.cleaned', { size: size(await service.cleanIntermediates()) }));
  const persist = () => attempt(async () => t((await service.requestPersistence()) ? 'storage.persisted' : 'storage.refused'));

  let listTitle: HTMLHeadingElement | undefined;
  const remove = ({ id, name }: RecordingInfo) => {
    // The button goes with its row; focus stays in the dialog, where Escape is heard.
    listTitle?.focus();
    return attempt(async () => {
      await service.library.bin([{ id, kind: 'recording', name: withoutEnding(name) }]);
      return '';
    });
  };

  return (
    <footer class="app-footer">
      <span class="app-privacy">
        <Icon name="lock" size={16} /> {t('app.privacy')}
      </span>
      <span class="grow" />
      <Show when={use.latest}>
        {(known) => (
          <button class="button plain" type="button" onClick={() => setOpen(true)}>
            <Icon name="disk" size={18} /> <span class="number">{t('storage.useShort', { used: size(known().usedBytes) })}</span>
          </button>
        )}
      </Show>
      <Modal open={open()} title={t('storage.title')} onClose={() => setOpen(false)}>
        <Show when={use.latest}>
          {(known) => (
            <div class="storage-part">
              <span class="number">{t('storage.use', { used: size(known().usedBytes), quota: size(known().quotaBytes) })}</span>
              <ProgressBar percent={(100 * known().usedBytes) / Math.max(1, known().quotaBytes)} label={t('storage.title')} />
              <div class="storage-line">
                <span class="small quiet">{t('storage.intermediate', { size: size(known().intermediateBytes) })}</span>
                <button class="button" type="button" disabled={known().intermediateBytes === 0} onClick={() => void clean()}>
                  {t('storage.clean')}
                </button>
              </div>
              <div class="storage-line">
                <span class="small quiet">{t(known().persisted ? 'storage.persisted' : 'storage.persistHint')}</span>
                <Show when={!known().persisted}>
                  <button class="button" type="button" onClick={() => void persist()}>
                    {t('storage.persist')}
                  </button>
                </Show>
              </div>
            </div>
          )}
        </Show>
        <p class="small" role="status">
          {answer()}
        </p>
        <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <div class="storage-part">
          <h3 ref={listTitle} tabindex={-1}>
            {t('storage.recordings')}
          </h3>
          <Show when={product.recordings.length > 0} fallback={<p class="small quiet">{t('storage.noRecordings')}</p>}>
            <ul class="storage-list">
              <For each={product.recordings}>
                {(recording) => (
                  <li class="storage-row">
                    <span class="ellipsis" title={recording.name}>
                      {recording.name}
                    </span>
                    <span class="small quiet number">{size(recording.bytes)}</span>
                    <button
                      class="icon-button"
                      type="button"
                      aria-label={t('storage.remove', { name: recording.name })}
                      onClick={() => void remove(recording)}
                    >
                      <Icon name="trash" size={18} />
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </div>
      </Modal>
    </footer>
  );
}
