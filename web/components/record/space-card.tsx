import type { JSX } from 'solid-js';
import { createResource, createSignal, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { useProduct } from '../../state/product.tsx';
import { Icon } from '../icon.tsx';

const DAY_SECONDS = 86_400;

/** How long a take may become, and whether the browser may clear it. */
export function SpaceCard(props: { recorder: Recorder; secondsLeft: number | null }): JSX.Element {
  const { t, span, number } = useI18n();
  const { service } = useProduct();
  const [use, { refetch }] = createResource(() => service.storageUse().catch(() => null));
  const [refused, setRefused] = createSignal(false);
  const persist = async () => {
    setRefused(!(await service.requestPersistence().catch(() => false)));
    void refetch();
  };
  const left = () => {
    const seconds = props.recorder.state()?.secondsLeft ?? props.secondsLeft;
    if (seconds === null) return t('room.unknown');
    return t('room.left', { time: seconds > 2 * DAY_SECONDS ? t('room.days', { days: number(seconds / DAY_SECONDS, 0) }) : span(seconds >= 3600 ? Math.floor(seconds / 60) * 60 : seconds) });
  };
  return (
    <section class="card record-card" aria-labelledby="room-title">
      <h2 id="room-title">{t('room.title')}</h2>
      <p class="number">{left()}</p>
      <div class="record-persist">
        <span class="record-persist-icon" classList={{ good: use.latest?.persisted === true }}>
          <Icon name={use.latest?.persisted ? 'lock' : 'info'} size={18} />
        </span>
        <span class="small quiet" role="status">
          {t(use.latest?.persisted ? 'room.persisted' : refused() ? 'room.refused' : 'room.notPersisted')}
        </span>
        <Show when={use.latest?.persisted === false}>
          <button class="button" type="button" onClick={() => void persist()}>
            {t('room.persist')}
          </button>
        </Show>
      </div>
    </section>
  );
}
