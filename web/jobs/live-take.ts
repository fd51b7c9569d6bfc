/** A take while it is recorded: microphone, capture and journal kept together, whatever happens to each of them. */
import { AppError, toAppError } from '../../shared/errors.ts';
import type { EndFacts, SegmentFacts, TakeIdentity } from '../../wasm/formats/take-journal/records.ts';
import type { Capture } from '../audio/capture/capture-node.ts';
import type { Microphone, MicrophoneChoice, Microphones } from '../audio/capture/microphones.ts';
import type { JournalMethods, JournalNews } from '../workers/journal/contract.ts';
import type { WorkerClient } from '../workers/rpc.ts';
import { liveState, newTake, nextTake, type TakeEvent } from './take-machine.ts';
import type { LiveState, LiveTake, TakeInfo, TakeInput } from './takes-contract.ts';

export interface LiveParts {
  readonly microphones: Microphones;
  readonly journal: WorkerClient<JournalMethods>;
  readonly nowMs: () => number;
  /** Room for so many seconds; null where nobody knows. */
  readonly secondsLeft: (format: { readonly sampleRate: number; readonly channels: 1 | 2 }) => Promise<number | null>;
  /** After the journal is closed: what the take has become. */
  readonly onEnd: () => Promise<TakeInfo>;
}

const ROOM_MS = 5000;
/** A microphone that is gone is looked for when devices come and go, and so often. */
const LOOK_MS = 1000;
/** A journal worker of which nothing is heard is gone. It tells ten times a second. */
const SILENT_WORKER_MS = 5000;

/**
 * Starts recording.
 * @param microphone is the take's own from now on
 * @throws AppError 'storage/*', 'capture/failed'; the microphone is closed then
 */
export async function startLiveTake(identity: TakeIdentity, choice: MicrophoneChoice, microphone: Microphone, parts: LiveParts): Promise<LiveTake> {
  const { microphones, journal, nowMs } = parts;
  let progress = newTake;
  let input: Microphone | null = null;
  let capture: Capture | null = null;
  let stopWatching: () => void = () => undefined;
  let segments = 0;
  let lastNewsMs = nowMs();
  let ending: Promise<TakeInfo> | null = null;
  const leaving = new AbortController();
  const listeners = new Set<(state: LiveState) => void>();
  const inputListeners = new Set<(input: TakeInput | null) => void>();

  const state = (): LiveState => liveState(progress, nowMs());
  const tell = (): void => {
    const now = state();
    for (const listener of listeners) listener(now);
  };
  const move = (event: TakeEvent): void => {
    progress = nextTake(progress, event, nowMs());
    tell();
  };
  const use = (opened: Microphone | null): void => {
    stopWatching();
    input = opened;
    stopWatching = opened?.onLoss((loss) => void inTurn(() => lose(loss)).catch(fail)) ?? (() => undefined);
    for (const listener of inputListeners) listener(opened);
  };

  /** One step after the other: pausing, resuming, losing and finding a microphone, ending. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = turn.then(step);
    turn = done.catch(() => undefined);
    return done;
  }

  async function open(why: SegmentFacts['why']): Promise<void> {
    if (!input) throw new AppError('capture/no-device');
    const { sampleRate, channels, deviceLabel, processing } = input;
    const facts: SegmentFacts = { index: segments, sampleRate, channels, startedMs: nowMs(), deviceLabel, processing, why };
    const { port1, port2 } = new MessageChannel();
    const isContinued = why === 'device-changed' || why === 'rate-changed';
    await journal.call('segment', { facts, isContinued, port: port1 }, {}, [port1]);
    segments += 1;
    capture = await microphones.capture(input, port2);
    move({ type: 'opened', facts });
    void lookForRoom();
  }

  async function close(): Promise<void> {
    capture?.stop();
    capture = null;
    move({ type: 'closed', frames: await journal.call('closeSegment', null) });
  }

  async function lose(why: 'device-changed' | 'rate-changed'): Promise<void> {
    if (ending) return;
    const wasRecording = capture !== null;
    if (wasRecording) await close();
    const gone = input;
    use(null);
    await gone?.close().catch(() => undefined);
    if (!wasRecording) return;
    move({ type: 'lost' });
    // Looked for beside the turns: a pause or an end must not wait for a microphone.
    void find(why).catch(fail);
  }

  /** The same device again if it is there, or else the one the browser prefers. */
  async function reopen(): Promise<Microphone | null> {
    for (const deviceId of new Set([choice.deviceId, null])) {
      try {
        return await microphones.open({ ...choice, deviceId });
      } catch (thrown) {
        if (toAppError(thrown).code === 'capture/denied') throw thrown;
      }
    }
    return null;
  }

  async function find(why: 'device-changed' | 'rate-changed'): Promise<void> {
    while (!leaving.signal.aborted && progress.lostMs !== null) {
      const found = await reopen();
      if (found) {
        return inTurn(async () => {
          // Paused or ended meanwhile.
          if (progress.lostMs === null || ending) return found.close();
          use(found);
          return open(why);
        });
      }
      await deviceOrTime();
    }
  }

  function deviceOrTime(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        leaving.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, LOOK_MS);
      const stop = microphones.onDevices(done);
      leaving.signal.addEventListener('abort', done);
    });
  }

  async function lookForRoom(): Promise<void> {
    const format = progress.segment;
    if (format) move({ type: 'room', secondsLeft: await parts.secondsLeft(format).catch(() => null) });
  }

  function fail(thrown: unknown): void {
    void end(toAppError(thrown));
  }

  /** What cannot be said to the journal any more is not worth failing for: what is in it is safe. */
  async function finish(error: AppError | null): Promise<TakeInfo> {
    leaving.abort();
    move({ type: 'ending' });
    capture?.stop();
    capture = null;
    const why: EndFacts['why'] = error === null ? 'stopped' : error.code === 'storage/full' ? 'storage-full' : 'failed';
    const frames = await journal.call('end', { endedMs: nowMs(), why }).catch(() => progress.news?.durableFrames ?? 0);
    move({ type: 'closed', frames });
    clearInterval(watcher);
    clearInterval(roomTimer);
    news.close();
    const opened = input;
    use(null);
    await opened?.close().catch(() => undefined);
    try {
      return await parts.onEnd();
    } finally {
      move({ type: 'ended', error: error?.toBody() ?? null });
    }
  }

  function end(error: AppError | null): Promise<TakeInfo> {
    ending ??= inTurn(() => finish(error));
    // Whoever asks for the end hears what went wrong; one that comes by itself has nobody to tell.
    ending.catch(() => undefined);
    return ending;
  }

  const { port1: news, port2: newsOut } = new MessageChannel();
  news.onmessage = ({ data }: MessageEvent<JournalNews>) => {
    lastNewsMs = nowMs();
    move({ type: 'heard', news: data });
    if (data.error && !ending) void end(new AppError(data.error.code, data.error.args));
  };
  const watcher = setInterval(() => {
    if (nowMs() - lastNewsMs > SILENT_WORKER_MS && !ending) {
      journal.terminate();
      fail(new AppError('job/worker-died'));
    } else tell();
  }, 500);
  const roomTimer = setInterval(() => void lookForRoom(), ROOM_MS);

  use(microphone);
  try {
    await journal.call('begin', { identity, news: newsOut }, {}, [newsOut]);
    await open('started');
  } catch (thrown) {
    clearInterval(watcher);
    clearInterval(roomTimer);
    leaving.abort();
    await journal.call('end', { endedMs: nowMs(), why: 'failed' }).catch(() => undefined);
    news.close();
    use(null);
    await microphone.close().catch(() => undefined);
    throw thrown;
  }

  return {
    id: identity.takeId,
    state,
    watch(listener) {
      listeners.add(listener);
      listener(state());
      return () => listeners.delete(listener);
    },
    watchInput(listener) {
      inputListeners.add(listener);
      listener(input);
      return () => inputListeners.delete(listener);
    },
    mark(label = '') {
      void journal.call('mark', { label }).then((marker) => marker && move({ type: 'marked', marker }), () => undefined);
    },
    pause: () =>
      inTurn(async () => {
        if (progress.status !== 'recording') return;
        if (capture) await close();
        move({ type: 'paused' });
      }),
    resume: () =>
      inTurn(async () => {
        if (progress.status !== 'paused') return;
        // It may have gone away meanwhile.
        if (!input) use(await reopen());
        await open('resumed');
      }),
    stop: () => end(null),
  };
}
