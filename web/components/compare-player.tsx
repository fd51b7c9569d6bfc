import type { JSX } from 'solid-js';
import { For, onCleanup, onMount, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { Comparison } from '../state/comparison.ts';
import './compare-player.css';
import { Icon } from './icon.tsx';
import { ErrorMessage } from './message.tsx';
import { Waveform } from './waveform.tsx';

/** Keys that a focused control needs for itself. */
const takesKeys = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && (target.type === 'range' || target.type === 'checkbox' || target.type === 'radio')) return key === ' ' && target.type !== 'range';
  if (target.matches('input, select, textarea, [contenteditable]')) return true;
  return key === ' ' && target.matches('button, a, summary');
};

/** Target, result and reference at equal loudness and the same playhead. */
/** @param liveText what is said while the result is made live */
export function ComparePlayer(props: { comparison: Comparison; liveText?: string }): JSX.Element {
  const { t, number, clock } = useI18n();
  const { player } = props.comparison;
  const isPlaying = () => player.state.status === 'playing' || player.state.status === 'loading';
  const toggle = () => (isPlaying() ? player.pause() : void player.play());

  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target, event.key)) return;
    if (document.querySelector('[role="dialog"]')) return;
    const track = props.comparison.tracks.find(({ key }) => key === event.key);
    if (track) player.switchTo(track.name);
    else if (event.key === ' ') toggle();
    else return;
    event.preventDefault();
  };
  // A group of radios is one stop of Tab; the arrows choose within it.
  const onArrow = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { tracks } = props.comparison;
    const at = tracks.findIndex(({ name }) => name === player.state.track);
    const next = (at + step + tracks.length) % tracks.length;
    player.switchTo(tracks[next]?.name ?? player.state.track);
    event.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]')[next]?.focus();
  };
  onMount(() => document.addEventListener('keydown', onKey));
  onCleanup(() => document.removeEventListener('keydown', onKey));

  return (
    <section class="card player" aria-label={t('listen.title')}>
      <div class="player-bar">
        <button class="player-play" type="button" aria-label={t(isPlaying() ? 'listen.pause' : 'listen.play')} onClick={toggle}>
          <Icon name={isPlaying() ? 'pause' : 'play'} size={24} filled={!isPlaying()} />
        </button>
        <div class="track-switch" classList={{ two: props.comparison.tracks.length === 2 }} role="radiogroup" aria-label={t('listen.switch')} onKeyDown={onArrow}>
          <For each={props.comparison.tracks}>
            {(track) => (
              <button
                class={`track-button track-${track.name}`}
                type="button"
                role="radio"
                aria-checked={player.state.track === track.name}
                tabindex={player.state.track === track.name ? 0 : -1}
                aria-keyshortcuts={track.key}
                onClick={() => player.switchTo(track.name)}
              >
                <span class="dot" />
                <span class="ellipsis">{t(`track.${track.name}`)}</span>
                <span class="track-gain number" aria-hidden="true">{t('listen.gain', { gain: number(track.gainDb, 1, true) })}</span>
              </button>
            )}
          </For>
        </div>
        <div class="player-time">
          <strong class="number">
            {clock(player.state.positionSeconds)} <span class="quiet small">/ {clock(props.comparison.durationSeconds)}</span>
          </strong>
          <span class="player-equal" title={t('listen.equalHint')}>
            <Icon name="check" size={14} /> {t('listen.equal')}
          </span>
        </div>
      </div>
      <Show when={player.state.error}>{(error) => <ErrorMessage error={error()} />}</Show>
      <Waveform comparison={props.comparison} />
      <div class="player-foot">
        <span class="player-keys">{t('listen.keys')}</span>
        <span>
          <Show when={player.state.live === 'heard' && player.state.track === 'result'}>
            <strong class="player-live">{props.liveText ?? t('listen.live')}</strong>
          </Show>
          <Show when={props.comparison.referenceLoops && player.state.track === 'reference'}>{t('listen.loops')}</Show>
        </span>
      </div>
    </section>
  );
}
