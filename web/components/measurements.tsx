import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import type { Features } from '../../shared/features.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { TrackName } from '../state/comparison.ts';
import { MEASURED_ROWS } from './measured-rows.ts';
import './measurements.css';
import { Message } from './message.tsx';

/** Before, after and reference in numbers; all of the result's are measured on the rendered file. */
export function Measurements(props: { result: ResultInfo }): JSX.Element {
  const { t, number, notice } = useI18n();
  const columns = (): readonly { readonly track: TrackName; readonly features: Features }[] => [
    { track: 'target', features: props.result.targetFeatures },
    { track: 'result', features: props.result.features },
    ...(props.result.referenceFeatures ? [{ track: 'reference', features: props.result.referenceFeatures } as const] : []),
  ];
  const extra = () => {
    const { stftDist, melDist, lufsErr, artifactsRate } = props.result.metrics;
    const inDb = (value: number | null, signed = false) => (value === null ? t('measure.unmeasurable') : `${number(value, 2, signed)} ${t('unit.dB')}`);
    return [
      ...(props.result.referenceId === null
        ? []
        : [
            { name: t('measure.stftDist'), value: inDb(stftDist) },
            { name: t('measure.melDist'), value: inDb(melDist) },
            { name: t('measure.lufsErr'), value: lufsErr === null ? t('measure.unmeasurable') : `${number(lufsErr, 2, true)} ${t('unit.LU')}` },
          ]),
      { name: t('measure.artifactsRate'), value: t('measure.perMinute', { count: number(artifactsRate, artifactsRate % 1 === 0 ? 0 : 1) }) },
    ];
  };
  return (
    <section class="card measurements" aria-labelledby="measure-title">
      <div class="card-head">
        <h2 id="measure-title">{t('measure.title')}</h2>
        <span class="quiet">{t('measure.hint')}</span>
      </div>
      <table class="measure-table number">
        <thead>
          <tr>
            <td />
            <For each={columns()}>
              {({ track }) => (
                <th scope="col" class={`track-${track}`}>
                  <span class="dot" />
                  {t(`track.${track}`)}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={MEASURED_ROWS}>
            {(row) => (
              <tr>
                <th scope="row">
                  {t(`measure.${row.key}`)} <span class="unit">{t(`unit.${row.unit}`)}</span>
                </th>
                <For each={columns()}>
                  {({ track, features }) => {
                    const value = () => row.read(features, props.result.metrics, track);
                    return (
                      <td class={track}>
                        <Show when={value() !== null} fallback={<span class="none">{t('measure.unmeasurable')}</span>}>
                          {number(value() ?? 0, row.digits)}
                        </Show>
                      </td>
                    );
                  }}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <dl class="measure-extra number">
        <For each={extra()}>
          {(entry) => (
            <div>
              <dt>{entry.name}</dt>
              <dd>{entry.value}</dd>
            </div>
          )}
        </For>
      </dl>
      <For each={props.result.notices}>{(found) => <Message kind="info">{notice(found)}</Message>}</For>
    </section>
  );
}
