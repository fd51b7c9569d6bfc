/** A take that has ended: listened to, trimmed without losing anything, named, and handed on. */
import { createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { TakeRole, TakeTrim } from '../../shared/takes.ts';
import { createPlayer } from '../audio/player.ts';
import type { Peaks } from '../jobs/contract.ts';
import type { TakeInfo, TakeService } from '../jobs/takes-contract.ts';
import { readPeaks } from './take-peaks.ts';

const COLUMNS = 1200;
/** A trim keeps at least so much: the shortest a match can use. */
export const SHORTEST_SECONDS = 0.5;

export interface Bounds {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Brings a moved bound to where it may be. */
export function movedBounds(before: Bounds, which: 'start' | 'end', seconds: number, wholeSeconds: number): Bounds {
  const shortest = Math.min(SHORTEST_SECONDS, wholeSeconds);
  return which === 'start'
    ? { ...before, startSeconds: Math.min(Math.max(0, seconds), before.endSeconds - shortest) }
    : { ...before, endSeconds: Math.max(Math.min(wholeSeconds, seconds), before.startSeconds + shortest) };
}

/** @param take  as the product holds it; its id stays the same for as long as the owner lives */
export function createTakeReview(take: () => TakeInfo, takes: TakeService) {
  const id = take().id;
  // The take's own rate is its first segment's.
  const rate = () => take().segments[0]?.sampleRate ?? 48_000;
  const wholeSeconds = () => take().seconds;
  const applied = (): Bounds => {
    const { trim } = take();
    return trim ? { startSeconds: trim.startFrame / rate(), endSeconds: trim.endFrame / rate() } : { startSeconds: 0, endSeconds: wholeSeconds() };
  };
  const [bounds, setBounds] = createSignal<Bounds>(applied());
  const [peaks, setPeaks] = createSignal<Peaks | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isSaving, setSaving] = createSignal(false);
  const isTrimmed = createMemo(() => bounds().startSeconds > 0.001 || bounds().endSeconds < wholeSeconds() - 0.001);
  const isDirty = createMemo(() => {
    const [now, saved] = [bounds(), applied()];
    return Math.abs(now.startSeconds - saved.startSeconds) > 0.001 || Math.abs(now.endSeconds - saved.endSeconds) > 0.001;
  });
  createEffect(on(applied, (now) => setBounds(now), { defer: true }));

  const reading = new AbortController();
  onCleanup(() => reading.abort());
  takes.pcm(id).then(
    (pcm) => readPeaks(pcm, COLUMNS, reading.signal, (part) => !reading.signal.aborted && setPeaks(part)),
    (thrown: unknown) => setFailure(toAppError(thrown).toBody()),
  );

  const player = createPlayer([{ name: 'take', open: () => takes.pcm(id), gain: 1, loops: false }], { durationSeconds: wholeSeconds(), preferredHz: rate(), initial: 'take' });
  onCleanup(() => player.close());
  const isPlaying = () => player.state.status === 'playing' || player.state.status === 'loading';
  createEffect(() => {
    if (isPlaying() && bounds().endSeconds < wholeSeconds() - 0.001 && player.state.positionSeconds >= bounds().endSeconds) player.pause();
  });

  async function save(edit: { name?: string; trim?: TakeTrim | null; role?: TakeRole | null }): Promise<boolean> {
    setFailure(null);
    setSaving(true);
    try {
      await takes.edit(id, edit);
      return true;
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
      return false;
    } finally {
      setSaving(false);
    }
  }
  const framesOf = ({ startSeconds, endSeconds }: Bounds): TakeTrim => ({ startFrame: Math.round(startSeconds * rate()), endFrame: Math.round(endSeconds * rate()) });

  return {
    bounds,
    peaks,
    player,
    isPlaying,
    failure,
    setFailure,
    isSaving,
    isTrimmed,
    isDirty,
    move: (which: 'start' | 'end', seconds: number) => setBounds((before) => movedBounds(before, which, seconds, wholeSeconds())),
    toggle() {
      if (isPlaying()) return player.pause();
      const { startSeconds, endSeconds } = bounds();
      const at = player.state.positionSeconds;
      if (at < startSeconds || at >= endSeconds - 0.02) player.seek(startSeconds);
      void player.play();
    },
    rename: (name: string) => save({ name }),
    setRole: (role: TakeRole | null) => save({ role }),
    applyTrim: () => save({ trim: isTrimmed() ? framesOf(bounds()) : null }),
    wholeTake: () => setBounds({ startSeconds: 0, endSeconds: wholeSeconds() }),
  };
}

export type TakeReview = ReturnType<typeof createTakeReview>;
