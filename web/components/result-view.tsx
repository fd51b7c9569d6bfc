import type { JSX } from 'solid-js';
import { createResource, onCleanup, Show, untrack } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import type { Style } from '../../shared/style.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { createComparison } from '../state/comparison.ts';
import { estimateOf } from '../state/estimate.ts';
import { createLivePreview } from '../state/live-preview.ts';
import { useProduct } from '../state/product.tsx';
import { createStyleEditor } from '../state/style-editor.ts';
import type { Workbench } from '../state/workbench.ts';
import { ComparePlayer } from './compare-player.tsx';
import { Measurements } from './measurements.tsx';
import { ErrorMessage } from './message.tsx';
import { ModulesPanel } from './modules-panel.tsx';
import { ResultHeader } from './result-header.tsx';
import './result-view.css';
import { Spectrum } from './spectrum.tsx';

/** A finished result: listen, see, read what was changed, change it, take it along. */
export function ResultView(props: { resultId: string; workbench: Workbench; rendering: Job | undefined; onRendering: (job: Job) => void }): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const [found] = createResource(
    () => props.resultId,
    async (id) => {
      const result = await product.service.result(id);
      return { result, estimate: await estimateOf(product, result) };
    },
  );
  return (
    <Show when={!found.error} fallback={<ErrorMessage error={toAppError(found.error).toBody()} />}>
      {/* The one before stays until the next is here, so that nothing jumps. */}
      <Show when={found.latest} fallback={<p class="quiet">{t('result.loading')}</p>} keyed>
        {({ result, estimate }) => (
          <OpenResult result={result} estimate={estimate} workbench={props.workbench} rendering={props.rendering} onRendering={(job) => props.onRendering(job)} />
        )}
      </Show>
    </Show>
  );
}

interface OpenResultProps {
  result: ResultInfo;
  estimate: Style;
  workbench: Workbench;
  rendering: Job | undefined;
  onRendering: (job: Job) => void;
}

function OpenResult(props: OpenResultProps): JSX.Element {
  const { service } = useProduct();
  const { workbench, result } = untrack(() => ({ workbench: props.workbench, result: props.result }));
  const comparison = createComparison(service, result);
  const editor = createStyleEditor(result.style);
  if (workbench.playhead?.targetId === result.targetId) {
    const { track, seconds, playing } = workbench.playhead;
    if (comparison.tracks.some(({ name }) => name === track)) comparison.player.switchTo(track);
    comparison.player.seek(seconds);
    if (playing) comparison.player.takeOver(playing);
  }
  // Edits made while the ones before were rendered are not lost.
  if (workbench.edits?.jobId === result.jobId) editor.restore(workbench.edits.edited);
  createLivePreview(service, result, comparison, editor);
  onCleanup(() => {
    const { track, positionSeconds } = comparison.player.state;
    workbench.playhead = { targetId: result.targetId, track, seconds: positionSeconds, playing: null };
    workbench.edits = workbench.renderingId === null ? null : { jobId: workbench.renderingId, edited: editor.snapshot() };
    workbench.renderingId = null;
    comparison.player.close();
  });
  return (
    <>
      <ResultHeader result={props.result} />
      <ComparePlayer comparison={comparison} />
      <div class="result-columns">
        <Spectrum result={props.result} editor={editor} />
        <Measurements result={props.result} />
      </div>
      <ModulesPanel
        result={props.result}
        editor={editor}
        live={comparison.player.state.live}
        estimate={props.estimate}
        workbench={workbench}
        rendering={props.rendering}
        onRendering={(job) => {
          workbench.renderingId = job.id;
          props.onRendering(job);
        }}
      />
    </>
  );
}
