import type { JSX } from 'solid-js';
import { createResource, onCleanup, Show, untrack } from 'solid-js';
import type { Job } from '../../shared/jobs.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { Estimate } from '../jobs/contract.ts';
import { createEarlyComparison } from '../state/early-comparison.ts';
import { useProduct } from '../state/product.tsx';
import type { Workbench } from '../state/workbench.ts';
import { ComparePlayer } from './compare-player.tsx';

/** By then the result is there. */
const TAKEN_OVER_MS = 3000;

/** Listening while the result is still rendered: the estimate, made live from the target. */
export function JobPreview(props: { job: Job; workbench: Workbench }): JSX.Element {
  const product = useProduct();
  const [found] = createResource(
    () => props.job.id,
    // Without it there is nothing to hear early; the result itself comes.
    (id) => product.service.estimate(id).catch(() => undefined),
  );
  return (
    <Show when={found()} keyed>
      {(estimate) => <OpenPreview job={props.job} estimate={estimate} workbench={props.workbench} />}
    </Show>
  );
}

function OpenPreview(props: { job: Job; estimate: Estimate; workbench: Workbench }): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const { job, estimate, workbench } = untrack(() => ({ job: props.job, estimate: props.estimate, workbench: props.workbench }));
  const comparison = createEarlyComparison(service, job, estimate);
  onCleanup(() => {
    const { player } = comparison;
    const { track, positionSeconds, status } = player.state;
    const isHandedOver = status === 'playing' && untrack(() => props.job.state) === 'COMPLETED';
    workbench.playhead = { targetId: job.targetId, track, seconds: positionSeconds, playing: isHandedOver ? player : null };
    // It plays until the result takes over. One that does not come falls silent.
    if (isHandedOver) setTimeout(player.close, TAKEN_OVER_MS);
    else player.close();
  });
  return (
    <Show when={comparison.player.state.live !== 'unavailable'}>
      <ComparePlayer comparison={comparison} liveText={t('listen.early')} />
    </Show>
  );
}
