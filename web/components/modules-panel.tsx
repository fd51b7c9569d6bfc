import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import { CHAIN_ORDER } from '../../shared/style.ts';
import type { ModuleName, Style } from '../../shared/style.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import type { StyleEditor } from '../state/style-editor.ts';
import { Icon } from './icon.tsx';
import { ErrorMessage, Message } from './message.tsx';
import { ModuleRow } from './module-row.tsx';
import './modules-panel.css';
import { Slider } from './slider.tsx';

/** What was changed, module by module in the order of the chain, and the means to change it. */
export function ModulesPanel(props: { result: ResultInfo; editor: StyleEditor; estimate: Style; onRendering: (job: Job) => void }): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [starting, setStarting] = createSignal(false);
  // The match filter is there only where one was asked for.
  const names = (): readonly ModuleName[] => CHAIN_ORDER.filter((name) => name !== 'matchFir' || props.estimate.modules.matchFir.values.irKey !== null);
  const percent = () => Math.round(props.editor.edited.intensity * 100);
  const render = async () => {
    setFailure(null);
    setStarting(true);
    try {
      props.onRendering(await service.renderAgain(props.result.targetId, props.editor.style(), { referenceId: props.result.referenceId }));
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    } finally {
      setStarting(false);
    }
  };
  return (
    <section class="card modules" aria-labelledby="modules-title">
      <div class="modules-head">
        <div class="modules-head-text">
          <h2 id="modules-title">{t('modules.title')}</h2>
          <p class="quiet small">{t('modules.hint')}</p>
        </div>
        <div class="modules-global">
          <span class="legend">{t('modules.global')}</span>
          <Slider label={t('modules.global')} min={0} max={100} step={1} value={percent()} valueText={`${percent()} %`} onInput={(value) => props.editor.setIntensity(value / 100)} />
          <span class="module-percent number">{percent()} %</span>
        </div>
        <div class="modules-actions">
          <button class="button" type="button" onClick={() => props.editor.reset(props.estimate)}>
            <Icon name="reset" size={18} /> {t('modules.reset')}
          </button>
          <button class="button" classList={{ primary: props.editor.isDirty() }} type="button" disabled={starting()} onClick={() => void render()}>
            {t('modules.render')}
          </button>
        </div>
      </div>
      <Show when={props.editor.isDirty() || failure()}>
        <div class="modules-dirty">
          <Show when={failure()} fallback={<Message kind="info">{t('modules.edited')}</Message>}>
            {(error) => <ErrorMessage error={error()} onDismiss={() => setFailure(null)} />}
          </Show>
        </div>
      </Show>
      <ul>
        <For each={names()}>{(name) => <ModuleRow name={name} editor={props.editor} />}</For>
      </ul>
    </section>
  );
}
