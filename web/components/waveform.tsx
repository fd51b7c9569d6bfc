import type { JSX } from 'solid-js';
import { createEffect, createMemo, createSignal, For, onCleanup, onMount } from 'solid-js';
import { dbToGain } from '../../shared/units.ts';
import type { Peaks } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { Comparison, TrackName } from '../state/comparison.ts';
import { usePalette } from '../state/palette.ts';
import { useProduct } from '../state/product.tsx';
import { drawWaveform } from './waveform-drawing.ts';

/** Columns over the whole line of time; a longer reference gets more, up to the limit. */
const COLUMNS = 2400;
const MAX_COLUMNS = 24_000;
const STEP_SECONDS = 5;
const RULER = [0, 0.25, 0.5, 0.75, 1];

/** The waveform of what is heard; click, drag or use the arrow keys to move the playhead. */
export function Waveform(props: { comparison: Comparison }): JSX.Element {
  const { t, clock } = useI18n();
  const { service } = useProduct();
  const palette = usePalette();
  const player = props.comparison.player;
  const [peaks, setPeaks] = createSignal<Partial<Record<TrackName, Peaks>>>({});
  const [size, setSize] = createSignal(0);
  let strip!: HTMLDivElement;
  let rest!: HTMLCanvasElement;
  let played!: HTMLCanvasElement;

  onMount(() => {
    let current = true;
    for (const track of props.comparison.tracks) {
      if (track.drawnAs !== track.name) continue;
      const columns = Math.min(MAX_COLUMNS, Math.max(8, Math.round((COLUMNS * track.seconds) / props.comparison.durationSeconds)));
      service.peaks(track.id, columns).then(
        (found) => {
          if (current) setPeaks((known) => ({ ...known, [track.name]: found }));
        },
        () => undefined, // The player tells when the audio cannot be read.
      );
    }
    const observer = new ResizeObserver(() => setSize(strip.clientWidth));
    observer.observe(strip);
    onCleanup(() => {
      current = false;
      observer.disconnect();
    });
  });
  /** One scale for all three, so that equal loudness is seen; the highest of them nearly fills the strip. */
  const height = createMemo(() => {
    const highest = props.comparison.tracks.map((track) => {
      const found = peaks()[track.name];
      if (!found) return 0;
      let most = 0;
      for (let c = 0; c < found.max.length; c++) most = Math.max(most, found.max[c] ?? 0, -(found.min[c] ?? 0));
      return most * dbToGain(track.gainDb);
    });
    return 0.97 / Math.max(1e-4, ...highest);
  });
  createEffect(() => {
    const name = player.state.track;
    const drawnAs = props.comparison.tracks.find((known) => known.name === name)?.drawnAs;
    const track = props.comparison.tracks.find((known) => known.name === drawnAs);
    const found = track && peaks()[track.name];
    const color = palette()[name];
    if (!track || !found || size() === 0) return;
    const picture = { peaks: found, color, scale: dbToGain(track.gainDb) * height(), span: props.comparison.durationSeconds / track.seconds, loops: track.loops };
    drawWaveform(rest, picture);
    drawWaveform(played, picture);
  });
  createEffect(() => strip.style.setProperty('--played', String(player.state.positionSeconds / props.comparison.durationSeconds)));

  const seekTo = (event: PointerEvent) => {
    const box = strip.getBoundingClientRect();
    player.seek(((event.clientX - box.left) / box.width) * props.comparison.durationSeconds);
  };
  const onKey = (event: KeyboardEvent) => {
    const position = player.state.positionSeconds;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: position + STEP_SECONDS,
      ArrowUp: position + STEP_SECONDS,
      ArrowLeft: position - STEP_SECONDS,
      ArrowDown: position - STEP_SECONDS,
      PageUp: position + props.comparison.durationSeconds / 10,
      PageDown: position - props.comparison.durationSeconds / 10,
      Home: 0,
      End: props.comparison.durationSeconds,
    };
    const wanted = targets[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    player.seek(wanted);
  };
  const positionText = () => t('listen.positionText', { position: clock(player.state.positionSeconds), duration: clock(props.comparison.durationSeconds) });

  return (
    <div>
      <div
        ref={strip}
        class="waveform"
        role="slider"
        tabindex={0}
        aria-label={t('listen.seek')}
        aria-valuemin={0}
        aria-valuemax={Math.round(props.comparison.durationSeconds)}
        aria-valuenow={Math.round(player.state.positionSeconds)}
        aria-valuetext={positionText()}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          strip.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => {
          if (strip.hasPointerCapture(event.pointerId)) seekTo(event);
        }}
      >
        <canvas ref={rest} class="waveform-rest" aria-hidden="true" />
        <canvas ref={played} class="waveform-played" aria-hidden="true" />
        <div class="waveform-head" />
      </div>
      <div class="waveform-ruler number" aria-hidden="true">
        <For each={RULER}>{(share) => <span>{clock(share * props.comparison.durationSeconds)}</span>}</For>
      </div>
    </div>
  );
}
