import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { useProduct } from '../../state/product.tsx';
import { isRunning } from '../../state/running.ts';
import { Message } from '../message.tsx';

/** What has become of the preset a take was recorded with. */
export function PresetOutcome(props: { recordingId: string; styleId: string }): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const job = () => product.jobs.find(({ plan, targetId, styleId }) => plan === 'render' && targetId === props.recordingId && styleId === props.styleId);
  return (
    <Show when={job()}>
      {(known) => (
        <Message kind="info">
          <span class="preset-outcome">
            <span>{t(isRunning(known()) ? 'take.finishing' : known().state === 'COMPLETED' ? 'take.finishDone' : 'take.finishLater')}</span>
            <A class="button" href={`/?job=${known().id}`}>
              {t(known().state === 'COMPLETED' ? 'take.hear' : 'take.studio')}
            </A>
          </span>
        </Message>
      )}
    </Show>
  );
}
