import type { JSX } from 'solid-js';
import { createResource, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import { ErrorMessage } from './message.tsx';
import { ResultHeader } from './result-header.tsx';
import './result-view.css';

/** A finished result: listen, see, read what was changed, change it, take it along. */
export function ResultView(props: { resultId: string; onRendering: (job: Job) => void }): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const [result] = createResource(
    () => props.resultId,
    (id) => service.result(id),
  );
  return (
    <Show when={!result.error} fallback={<ErrorMessage error={toAppError(result.error).toBody()} />}>
      <Show when={result()} fallback={<p class="quiet">{t('result.loading')}</p>} keyed>
        {(found) => <ResultHeader result={found} />}
      </Show>
    </Show>
  );
}
