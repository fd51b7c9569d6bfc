import type { JSX } from 'solid-js';
import { createResource, onCleanup, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import type { Style } from '../../shared/style.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { createComparison } from '../state/comparison.ts';
import { estimateOf } from '../state/estimate.ts';
import { useProduct } from '../state/product.tsx';
import { createStyleEditor } from '../state/style-editor.ts';
import { ComparePlayer } from './compare-player.tsx';
import { Measurements } from './measurements.tsx';
import { ErrorMessage } from './message.tsx';
import { ModulesPanel } from './modules-panel.tsx';
import { ResultHeader } from './result-header.tsx';
import './result-view.css';
import { Spectrum } from './spectrum.tsx';

/** A finished result: listen, see, read what was changed, change it, take it along. */
export function ResultView(props: { resultId: string; onRendering: (job: Job) => void }): JSX.Element {
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
      <Show when={found()} fallback={<p class="quiet">{t('result.loading')}</p>} keyed>
        {({ result, estimate }) => <OpenResult result={result} estimate={estimate} onRendering={(job) => props.onRendering(job)} />}
      </Show>
    </Show>
  );
}

function OpenResult(props: { result: ResultInfo; estimate: Style; onRendering: (job: Job) => void }): JSX.Element {
  const { service } = useProduct();
  const comparison = createComparison(service, props.result);
  const editor = createStyleEditor(props.result.style);
  onCleanup(() => comparison.player.close());
  return (
    <>
      <ResultHeader result={props.result} />
      <ComparePlayer comparison={comparison} />
      <div class="result-columns">
        <Spectrum result={props.result} editor={editor} />
        <Measurements result={props.result} />
      </div>
      <ModulesPanel result={props.result} editor={editor} estimate={props.estimate} onRendering={(job) => props.onRendering(job)} />
    </>
  );
}
