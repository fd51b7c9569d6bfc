import type { JSX } from 'solid-js';
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from 'solid-js';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { EqualizerValues } from '../../shared/params/equalizer.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { TrackName } from '../state/comparison.ts';
import { usePalette } from '../state/palette.ts';
import type { StyleEditor } from '../state/style-editor.ts';
import { alignedLtasDb, CURVE_HZ, curveDb, gridHz, levelRangeDb, nearestIndex } from './spectrum-data.ts';
import type { Resolution } from './spectrum-data.ts';
import './spectrum.css';

type Line = TrackName | 'curve';

/** Where a label is worth its room. */
const TICKS_HZ = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
/** The equalizer's own axis is never finer than this. */
const MIN_CURVE_RANGE_DB = 9;

/** Long-term spectrum of the three, and the curve of the equalizer as it stands in the editor. */
export function Spectrum(props: { result: ResultInfo; editor: StyleEditor }): JSX.Element {
  const { t, number, hertz, language } = useI18n();
  const palette = usePalette();
  const [resolution, setResolution] = createSignal<Resolution>('third');
  const [hidden, setHidden] = createSignal<ReadonlySet<Line>>(new Set());
  const [cursor, setCursor] = createSignal<number | null>(null);
  const features = createMemo(() => {
    const { targetFeatures, features: resultFeatures, referenceFeatures } = props.result;
    return { target: targetFeatures, result: resultFeatures, ...(referenceFeatures ? { reference: referenceFeatures } : {}) };
  });
  const tracks = () => Object.keys(features()) as TrackName[];
  const hz = createMemo(() => gridHz(props.result.features, resolution()));
  const curve = createMemo(() => {
    const { eq } = props.editor.edited.modules;
    const module = { enabled: eq.enabled, intensity: eq.intensity, values: eq.values as unknown as EqualizerValues };
    return curveDb(module, props.editor.edited.intensity, CURVE_HZ, props.result.sampleRate);
  });
  const lines = createMemo(() => {
    const of = (track: TrackName) => {
      const measured = features()[track];
      return measured ? alignedLtasDb(measured, resolution()) : hz().map(() => null);
    };
    return { target: of('target'), result: of('result'), reference: of('reference'), curve: curve() };
  });
  const label = () => {
    const error = props.result.metrics.ltasErrorDb;
    return error === null ? t('spectrum.labelPlain') : t('spectrum.label', { error: number(error) });
  };
  const toggle = (line: Line) =>
    setHidden((now) => {
      const next = new Set(now);
      if (!next.delete(line)) next.add(line);
      return next;
    });
  const lineName = (line: Line) => (line === 'curve' ? t('spectrum.curve') : t(`track.${line}`));
  const valueAt = (line: Line) => {
    const at = cursor();
    const value = at === null ? null : lines()[line][nearestIndex(line === 'curve' ? CURVE_HZ : hz(), at)];
    return value == null ? '' : `${number(value, 1, true)} ${t('unit.dB')}`;
  };

  let place!: HTMLDivElement;
  let plot: uPlot | undefined;
  // Two grids on one axis: where a line has no point of its own it runs on to its next.
  const data = (): uPlot.AlignedData =>
    uPlot.join([
      [[...CURVE_HZ], [...lines().curve]],
      [[...hz()], lines().target, lines().reference, lines().result],
    ]);
  const build = () => {
    plot?.destroy();
    const colors = palette();
    const font = `12px ${getComputedStyle(place).fontFamily}`;
    const shown = (line: Line) => !hidden().has(line);
    const axis = { stroke: colors['ink-3'], grid: { stroke: colors.line, width: 1 }, ticks: { show: false }, font, labelFont: font };
    plot = new uPlot(
      {
        width: Math.max(200, place.clientWidth),
        height: place.clientHeight,
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false }, focus: { prox: -1 } },
        padding: [10, 4, 0, 0],
        hooks: { setCursor: [(now) => setCursor(now.cursor.idx == null ? null : (now.data[0][now.cursor.idx] ?? null))] },
        scales: {
          x: { time: false, distr: 3, range: [20, 20000] },
          level: { range: () => [...levelRangeDb([lines().target, lines().result, lines().reference])] },
          curve: {
            range: () => {
              const most = Math.max(MIN_CURVE_RANGE_DB, ...lines().curve.map((db) => Math.abs(db) * 1.15));
              const reach = Math.ceil(most / 3) * 3;
              return [-reach, reach];
            },
          },
        },
        axes: [
          { ...axis, splits: () => TICKS_HZ, values: (_, splits) => splits.map((f) => ((f === 50 || f === 500 || f === 5000) && place.clientWidth < 420 ? '' : hertz(f).replace(' Hz', '').replace(' kHz', 'k'))), filter: (_, splits) => splits, size: 28 },
          { ...axis, scale: 'level', size: 40, values: (_, splits) => splits.map((db) => number(db, 0)) },
          { ...axis, scale: 'curve', side: 1, size: 36, grid: { show: false }, values: (_, splits) => splits.map((db) => number(db, 0, true)) },
        ],
        series: [
          {},
          { scale: 'curve', stroke: colors['ink-3'], width: 1, fill: `color-mix(in srgb, ${colors['ink-3']} 20%, transparent)`, fillTo: 0, show: shown('curve'), points: { show: false } },
          { scale: 'level', stroke: colors.target, width: 1.5, show: shown('target'), points: { show: false } },
          { scale: 'level', stroke: colors.reference, width: 2, dash: [6, 4], show: shown('reference'), points: { show: false } },
          { scale: 'level', stroke: colors.result, width: 2.5, show: shown('result'), points: { show: false } },
        ],
      },
      data(),
      place,
    );
  };
  onMount(() => {
    createEffect(on([palette, hidden, language], build));
    createEffect(on([lines], () => plot?.setData(data()), { defer: true }));
    const observer = new ResizeObserver(() => plot?.setSize({ width: Math.max(200, place.clientWidth), height: place.clientHeight }));
    observer.observe(place);
    onCleanup(() => {
      observer.disconnect();
      plot?.destroy();
    });
  });

  return (
    <section class="card spectrum" aria-labelledby="spectrum-title">
      <div class="card-head">
        <h2 id="spectrum-title">{t('spectrum.title')}</h2>
        <span class="quiet">{t('spectrum.hint')}</span>
        <select class="select" aria-label={t('spectrum.resolution')} onChange={(event) => setResolution(event.currentTarget.value as Resolution)}>
          <option value="third">{t('spectrum.third')}</option>
          <option value="fine">{t('spectrum.fine')}</option>
        </select>
      </div>
      <div class="spectrum-plot" ref={place} role="img" aria-label={label()} />
      <div class="spectrum-bar">
        <For each={[...tracks(), 'curve'] as Line[]}>
          {(line) => (
            <button class={`spectrum-key track-${line}`} type="button" aria-pressed={!hidden().has(line)} onClick={() => toggle(line)}>
              <span class={`spectrum-swatch ${line === 'curve' ? 'curve' : `track-${line}`}`} />
              <span>
                <span class="visually-hidden">{t('spectrum.show')} </span>
                {lineName(line)}
              </span>
              <Show when={cursor() !== null}>
                <span class="spectrum-value number">{valueAt(line)}</span>
              </Show>
            </button>
          )}
        </For>
        <Show when={cursor() !== null}>
          <span class="spectrum-value number">{hertz(cursor() ?? 0)}</span>
        </Show>
      </div>
    </section>
  );
}
