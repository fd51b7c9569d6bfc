import type { JSX } from 'solid-js';
import { createEffect, createSignal, For, onCleanup, onMount } from 'solid-js';
import type { TakeMarker } from '../../../shared/takes.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { usePalette } from '../../state/palette.ts';
import type { TakeReview } from '../../state/take-review.ts';
import { drawWaveform } from '../waveform-drawing.ts';

const STEP_SECONDS = 0.1;
const LARGE_STEP_SECONDS = 1;
const SEEK_SECONDS = 5;

/** The whole take; what is trimmed away is dimmed, not gone. Handles and playhead are sliders of the keyboard too. */
export function TrimWaveform(props: { review: TakeReview; seconds: number; markers: readonly { readonly marker: TakeMarker; readonly seconds: number }[] }): JSX.Element {
  const { t, clock } = useI18n();
  const palette = usePalette();
  const { review } = props;
  const [size, setSize] = createSignal(0);
  let strip!: HTMLDivElement;
  let whole!: HTMLCanvasElement;
  let kept!: HTMLCanvasElement;

  onMount(() => {
    const observer = new ResizeObserver(() => setSize(strip.clientWidth));
    observer.observe(strip);
    onCleanup(() => observer.disconnect());
  });
  createEffect(() => {
    const peaks = review.peaks();
    if (!peaks || size() === 0) return;
    drawWaveform(whole, { peaks, color: palette()['ink-3'], scale: 'fit' });
    drawWaveform(kept, { peaks, color: palette().result, scale: 'fit' });
  });
  const share = (seconds: number) => String(Math.min(1, Math.max(0, seconds / Math.max(1e-6, props.seconds))));
  createEffect(() => {
    strip.style.setProperty('--start', share(review.bounds().startSeconds));
    strip.style.setProperty('--end', share(review.bounds().endSeconds));
    strip.style.setProperty('--at', share(review.player.state.positionSeconds));
  });
  const secondsAt = (event: PointerEvent) => {
    const box = strip.getBoundingClientRect();
    return ((event.clientX - box.left) / Math.max(1, box.width)) * props.seconds;
  };
  const steps = (event: KeyboardEvent, at: number): number | undefined => {
    const step = event.shiftKey ? LARGE_STEP_SECONDS : STEP_SECONDS;
    const targets: Readonly<Record<string, number>> = { ArrowRight: at + step, ArrowUp: at + step, ArrowLeft: at - step, ArrowDown: at - step, PageUp: at + SEEK_SECONDS, PageDown: at - SEEK_SECONDS, Home: 0, End: props.seconds };
    return targets[event.key];
  };
  const precise = (seconds: number) => `${clock(seconds)}.${Math.floor((seconds * 10) % 10)}`;

  return (
    <div class="trim">
      <div
        ref={strip}
        class="trim-strip"
        role="slider"
        tabindex={0}
        aria-label={t('take.position')}
        aria-valuemin={0}
        aria-valuemax={Math.round(props.seconds)}
        aria-valuenow={Math.round(review.player.state.positionSeconds)}
        aria-valuetext={t('listen.positionText', { position: clock(review.player.state.positionSeconds), duration: clock(props.seconds) })}
        onKeyDown={(event) => {
          const wanted = event.target === strip ? steps(event, review.player.state.positionSeconds) : undefined;
          if (wanted === undefined) return;
          event.preventDefault();
          review.player.seek(wanted);
        }}
        onPointerDown={(event) => review.player.seek(secondsAt(event))}
      >
        <canvas ref={whole} class="trim-whole" aria-hidden="true" />
        <canvas ref={kept} class="trim-kept" aria-hidden="true" />
        <div class="trim-shade before" />
        <div class="trim-shade after" />
        <For each={props.markers}>{({ seconds }) => <div class="trim-marker" ref={(element) => element.style.setProperty('--marker', share(seconds))} />}</For>
        <div class="trim-head" />
      </div>
      <For each={['start', 'end'] as const}>
        {(which) => {
          const seconds = () => (which === 'start' ? review.bounds().startSeconds : review.bounds().endSeconds);
          let handle!: HTMLDivElement;
          createEffect(() => handle.style.setProperty('--handle', share(seconds())));
          return (
            <div
              ref={handle}
              class={`trim-handle ${which}`}
              role="slider"
              tabindex={0}
              aria-label={t(which === 'start' ? 'take.trimStart' : 'take.trimEnd')}
              aria-valuemin={0}
              aria-valuemax={Math.round(props.seconds * 10) / 10}
              aria-valuenow={Math.round(seconds() * 10) / 10}
              aria-valuetext={precise(seconds())}
              onKeyDown={(event) => {
                const wanted = steps(event, seconds());
                if (wanted === undefined) return;
                event.preventDefault();
                review.move(which, wanted);
              }}
              onPointerDown={(event) => {
                event.preventDefault();
                handle.setPointerCapture(event.pointerId);
                handle.focus();
              }}
              onPointerMove={(event) => {
                if (handle.hasPointerCapture(event.pointerId)) review.move(which, secondsAt(event));
              }}
            >
              <span class="trim-grip" />
            </div>
          );
        }}
      </For>
    </div>
  );
}
