import type { JSX } from 'solid-js';
import { createSignal, For, Match, Switch } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import { CHAIN_ORDER } from '../../shared/style.ts';
import type { ModuleName, Style } from '../../shared/style.ts';
import type { LiveState } from '../audio/player-contract.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import type { StyleEditor } from '../state/style-editor.ts';
import type { Workbench } from '../state/workbench.ts';
import { Icon } from './icon.tsx';
import { ErrorMessage, Message } from './message.tsx';
import { ModuleRow } from './module-row.tsx';
import './modules-panel.css';
import { ProgressBar } from './progress-bar.tsx';
import { Slider } from './slider.tsx';

/** What was changed, module by module in the order of the chain, and the means to change it. */
export function ModulesPanel(props: {
  result: ResultInfo;
  editor: StyleEditor;
  /** Whether edits are heard before they are rendered. */
  live: LiveState;
  estimate: Style;
  workbench: Workbench;
  /** The job that renders these edits, while it runs. */
  rendering: Job | undefined;
  onRendering: (job: Job) => void;
}): JSX.Element {
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
          <button class="button" classList={{ primary: props.editor.isDirty() }} type="button" disabled={starting() || props.rendering !== undefined} onClick={() => void render()}>
            {t('modules.render')}
          </button>
        </div>
      </div>
      <Switch>
        <Match when={props.rendering}>
          {(job) => (
            <div class="modules-dirty modules-rendering number">
              <span>{t('modules.rendering', { percent: Math.round(job().percent) })}</span>
              <ProgressBar percent={job().percent} label={t('job.titleRender')} />
              <button class="button" type="button" onClick={() => void service.cancelJob(job().id)}>
                {t('job.cancel')}
              </button>
            </div>
          )}
        </Match>
        <Match when={failure()}>
          {(error) => (
            <div class="modules-dirty">
              <ErrorMessage error={error()} onDismiss={() => setFailure(null)} />
            </div>
          )}
        </Match>
        <Match when={props.editor.isDirty()}>
          <div class="modules-dirty">
            <Message kind="info">{t(props.live === 'starting' || props.live === 'heard' ? 'modules.live' : 'modules.edited')}</Message>
          </div>
        </Match>
      </Switch>
      <ul>
        <For each={names()}>
          {(name) => <ModuleRow name={name} editor={props.editor} open={props.workbench.openModules().has(name)} onOpen={(open) => props.workbench.setOpen(name, open)} />}
        </For>
      </ul>
    </section>
  );
}
