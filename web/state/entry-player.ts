/** Plays one entry of the library at a time. */
import { createSignal, onCleanup } from 'solid-js';
import { createPlayer } from '../audio/player.ts';
import type { Player } from '../audio/player-contract.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { TonetwinService } from '../jobs/contract.ts';
import type { LibraryEntry } from '../jobs/library/contract.ts';

interface Playing {
  readonly id: string;
  readonly seconds: number;
  readonly player: Player<'entry'>;
}

/** What is played: of the library, or of the backup. */
export type Playable = Pick<LibraryEntry, 'id' | 'seconds' | 'sampleRate'>;

export function createEntryPlayer(service: Pick<TonetwinService, 'pcm'>) {
  const [playing, setPlaying] = createSignal<Playing | null>(null);
  const close = (): void => {
    playing()?.player.close();
    setPlaying(null);
  };
  onCleanup(close);
  const ofId = (id: string): Playing | null => {
    const now = playing();
    return now?.id === id ? now : null;
  };
  const isPlaying = (id: string): boolean => {
    const status = ofId(id)?.player.state.status;
    return status === 'playing' || status === 'loading';
  };
  const open = ({ id, seconds, sampleRate }: Playable): Player<'entry'> | null => {
    const known = ofId(id);
    if (known) return known.player;
    if (seconds === null) return null;
    close();
    const player = createPlayer<'entry'>([{ name: 'entry', open: () => service.pcm(id), gain: 1, loops: false }], { durationSeconds: seconds, preferredHz: sampleRate ?? 48_000, initial: 'entry' });
    setPlaying({ id, seconds, player });
    return player;
  };
  return {
    isOpen: (id: string): boolean => ofId(id) !== null,
    isPlaying,
    /** 0 to 1; null while the entry is not open. */
    position(id: string): number | null {
      const now = ofId(id);
      return now && now.player.state.positionSeconds / Math.max(1e-3, now.seconds);
    },
    error: (id: string): ErrorBody | null => ofId(id)?.player.state.error ?? null,
    toggle(entry: Playable) {
      if (isPlaying(entry.id)) ofId(entry.id)?.player.pause();
      else void open(entry)?.play();
    },
    /** @param share 0 to 1 of the whole */
    seek(entry: Playable, share: number) {
      open(entry)?.seek(Math.max(0, Math.min(1, share)) * (entry.seconds ?? 0));
    },
    /** Stops an entry that goes away. */
    forget(id: string) {
      if (ofId(id)) close();
    },
  };
}

export type EntryPlayer = ReturnType<typeof createEntryPlayer>;
