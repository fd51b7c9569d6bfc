import type { JSX } from 'solid-js';
import { createUniqueId, For, Show } from 'solid-js';
import type { ModuleName } from '../../shared/style.ts';
import { moduleSummary } from '../../shared/style-summary.ts';
import type { SummaryInput } from '../../shared/style-summary.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { MODULE_EFFECTS } from '../state/style-editor.ts';
import type { StyleEditor } from '../state/style-editor.ts';
import { Confidence } from './confidence.tsx';
import { Icon } from './icon.tsx';
import { ParameterField } from './parameter-field.tsx';
import { Slider } from './slider.tsx';

/** One module: what it does, how sure that is, on or off, how much; opened, every parameter. */
export function ModuleRow(props: { name: ModuleName; editor: StyleEditor; open: boolean; onOpen: (open: boolean) => void }): JSX.Element {
  const i18n = useI18n();
  const { t, reason } = i18n;
  const bodyId = createUniqueId();
  const module = () => props.editor.edited.modules[props.name];
  const title = () => t(`module.${props.name}`);
  const needsIr = () => 'irKey' in MODULE_EFFECTS[props.name].parameters && Object.keys(props.editor.irs).length === 0;
  const summary = () => moduleSummary({ name: props.name, values: module().values } as unknown as SummaryInput, props.editor.irs, i18n);
  const percent = () => Math.round(module().intensity * 100);
  return (
    <li class="module" classList={{ off: !module().enabled }}>
      <div class="module-row">
        <label class="switch-area">
          <input
            class="switch"
            type="checkbox"
            role="switch"
            aria-label={t('modules.switch', { module: title() })}
            checked={module().enabled}
            disabled={needsIr() && !module().enabled}
            title={needsIr() ? t('modules.noIr') : undefined}
            onChange={(event) => props.editor.setEnabled(props.name, event.currentTarget.checked)}
          />
        </label>
        <h3 class="module-name">
          {title()}
          <Show when={module().reason.code !== 'module/default'}>
            <span class="module-status" classList={{ manual: module().status === 'manual' }}>
              {t(`status.${module().status}`)}
            </span>
          </Show>
        </h3>
        <div class="module-text">
          <Show when={module().enabled} fallback={<p class="module-summary">{reason(module().status === 'estimated' ? { code: 'module/off', args: {} } : module().reason)}</p>}>
            <p class="module-summary number">{summary()}</p>
            <p class="module-reason">
              <Show when={module().status === 'estimated' ? module().confidence : null}>{(confidence) => <Confidence value={confidence()} />}</Show>
              <span>{reason(module().reason)}</span>
            </p>
          </Show>
        </div>
        <div class="module-intensity">
          <Slider
            label={`${t('modules.intensity')}: ${title()}`}
            min={0}
            max={100}
            step={1}
            value={percent()}
            valueText={`${percent()} %`}
            disabled={!module().enabled}
            onInput={(value) => props.editor.setModuleIntensity(props.name, value / 100)}
          />
          <span class="module-percent number">{percent()} %</span>
        </div>
        <button
          class="icon-button module-open"
          type="button"
          aria-expanded={props.open}
          aria-controls={bodyId}
          aria-label={t(props.open ? 'modules.hide' : 'modules.show', { module: title() })}
          onClick={() => props.onOpen(!props.open)}
        >
          <Icon name="chevron" />
        </button>
      </div>
      <div id={bodyId} hidden={!props.open}>
        <Show when={props.open}>
          <ModuleBody name={props.name} editor={props.editor} />
        </Show>
      </div>
    </li>
  );
}

function ModuleBody(props: { name: ModuleName; editor: StyleEditor }): JSX.Element {
  const { t } = useI18n();
  const effect = () => MODULE_EFFECTS[props.name];
  const module = () => props.editor.edited.modules[props.name];
  const bands = () => module().values.bands ?? [];
  /** Crossovers that the number of bands leaves unused are not shown. */
  const parameters = () =>
    Object.entries(effect().parameters).filter(([name]) => {
      const crossover = /^crossover(\d)Hz$/.exec(name)?.[1];
      return crossover === undefined || effect().bands === undefined || Number(crossover) < bands().length;
    });
  const scalar = (name: string) => {
    const value = module().values[name];
    return typeof value === 'number' || typeof value === 'string' ? value : null;
  };
  return (
    <div class="module-body">
      <Show when={parameters().length > 0}>
        <div class="parameters">
          <For each={parameters()}>
            {([name, parameter]) => (
              <ParameterField
                id={`${props.name}-${name}`}
                name={name}
                parameter={parameter}
                value={scalar(name)}
                interval={module().intervals[name]}
                irs={props.editor.irs}
                onChange={(value) => props.editor.setValue(props.name, name, value)}
              />
            )}
          </For>
        </div>
      </Show>
      <Show when={effect().bands} keyed>
        {(schema) => (
          <div class="bands">
            <Show when={bands().length === 0}>
              <p class="quiet small">{t('modules.noBands')}</p>
            </Show>
            {/* By place, not by value: editing a value must not build its field anew and lose the focus. */}
            <For each={bands().map((_, index) => index)}>
              {(index) => (
                <section class="band" aria-label={t('modules.band', { index: index + 1 })}>
                  <div class="band-head">
                    {t('modules.band', { index: index + 1 })}
                    <button class="icon-button" type="button" aria-label={t('modules.removeBand', { index: index + 1 })} onClick={() => props.editor.removeBand(props.name, index)}>
                      <Icon name="trash" size={18} />
                    </button>
                  </div>
                  <div class="parameters">
                    <For each={Object.entries(schema.parameters)}>
                      {([name, parameter]) => (
                        <ParameterField
                          id={`${props.name}-${index}-${name}`}
                          name={name}
                          parameter={parameter}
                          value={bands()[index]?.[name] ?? null}
                          interval={module().intervals[`bands.${index}.${name}`]}
                          irs={props.editor.irs}
                          onChange={(value) => props.editor.setBandValue(props.name, index, name, value)}
                        />
                      )}
                    </For>
                  </div>
                </section>
              )}
            </For>
            <div>
              <button class="button" type="button" disabled={bands().length >= schema.max} onClick={() => props.editor.addBand(props.name)}>
                <Icon name="plus" size={18} /> {t('modules.addBand')}
              </button>
            </div>
          </div>
        )}
      </Show>
    </div>
  );
}
