import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { isChoice, isNumber } from '../../shared/params/effect.ts';
import type { NumberParameter, Parameter } from '../../shared/params/effect.ts';
import type { ImpulseResponse, Interval } from '../../shared/style.ts';
import type { MessageKey } from '../i18n/en.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { Scalar } from '../state/style-editor.ts';
import { fromShown, fromTravel, shownDecimals, shownRange, toShown, toTravel, TRAVEL } from './parameter-scale.ts';
import { Slider } from './slider.tsx';

/** One parameter of an effect: everything about it is read from its schema. */
export function ParameterField(props: {
  id: string;
  name: string;
  parameter: Parameter;
  value: Scalar;
  interval: Interval | undefined;
  irs: Readonly<Record<string, ImpulseResponse>>;
  onChange: (value: Scalar) => void;
}): JSX.Element {
  const { t } = useI18n();
  const label = () => t(`param.${props.name}` as MessageKey);
  return (
    <div class="parameter">
      <Show when={isNumber(props.parameter) ? props.parameter : null} fallback={<ChoiceField {...props} label={label()} />} keyed>
        {(parameter) => <NumberField {...props} label={label()} parameter={parameter} value={typeof props.value === 'number' ? props.value : parameter.default} />}
      </Show>
    </div>
  );
}

function NumberField(props: { id: string; label: string; parameter: NumberParameter; value: number; interval: Interval | undefined; onChange: (value: number) => void }): JSX.Element {
  const { t, number } = useI18n();
  const unit = () => (props.parameter.unit === 'fraction' ? '%' : t(`unit.${props.parameter.unit}`));
  const shown = (value: number) => number(toShown(props.parameter, value), shownDecimals(props.parameter));
  const range = () => shownRange(props.parameter);
  return (
    <>
      <label class="parameter-label" for={props.id}>
        {props.label}
      </label>
      <span class="parameter-number">
        <input
          id={props.id}
          class="field"
          type="number"
          min={range().min}
          max={range().max}
          step={range().step}
          value={toShown(props.parameter, props.value)}
          onChange={(event) => {
            const typed = event.currentTarget.valueAsNumber;
            const value = Number.isFinite(typed) ? fromShown(props.parameter, typed) : props.value;
            props.onChange(value);
            event.currentTarget.value = String(toShown(props.parameter, value));
          }}
        />
        <span class="parameter-unit">{unit()}</span>
      </span>
      <Slider
        label={t('param.value', { name: props.label })}
        min={0}
        max={TRAVEL}
        step={1}
        value={toTravel(props.parameter, props.value)}
        valueText={`${shown(props.value)} ${unit()}`}
        onInput={(travel) => props.onChange(fromTravel(props.parameter, travel))}
      />
      <Show when={props.interval}>
        {(interval) => <span class="parameter-likely number">{t('modules.likely', { low: shown(interval()[0]), high: shown(interval()[1]) })}</span>}
      </Show>
    </>
  );
}

function ChoiceField(props: { id: string; label: string; parameter: Parameter; value: Scalar; irs: Readonly<Record<string, ImpulseResponse>>; onChange: (value: Scalar) => void }): JSX.Element {
  const { t, number } = useI18n();
  const options = (): readonly { readonly value: string; readonly text: string }[] => {
    if (isChoice(props.parameter)) return props.parameter.choices.map((choice) => ({ value: choice, text: t(`choice.${choice}` as MessageKey) }));
    return [
      { value: '', text: t('ir.none') },
      ...Object.entries(props.irs).map(([key, ir]) => ({
        value: key,
        text: t('ir.entry', { seconds: number((ir.channels[0]?.length ?? 0) / ir.sampleRate, 2), channels: ir.channels.length }),
      })),
    ];
  };
  return (
    <>
      <label class="parameter-label" for={props.id}>
        {props.label}
      </label>
      <select id={props.id} class="select parameter-choice" onChange={(event) => props.onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}>
        <For each={options()}>
          {(option) => (
            <option value={option.value} selected={option.value === (props.value ?? '')}>
              {option.text}
            </option>
          )}
        </For>
      </select>
    </>
  );
}
