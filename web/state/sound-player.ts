/** Plays one sound of the server, or one made here, at a time: cards, results and samples share it. */
import { createSignal, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';

type Status = 'loading' | 'playing' | 'paused';

interface Now {
  readonly key: string;
  readonly status: Status;
  readonly position: number;
  /** s; null until it is known. */
  readonly seconds: number | null;
}

export function createSoundPlayer() {
  const audio = new Audio();
  audio.preservesPitch = true;
  const [now, setNow] = createSignal<Now | null>(null);
  const [failure, setFailure] = createSignal<{ readonly key: string; readonly error: ErrorBody } | null>(null);
  let url: string | null = null;
  let opening: AbortController | null = null;

  const change = (more: Partial<Now>): void => void setNow((before) => before && { ...before, ...more });
  const stop = (): void => {
    opening?.abort();
    audio.pause();
    audio.removeAttribute('src');
    if (url !== null) URL.revokeObjectURL(url);
    url = null;
    setNow(null);
  };
  const isFinite = (): boolean => Number.isFinite(audio.duration);
  audio.addEventListener('playing', () => change({ status: 'playing' }));
  audio.addEventListener('pause', () => change({ status: 'paused' }));
  audio.addEventListener('timeupdate', () => change({ position: audio.currentTime }));
  audio.addEventListener('loadedmetadata', () => isFinite() && change({ seconds: audio.duration }));
  audio.addEventListener('ended', () => change({ status: 'paused', position: 0 }));
  onCleanup(stop);

  /** @param open  the sound; cut off when another is asked for */
  async function play(key: string, open: (signal: AbortSignal) => Promise<Blob>): Promise<void> {
    if (now()?.key === key && url !== null) return void audio.play().catch(() => undefined);
    stop();
    const mine = (opening = new AbortController());
    setFailure(null);
    setNow({ key, status: 'loading', position: 0, seconds: null });
    try {
      const blob = await open(mine.signal);
      if (mine.signal.aborted) return;
      url = URL.createObjectURL(blob);
      audio.src = url;
      await audio.play();
    } catch (thrown) {
      // Also: another was asked for, or the browser wants a click first.
      if (mine.signal.aborted || (thrown instanceof DOMException && thrown.name === 'AbortError')) return;
      setFailure({ key, error: toAppError(thrown).toBody() });
      stop();
    }
  }
  const of = (key: string): Now | null => {
    const current = now();
    return current?.key === key ? current : null;
  };
  return {
    of,
    isPlaying: (key: string): boolean => ['playing', 'loading'].includes(of(key)?.status ?? ''),
    /** 0 to 1. */
    share(key: string): number {
      const current = of(key);
      return current?.seconds ? Math.min(1, current.position / current.seconds) : 0;
    },
    failure: (key: string): ErrorBody | null => {
      const found = failure();
      return found?.key === key ? found.error : null;
    },
    toggle(key: string, open: (signal: AbortSignal) => Promise<Blob>): void {
      const current = of(key);
      if (current?.status === 'loading') stop();
      else if (current?.status === 'playing') audio.pause();
      else void play(key, open);
    },
    play,
    seek(key: string, share: number): void {
      const current = of(key);
      if (current?.seconds) audio.currentTime = share * current.seconds;
    },
    stop,
  };
}

export type SoundPlayer = ReturnType<typeof createSoundPlayer>;

/**
 * For a button whose sound is made of what is written beside it: while one plays, the button stays that one's, however much is
 * changed meanwhile; pressed again later it is the new one's.
 */
export function createSteadyKey(player: Pick<SoundPlayer, 'isPlaying' | 'toggle'>, current: Accessor<string>) {
  const [heard, setHeard] = createSignal('');
  const key = (): string => (player.isPlaying(heard()) ? heard() : current());
  return {
    key,
    toggle(open: (signal: AbortSignal) => Promise<Blob>): void {
      const mine = key();
      setHeard(mine);
      player.toggle(mine, open);
    },
  };
}
