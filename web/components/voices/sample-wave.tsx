import type { JSX } from 'solid-js';
import { createEffect, createResource, createSignal, For, onCleanup, onMount, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Peaks } from '../../jobs/contract.ts';
import { usePalette } from '../../state/palette.ts';
import { useProduct } from '../../state/product.tsx';
import type { SampleMaker } from '../../state/sample-maker.ts';
import { Slider } from '../slider.tsx';
import { drawWaveform } from '../waveform-drawing.ts';

/** s in sight; longer recordings are seen through a window of this length. */
const WINDOW_SECONDS = 30;
const COLUMNS_PER_SECOND = 40;
const STEP_SECONDS = 0.1;
const LARGE_STEP_SECONDS = 1;

/** The recording with the stretch that becomes the sample; it and both its ends are moved by hand or keyboard. */
export function SampleWave(props: { maker: SampleMaker; recordingId: string; seconds: number; played: number }): JSX.Element {
  const { t, number, clock } = useI18n();
  const { service } = useProduct();
  const palette = usePalette();
  const [size, setSize] = createSignal(0);
  const [peaks] = createResource(
    () => ({ id: props.recordingId, columns: Math.ceil(props.seconds * COLUMNS_PER_SECOND) }),
    ({ id, columns }) => service.peaks(id, columns).catch(() => null),
  );
  let strip!: HTMLDivElement;
  let whole!: HTMLCanvasElement;
  let kept!: HTMLCanvasElement;
  onMount(() => {
    const observer = new ResizeObserver(() => setSize(strip.clientWidth));
    observer.observe(strip);
    onCleanup(() => observer.disconnect());
  });
  const chosen = () => props.maker.selection() ?? { start: 0, end: 0 };
  const isLong = () => props.seconds > WINDOW_SECONDS;
  /** Stays while something is held, so that it does not slip away under the finger. */
  const [held, setHeld] = createSignal<number | null>(null);
  const from = () => {
    if (!isLong()) return 0;
    return held() ?? Math.min(Math.max(0, (chosen().start + chosen().end - WINDOW_SECONDS) / 2), props.seconds - WINDOW_SECONDS);
  };
  const span = () => (isLong() ? WINDOW_SECONDS : Math.max(1e-3, props.seconds));
  const share = (seconds: number) => Math.min(1, Math.max(0, (seconds - from()) / span()));
  const seen = (): Peaks | null => {
    const found = peaks.latest;
    if (!found) return null;
    const [first, last] = [Math.floor((from() / props.seconds) * found.min.length), Math.ceil(((from() + span()) / props.seconds) * found.min.length)];
    return { min: found.min.subarray(first, last), max: found.max.subarray(first, last) };
  };
  createEffect(() => {
    const picture = seen();
    if (!picture || size() === 0) return;
    drawWaveform(whole, { peaks: picture, color: palette()['ink-3'], scale: 'fit' });
    drawWaveform(kept, { peaks: picture, color: palette().result, scale: 'fit' });
  });
  createEffect(() => {
    strip.style.setProperty('--start', String(share(chosen().start)));
    strip.style.setProperty('--end', String(share(chosen().end)));
    strip.style.setProperty('--at', String(share(chosen().start + props.played * (chosen().end - chosen().start))));
  });
  const secondsAt = (event: PointerEvent) => {
    const box = strip.getBoundingClientRect();
    return from() + ((event.clientX - box.left) / Math.max(1, box.width)) * span();
  };
  const stepOf = (event: KeyboardEvent, at: number): number | undefined => {
    const step = event.shiftKey ? LARGE_STEP_SECONDS : STEP_SECONDS;
    return { ArrowRight: at + step, ArrowUp: at + step, ArrowLeft: at - step, ArrowDown: at - step, Home: 0, End: props.seconds }[event.key];
  };
  /** Where in the selection it was taken. */
  let grip = 0;
  const HANDLES = [
    { which: 'start', label: 'sample.start', at: () => chosen().start },
    { which: 'end', label: 'sample.end', at: () => chosen().end },
  ] as const;
  const precise = (seconds: number) => t('sample.seconds', { seconds: number(seconds, 1) });
  return (
    <div class="sample-wave">
      <div class="trim">
        <div
          ref={strip}
          class="trim-strip"
          role="slider"
          tabindex={0}
          aria-label={t('sample.stretch')}
          aria-valuemin={0}
          aria-valuemax={Math.round(props.seconds * 10) / 10}
          aria-valuenow={Math.round(chosen().start * 10) / 10}
          aria-valuetext={t('sample.stretchText', { start: precise(chosen().start), end: precise(chosen().end) })}
          onKeyDown={(event) => {
            const wanted = event.target === strip ? stepOf(event, chosen().start) : undefined;
            if (wanted === undefined) return;
            event.preventDefault();
            props.maker.move('whole', wanted);
          }}
          onPointerDown={(event) => {
            strip.setPointerCapture(event.pointerId);
            const at = secondsAt(event);
            const isInside = at >= chosen().start && at <= chosen().end;
            setHeld(from());
            grip = isInside ? at - chosen().start : (chosen().end - chosen().start) / 2;
            if (!isInside) props.maker.move('whole', at - grip);
          }}
          onPointerMove={(event) => {
            if (strip.hasPointerCapture(event.pointerId)) props.maker.move('whole', secondsAt(event) - grip);
          }}
          onLostPointerCapture={() => setHeld(null)}
        >
          <canvas ref={whole} class="trim-whole" aria-hidden="true" />
          <canvas ref={kept} class="trim-kept" aria-hidden="true" />
          <div class="trim-shade before" />
          <div class="trim-shade after" />
          <Show when={props.played > 0}>
            <div class="trim-head" />
          </Show>
        </div>
        <For each={HANDLES}>
          {({ which, label, at }) => {
            let handle!: HTMLDivElement;
            createEffect(() => handle.style.setProperty('--handle', String(share(at()))));
            return (
              <div
                ref={handle}
                class={`trim-handle ${which}`}
                role="slider"
                tabindex={0}
                aria-label={t(label)}
                aria-valuemin={0}
                aria-valuemax={Math.round(props.seconds * 10) / 10}
                aria-valuenow={Math.round(at() * 10) / 10}
                aria-valuetext={precise(at())}
                onKeyDown={(event) => {
                  const wanted = stepOf(event, at());
                  if (wanted === undefined) return;
                  event.preventDefault();
                  props.maker.move(which, wanted);
                }}
                onPointerDown={(event) => {
                  event.preventDefault();
                  setHeld(from());
                  handle.setPointerCapture(event.pointerId);
                  handle.focus();
                }}
                onPointerMove={(event) => {
                  if (handle.hasPointerCapture(event.pointerId)) props.maker.move(which, secondsAt(event));
                }}
                onLostPointerCapture={() => setHeld(null)}
              >
                <span class="trim-grip" />
              </div>
            );
          }}
        </For>
      </div>
      <Show when={isLong()}>
        <Slider label={t('sample.where')} min={0} max={props.seconds - (chosen().end - chosen().start)} step={0.1} value={chosen().start} valueText={clock(chosen().start)} onInput={(at) => props.maker.move('whole', at)} />
      </Show>
    </div>
  );
}
