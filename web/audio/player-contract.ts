/** What a player is asked for and tells: tracks on one line of time, one of them perhaps live. */
import type { ErrorBody } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { EngineBinary } from '../../wasm/host/engine.ts';
import type { LiveSound } from '../../wasm/rendering/live-chain.ts';

export interface PlayerTrack<N extends string> {
  readonly name: N;
  readonly open: () => Promise<PcmSource>;
  /** Amplitude; at most what does not clip. */
  readonly gain: number;
  /** Starts again when it ends; otherwise silence follows. */
  readonly loops: boolean;
}

/** How a track is made live. */
export interface LivePlan<N extends string> {
  readonly track: N;
  /** What it is made from. */
  readonly source: N;
  readonly engine: () => Promise<EngineBinary>;
}

/** What is heard in place of the live track's recording. */
export interface LiveTrack {
  readonly sound: LiveSound;
  /** Amplitude, as a track's. */
  readonly gain: number;
}

/** Whether the live track is heard as it was last set: 'off' while nothing is set. */
export type LiveState = 'off' | 'starting' | 'heard' | 'unavailable';

export type PlayerStatus = 'paused' | 'loading' | 'playing' | 'failed';

export interface PlayerState<N extends string> {
  readonly status: PlayerStatus;
  readonly track: N;
  readonly positionSeconds: number;
  readonly error: ErrorBody | null;
  readonly live: LiveState;
}

export interface Player<N extends string> {
  readonly state: PlayerState<N>;
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  switchTo(track: N): void;
  /** From now on the live track sounds like this; null: as it was recorded. While it plays, within 50 ms. */
  setLive(track: LiveTrack | null): void;
  /**
   * Plays on what another player plays, from the same moment and without a gap; that one falls silent when this one is heard,
   * and is closed. Where it does not play, this one begins where it stands.
   */
  takeOver(before: Player<N>): void;
  close(): void;
}
