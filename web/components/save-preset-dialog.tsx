import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createSignal, createUniqueId, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import './save-preset-dialog.css';
import { useJobName } from './job-name.ts';
import { ErrorMessage, Message } from './message.tsx';
import { Modal } from './modal.tsx';
import { ShareButton } from './share-button.tsx';

/** Keeps the style of a result in the library, under a name. */
export function SavePresetDialog(props: { open: boolean; result: ResultInfo; onClose: () => void }): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const jobName = useJobName();
  const id = createUniqueId();
  /** Of the preset, once it is saved. */
  const [saved, setSaved] = createSignal<{ readonly id: string; readonly name: string } | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  /** The sound is the reference's; without one the recording's name has to do. */
  const proposed = (): string => product.recording(props.result.referenceId)?.name.replace(/\.\w{1,5}$/, '') ?? jobName(props.result);
  const close = (): void => {
    setSaved(null);
    setFailure(null);
    props.onClose();
  };
  const save = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    setFailure(null);
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim() || proposed();
    try {
      const { id: resultId, targetId, referenceId, style } = props.result;
      setSaved({ id: await product.service.library.savePreset({ name, style, from: { resultId, targetId, referenceId } }), name });
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  };
  return (
    <Modal open={props.open} title={t('preset.saveTitle')} onClose={close}>
      <Show
        when={!saved()}
        fallback={
          <>
            <Message kind="info">{t('preset.saved')}</Message>
            <div class="dialog-actions">
              <A class="button" href="/library">
                {t('preset.show')}
              </A>
              <Show when={saved()}>{(preset) => <ShareButton presetId={preset().id} name={preset().name} />}</Show>
              <button class="button primary" type="button" onClick={close}>
                {t('common.close')}
              </button>
            </div>
          </>
        }
      >
        <form class="save-preset" onSubmit={(event) => void save(event)}>
          <p class="small quiet">{t('preset.saveHint')}</p>
          <label for={id}>{t('preset.nameLabel')}</label>
          <input id={id} class="field" name="name" maxlength={200} value={proposed()} ref={(input) => queueMicrotask(() => input.select())} />
          <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
          <div class="dialog-actions">
            <button class="button primary" type="submit">
              {t('preset.keep')}
            </button>
          </div>
        </form>
      </Show>
    </Modal>
  );
}
