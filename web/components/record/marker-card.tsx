import type { JSX } from 'solid-js';
import { createEffect, For, on, Show } from 'solid-js';
import type { TakeMarker, TakeSegment } from '../../../shared/takes.ts';
import { useI18n } from '../../i18n/i18n.tsx';

/** Where a marker lies on the take's time line. */
export function markerSeconds({ segment, frame }: Pick<TakeMarker, 'segment' | 'frame'>, segments: readonly Pick<TakeSegment, 'index' | 'frames' | 'sampleRate'>[]): number {
  const before = segments.filter(({ index }) => index < segment).reduce((sum, { frames, sampleRate }) => sum + frames / sampleRate, 0);
  const own = segments.find(({ index }) => index === segment);
  return before + frame / (own?.sampleRate ?? 48_000);
}

/** The places marked so far. */
export function MarkerCard(props: { readonly live?: boolean; readonly markers: readonly TakeMarker[]; readonly secondsOf: (marker: TakeMarker) => number }): JSX.Element {
  const { t, clock } = useI18n();
  let list: HTMLOListElement | undefined;
  createEffect(on(() => props.markers.length, () => list?.scrollTo({ top: list.scrollHeight })));
  return (
    <section class="card record-card" aria-labelledby="marker-title">
      <h2 id="marker-title">{t('marker.title')}</h2>
      <Show when={props.markers.length > 0} fallback={<p class="small quiet marker-none">{t('marker.none')}</p>}>
        <ol class="marker-list number" classList={{ live: props.live === true }} ref={list} tabindex={0} aria-labelledby="marker-title">
          <For each={props.markers}>
            {(marker, index) => (
              <li>
                <span class="ellipsis">{marker.label || t('marker.name', { index: index() + 1 })}</span>
                <span class="quiet">{clock(props.secondsOf(marker))}</span>
              </li>
            )}
          </For>
        </ol>
      </Show>
    </section>
  );
}
