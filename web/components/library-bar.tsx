import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { LibraryState } from '../state/library.ts';
import { KIND_FILTERS, type Order, ORDERS } from '../state/library-view.ts';
import { Icon } from './icon.tsx';

/** Search, what kind, in which order. */
export function LibraryBar(props: { library: LibraryState }): JSX.Element {
  const { t, number } = useI18n();
  let search!: HTMLInputElement;
  return (
    <div class="library-bar">
      <div class="library-search" role="search">
        <Icon name="search" size={18} />
        <input
          ref={search}
          type="search"
          value={props.library.text()}
          placeholder={t('library.search')}
          aria-label={t('library.search')}
          onInput={(event) => props.library.setText(event.currentTarget.value)}
        />
        <Show when={props.library.text()}>
          <button
            class="icon-button"
            type="button"
            aria-label={t('library.clearSearch')}
            onClick={() => {
              props.library.setText('');
              search.focus();
            }}
          >
            <Icon name="close" size={16} />
          </button>
        </Show>
      </div>
      <div class="library-kinds" role="group" aria-label={t('library.kinds')}>
        <For each={KIND_FILTERS}>
          {(kind) => (
            <button class="library-kind" type="button" aria-pressed={props.library.kind() === kind} onClick={() => props.library.setKind(kind)}>
              {t(`library.kind.${kind}`)} <span class="number">{number(props.library.counts()[kind], 0)}</span>
            </button>
          )}
        </For>
      </div>
      <select class="select" aria-label={t('library.order')} onChange={(event) => props.library.setOrder(event.currentTarget.value as Order)}>
        <For each={ORDERS}>
          {(order) => (
            <option value={order} selected={order === props.library.order()}>
              {t(`library.order.${order}`)}
            </option>
          )}
        </For>
      </select>
    </div>
  );
}
