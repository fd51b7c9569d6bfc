import type { JSX } from 'solid-js';
import { createSignal, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import { isRunning } from '../state/running.ts';
import type { UpdateOffer } from '../state/update.ts';
import './update-toast.css';

/** Offers a waiting version; while a job runs it only says so. */
export function UpdateToast(props: { offer: UpdateOffer }): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const [later, setLater] = createSignal(false);
  const busy = () => product.jobs.some(isRunning);
  return (
    <div class="toast-place" role="status">
      <Show when={props.offer.updateAvailable && !later()}>
        <div class="toast">
          <span class="toast-text">
            {t('update.offer')} <Show when={busy()}>{t('update.busy')}</Show>
          </span>
          <button class="button plain" type="button" onClick={() => setLater(true)}>
            {t('update.later')}
          </button>
          <button class="button primary" type="button" disabled={busy()} onClick={() => props.offer.apply()}>
            {t('update.apply')}
          </button>
        </div>
      </Show>
    </div>
  );
}
