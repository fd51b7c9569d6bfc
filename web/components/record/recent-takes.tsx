import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { useProduct } from '../../state/product.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { Icon } from '../icon.tsx';

const SHOWN = 6;

/** The last takes, to be opened again. */
export function RecentTakes(props: { recorder: Recorder }): JSX.Element {
  const { t, clock, language } = useI18n();
  const product = useProduct();
  const kept = () => product.takes.filter(({ state }) => state === 'kept').slice(0, SHOWN);
  const when = (ms: number) => new Intl.DateTimeFormat(language(), { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(ms);
  return (
    <Show when={kept().length > 0}>
      <section class="card recent" aria-labelledby="recent-title">
        <h2 id="recent-title">{t('recent.title')}</h2>
        <ul>
          <For each={kept()}>
            {(take) => (
              <li>
                <button class="recent-take" type="button" onClick={() => props.recorder.review(take.id)}>
                  <Icon name="wave" size={18} />
                  <span class="ellipsis recent-name">{take.name}</span>
                  <span class="small quiet number">{when(take.startedMs)}</span>
                  <span class="small number">{clock(take.seconds)}</span>
                </button>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
