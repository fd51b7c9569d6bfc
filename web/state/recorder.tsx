/** The recorder, above all pages: a take goes on while its person looks at the library. */
import { createContext, createEffect, createMemo, createSignal, on, onCleanup, untrack, useContext } from 'solid-js';
import type { ParentProps } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { TakeBacking } from '../../shared/takes.ts';
import type { EngineBinary } from '../../wasm/host/engine.ts';
import type { LiveState, LiveTake, TakeAlarm, TakeInput, TakeService } from '../jobs/takes-contract.ts';
import { engineBinary } from '../workers/engine-binary.ts';
import { backingOffsetFrames } from '../audio/input/backing.ts';
import { createBackingTrack } from './backing-track.ts';
import type { BackingRun } from './backing-track.ts';
import { createInputMeter } from './input-meter.ts';
import { showInMediaSession } from './media-session.ts';
import { createMicrophone } from './microphone.ts';
import { createMonitoring } from './monitoring.ts';
import { createPresets } from './presets.ts';
import type { Product } from './product.tsx';
import { useProduct } from './product.tsx';
import { createRoundTrips } from './round-trips.ts';
import { keepAwakeWhile } from './wake-lock.ts';

export interface RecorderParts {
  readonly product: Product;
  readonly takes: TakeService;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null;
  readonly devices: MediaDevices | undefined;
  readonly engine: () => Promise<EngineBinary>;
}

export function createRecorder({ product, takes, storage, devices, engine }: RecorderParts) {
  const microphone = createMicrophone(takes, storage, devices);
  const presets = createPresets(product);
  const roundTrips = createRoundTrips(storage);
  const [live, setLive] = createSignal<LiveTake | null>(takes.live());
  const [state, setState] = createSignal<LiveState | null>(null);
  const [liveInput, setLiveInput] = createSignal<TakeInput | null>(null);
  const [title, setTitle] = createSignal('');
  const [starting, setStarting] = createSignal(false);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [presetId, setPresetId] = createSignal<string | null>(null);
  /** The take that has just ended, and what ended it if nobody did. */
  const [finished, setFinished] = createSignal<{ readonly id: string; readonly alarm: TakeAlarm | null; readonly error: ErrorBody | null } | null>(null);

  // Kept, because the state changes ten times a second: what starts and stops with these must not start anew each time.
  const input = createMemo(() => (live() ? liveInput() : microphone.input()));
  const isRunning = createMemo(() => state()?.status === 'recording');
  const runningInput = createMemo(() => (isRunning() ? liveInput() : null));
  const meter = createInputMeter(input, isRunning, engine);
  const monitoring = createMonitoring(input, presetId, presets, engine);
  const [runs, setRuns] = createSignal<readonly BackingRun[]>([]);
  const backing = createBackingTrack(
    runningInput,
    product.service,
    (run) => setRuns((before) => [...before, run]),
  );
  // Where the backing belongs is known once the segment's first frame was captured; then it is written down, so that a crash
  // does not lose it.
  let noted = 0;
  let backings: readonly TakeBacking[] = [];
  createEffect(() => {
    const [take, now, run] = [live(), state(), runs()[noted]];
    if (!take || !run || !now?.segment || now.contextFrame === null) return;
    noted += 1;
    const latencyMs = untrack(() => roundTrips.of(run.input))?.latencyMs ?? 0;
    const offsetFrames = backingOffsetFrames(run.backing, now.contextFrame, latencyMs, now.segment.sampleRate);
    backings = [...backings, { recordingId: run.recordingId, segment: now.segment.index, offsetFrames, latencyMs }];
    takes.edit(take.id, { backings }).catch((thrown: unknown) => setFailure(toAppError(thrown).toBody()));
  });

  const end = (id: string) => {
    const last = state();
    setFinished({ id, alarm: last?.alarms.includes('storage-full') ? 'storage-full' : null, error: last?.error ?? null });
    setLive(null);
    setState(null);
    setLiveInput(null);
    setRuns([]);
    [noted, backings] = [0, []];
    backing.rewind();
  };
  createEffect(
    on(live, (now) => {
      if (!now) return;
      const stops = [
        now.watch((next) => {
          setState(next);
          if (next.status === 'ended' || next.status === 'failed') queueMicrotask(() => live() === now && end(now.id));
        }),
        now.watchInput(setLiveInput),
      ];
      onCleanup(() => {
        for (const stop of stops) stop();
      });
    }),
  );

  async function start(name: string): Promise<void> {
    if (live() || starting()) return;
    setStarting(true);
    setFailure(null);
    const preset = presetId();
    try {
      const withPreset = preset === null ? null : await presets.style(preset);
      const taken = microphone.release();
      const take = await takes.start({ ...microphone.wanted, name, withPreset, input: taken }).catch(async (thrown: unknown) => {
        await taken?.close();
        throw thrown;
      });
      setTitle(name);
      setFinished(null);
      setLive(take);
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    } finally {
      setStarting(false);
    }
  }
  async function attempt(work: (take: LiveTake) => Promise<unknown>): Promise<void> {
    const take = live();
    if (!take) return;
    try {
      await work(take);
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  }
  const pause = () => attempt((take) => take.pause());
  const resume = () => attempt((take) => take.resume());
  const stop = () =>
    attempt(async (take) => {
      try {
        await take.stop();
        if (live() === take) end(take.id);
      } catch (thrown) {
        // Not one frame came: there is nothing to look at.
        if (live() === take) end(take.id);
        setFinished(null);
        throw thrown;
      }
    });

  keepAwakeWhile(() => live() !== null);
  showInMediaSession(() => (live() ? { title: title(), isPaused: state()?.status === 'paused' } : null), { pause: () => void pause(), resume: () => void resume(), stop: () => void stop() });
  // What is recorded is safe; that it goes on is not.
  createEffect(() => {
    if (!live()) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    globalThis.addEventListener('beforeunload', ask);
    onCleanup(() => globalThis.removeEventListener('beforeunload', ask));
  });

  return {
    takes,
    microphone,
    meter,
    monitoring,
    backing,
    presets,
    roundTrips,
    engine,
    presetId,
    setPresetId,
    input,
    live,
    state,
    title,
    starting,
    failure,
    dismiss: () => setFailure(null),
    finished,
    /** Looks at a take that ended earlier; null: back to recording. */
    review: (id: string | null) => setFinished(id === null ? null : { id, alarm: null, error: null }),
    start,
    toggle: (name: string) => (live() ? stop() : start(name)),
    togglePause: () => (state()?.status === 'paused' ? resume() : pause()),
    mark() {
      if (!live()) return;
      live()?.mark();
      meter.mark();
    },
    stop,
  };
}

export type Recorder = ReturnType<typeof createRecorder>;

const RecorderContext = createContext<Recorder | null>(null);

/** Null where the product has no recorder. */
export const useRecorder = (): Recorder | null => useContext(RecorderContext) ?? null;

export function RecorderProvider(props: ParentProps) {
  const product = useProduct();
  const storage = typeof localStorage === 'undefined' ? null : localStorage;
  const takes = product.takeService;
  const recorder = takes && createRecorder({ product, takes, storage, devices: navigator.mediaDevices, engine: engineBinary });
  return <RecorderContext.Provider value={recorder}>{props.children}</RecorderContext.Provider>;
}
