import type { JSX } from 'solid-js';
import { createEffect, createSignal, onCleanup, onMount } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { LibraryEntry } from '../jobs/library/contract.ts';
import { thumbnailPeaks } from '../jobs/library/thumbnails.ts';
import type { Peaks } from '../jobs/contract.ts';
import type { EntryPlayer } from '../state/entry-player.ts';
import { useProduct } from '../state/product.tsx';
import type { Sight } from '../state/sight.ts';
import { drawWaveform } from './waveform-drawing.ts';

const STEP_SECONDS = 5;

/** The picture of an entry's audio; read when it comes into view. Click or arrow keys move the playhead. */
export function EntryWave(props: { entry: LibraryEntry; name: string; player: EntryPlayer; sight: Sight; color: 'ink-3' | 'result' | 'reference' }): JSX.Element {
  const { t, clock } = useI18n();
  const { service } = useProduct();
  const [peaks, setPeaks] = createSignal<Peaks | null>(null);
  const [isSeen, setSeen] = createSignal(false);
  const isOpen = (): boolean => props.player.isOpen(props.entry.id);
  let strip!: HTMLDivElement;
  let rest!: HTMLCanvasElement;
  let played!: HTMLCanvasElement;

  onMount(() => props.sight.watch(strip, setSeen));
  createEffect(() => {
    if (!isSeen() || props.entry.state !== 'ready' || peaks()) return;
    const gone = new AbortController();
    onCleanup(() => gone.abort());
    service.library.thumbnail(props.entry.id, gone.signal).then(
      (thumbnail) => setPeaks(thumbnailPeaks(thumbnail)),
      () => undefined, // A picture only; the entry itself says what is wrong with it.
    );
  });
  createEffect(() => {
    const found = peaks();
    if (!found || !isSeen() || props.sight.width() === 0) return;
    const palette = props.sight.palette();
    drawWaveform(rest, { peaks: found, color: palette[props.color], scale: 'fit' });
    if (isOpen()) drawWaveform(played, { peaks: found, color: palette[props.color === 'ink-3' ? 'ink' : props.color], scale: 'fit' });
  });
  const share = (): number => props.player.position(props.entry.id) ?? 0;
  const seconds = (): number => props.entry.seconds ?? 0;
  const seekTo = (event: PointerEvent): void => {
    const box = strip.getBoundingClientRect();
    props.player.seek(props.entry, (event.clientX - box.left) / box.width);
  };
  const onKey = (event: KeyboardEvent): void => {
    const now = share() * seconds();
    const wanted = { ArrowRight: now + STEP_SECONDS, ArrowUp: now + STEP_SECONDS, ArrowLeft: now - STEP_SECONDS, ArrowDown: now - STEP_SECONDS, Home: 0, End: seconds() }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    props.player.seek(props.entry, wanted / Math.max(1e-3, seconds()));
  };
  return (
    <div
      ref={strip}
      class="entry-wave"
      style={{ '--played': String(share()) }}
      // Only what plays has a position: a long list is not a row of sliders.
      {...(isOpen()
        ? {
            role: 'slider',
            tabindex: 0,
            'aria-label': t('library.seek', { name: props.name }),
            'aria-valuemin': 0,
            'aria-valuemax': Math.round(seconds()),
            'aria-valuenow': Math.round(share() * seconds()),
            'aria-valuetext': t('listen.positionText', { position: clock(share() * seconds()), duration: clock(seconds()) }),
          }
        : { 'aria-hidden': 'true' as const })}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        if (event.button !== 0 || props.entry.state !== 'ready') return;
        strip.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (strip.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
    >
      <canvas ref={rest} class="entry-wave-rest" aria-hidden="true" />
      <canvas ref={played} class="entry-wave-played" aria-hidden="true" />
    </div>
  );
}
