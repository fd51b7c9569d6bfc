/** The recording somebody plays along to: it runs while the take runs, and where it belongs in the take is known. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { dbToGain } from '../../shared/units.ts';
import { playBacking } from '../audio/input/backing.ts';
import type { Backing } from '../audio/input/backing.ts';
import type { TonetwinService } from '../jobs/contract.ts';
import type { TakeInput } from '../jobs/takes-contract.ts';

/** One stretch of playing: a pause of the take ends it, going on begins another. */
export interface BackingRun {
  readonly recordingId: string;
  readonly backing: Pick<Backing, 'startContextFrame' | 'fromFrame'>;
  /** On whose clock it plays. */
  readonly input: TakeInput;
}

/**
 * @param runs  the input of a take that runs; null before, after and while it is paused
 * @param onRun  where it plays on the input's clock
 */
export function createBackingTrack(runs: Accessor<TakeInput | null>, service: Pick<TonetwinService, 'pcm'>, onRun: (run: BackingRun) => void) {
  const [recordingId, setRecordingId] = createSignal<string | null>(null);
  const [levelDb, setLevelDb] = createSignal(-6);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isPlaying, setPlaying] = createSignal(false);
  const [playing, setPlayingBacking] = createSignal<Backing | null>(null);
  /** Of the recording, in seconds: the rate of the clock may change between two runs. */
  let positionSeconds = 0;

  const fail = (thrown: unknown) => setFailure(toAppError(thrown).toBody());
  createEffect(
    on([runs, recordingId], ([input, id]) => {
      if (!input || id === null) return;
      const { context } = input;
      let [backing, isOver]: [Backing | null, boolean] = [null, false];
      setFailure(null);
      const begin = async () => {
        const pcm = await service.pcm(id);
        if (isOver || positionSeconds >= pcm.frames / pcm.sampleRate) return;
        const fromFrame = Math.round(positionSeconds * context.sampleRate);
        const started = await playBacking(context, pcm, { fromFrame, gain: dbToGain(levelDb()), onEnd: () => setPlaying(false), onError: fail });
        if (isOver) return void started.stop();
        backing = started;
        setPlayingBacking(started);
        setPlaying(true);
        onRun({ recordingId: id, backing: started, input });
      };
      begin().catch(fail);
      onCleanup(() => {
        isOver = true;
        if (backing) positionSeconds = backing.stop() / context.sampleRate;
        setPlaying(false);
        setPlayingBacking(null);
      });
    }),
  );
  createEffect(() => playing()?.setGain(dbToGain(levelDb())));
  return {
    recordingId,
    choose: setRecordingId,
    levelDb,
    setLevelDb,
    failure,
    isPlaying,
    /** The next take plays it from its start. */
    rewind: () => {
      positionSeconds = 0;
    },
  };
}

export type BackingTrack = ReturnType<typeof createBackingTrack>;
