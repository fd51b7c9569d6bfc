import type { JSX } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SoundPlayer } from '../../state/sound-player.ts';
import { Icon } from '../icon.tsx';

const STEP_SECONDS = 1;

/** A play button and how far it is; the bar moves with a finger and with the keyboard. */
export function SoundBar(props: { player: SoundPlayer; sound: string; name: string; open: (signal: AbortSignal) => Promise<Blob>; seconds?: number | null; disabled?: boolean }): JSX.Element {
  const { t, clock } = useI18n();
  const now = () => props.player.of(props.sound);
  const isPlaying = () => props.player.isPlaying(props.sound);
  const seconds = () => now()?.seconds ?? props.seconds ?? null;
  let bar!: HTMLDivElement;
  const seekTo = (event: PointerEvent): void => {
    const box = bar.getBoundingClientRect();
    props.player.seek(props.sound, Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width))));
  };
  const onKey = (event: KeyboardEvent): void => {
    const [all, at] = [seconds(), now()?.position ?? 0];
    const wanted = all === null ? undefined : { ArrowRight: at + STEP_SECONDS, ArrowUp: at + STEP_SECONDS, ArrowLeft: at - STEP_SECONDS, ArrowDown: at - STEP_SECONDS, Home: 0, End: all }[event.key];
    if (wanted === undefined || all === null) return;
    event.preventDefault();
    props.player.seek(props.sound, Math.min(1, Math.max(0, wanted / all)));
  };
  return (
    <div class="sound">
      <button
        class="entry-play"
        type="button"
        disabled={props.disabled}
        aria-label={t(isPlaying() ? 'library.pause' : 'library.play', { name: props.name })}
        aria-busy={now()?.status === 'loading'}
        onClick={() => props.player.toggle(props.sound, props.open)}
      >
        <Icon name={isPlaying() ? 'pause' : 'play'} size={18} filled={!isPlaying()} />
      </button>
      <div
        ref={bar}
        class="sound-bar"
        classList={{ loading: now()?.status === 'loading' }}
        style={{ '--played': String(props.player.share(props.sound)) }}
        {...(now()
          ? {
              role: 'slider',
              tabindex: 0,
              'aria-label': t('library.seek', { name: props.name }),
              'aria-valuemin': 0,
              'aria-valuemax': Math.round(seconds() ?? 0),
              'aria-valuenow': Math.round(now()?.position ?? 0),
              'aria-valuetext': t('listen.positionText', { position: clock(now()?.position ?? 0), duration: clock(seconds() ?? 0) }),
            }
          : { 'aria-hidden': 'true' as const })}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          bar.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => bar.hasPointerCapture(event.pointerId) && seekTo(event)}
      >
        <span class="sound-track">
          <span class="sound-played" />
        </span>
      </div>
      <span class="sound-time small quiet number">{seconds() === null ? '' : clock(now() && isPlaying() ? (now()?.position ?? 0) : Math.max(1, seconds() ?? 0))}</span>
    </div>
  );
}
