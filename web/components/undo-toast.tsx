import type { JSX } from 'solid-js';
import { createSignal, onCleanup, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { BinnedEntry } from '../jobs/library/contract.ts';
import { useProduct } from '../state/product.tsx';
import './update-toast.css';

/** What was just deleted, and the way back, for as long as there is one; after a reload too. */
export function UndoToast(): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const [binned, setBinned] = createSignal<readonly BinnedEntry[]>([]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (all: readonly BinnedEntry[]): void => {
    clearTimeout(timer);
    const now = Date.now();
    const left = all.filter(({ untilMs }) => untilMs > now);
    setBinned(left);
    if (left.length > 0) timer = setTimeout(() => show(left), Math.min(...left.map(({ untilMs }) => untilMs)) - now + 1);
  };
  onCleanup(service.library.watchBin(show));
  onCleanup(() => clearTimeout(timer));
  const sentence = (): string => {
    const [first, ...others] = binned();
    return others.length > 0 ? t('library.deletedMany', { count: binned().length }) : t('library.deleted', { name: first?.name ?? '' });
  };
  return (
    <div class="toast-place" role="status">
      <Show when={binned().length > 0}>
        <div class="toast">
          <span class="toast-text">{sentence()}</span>
          <button class="button primary" type="button" onClick={() => void service.library.restore(binned().map(({ id }) => id))}>
            {t('library.undo')}
          </button>
        </div>
      </Show>
    </div>
  );
}
