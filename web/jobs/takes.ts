/** The recorder: starts takes, one at a time in all tabs, and offers back what was interrupted. */
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Style } from '../../shared/style.ts';
import type { Microphone, Microphones } from '../audio/capture/microphones.ts';
import { removeTakeBytes } from '../storage/take-bytes.ts';
import type { Locks } from './runner.ts';
import { startLiveTake } from './live-take.ts';
import { createTakeShelf, takeLock, type TakeShelfParts } from './take-shelf.ts';
import type { Capturing, LiveTake, TakeInfo, TakeInput, TakeService, TakeStart } from './takes-contract.ts';
import { watchList } from './watch.ts';

/** Held by the tab that records. The page's updates wait for it too. */
export const CAPTURE_LOCK = 'tonetwin-capture';

export interface TakesParts extends TakeShelfParts {
  readonly locks: Locks;
  readonly microphones: Microphones;
  readonly onChange: (listener: () => void) => () => void;
  /** Stores a style and answers its id. */
  readonly keepStyle: (style: Style) => Promise<string>;
  /** Bytes that may still be stored; null where the browser does not say. */
  readonly freeBytes: () => Promise<number | null>;
}

const SAMPLE_BYTES = 4;
const never = new AbortController().signal;

export function createTakes(parts: TakesParts): TakeService {
  const { tools, locks, microphones } = parts;
  const { documents, bytes } = tools.storage;
  const shelf = createTakeShelf(parts);
  const opened = new WeakSet<TakeInput>();
  let live: LiveTake | null = null;
  /** Takes that other tabs record: their end is no change of a document if they crash. */
  const awaited = new Set<string>();

  async function openInput(choice: Capturing): Promise<Microphone> {
    const { deviceId, echoCancellation, noiseSuppression, autoGainControl } = choice;
    const microphone = await microphones.open({ deviceId, echoCancellation, noiseSuppression, autoGainControl });
    opened.add(microphone);
    return microphone;
  }

  const secondsLeft: TakeService['secondsLeft'] = async ({ sampleRate, channels }) => {
    const free = await parts.freeBytes();
    return free === null ? null : Math.max(0, free) / (sampleRate * channels * SAMPLE_BYTES);
  };

  const changed = new Set<() => void>();
  const onChange = (listener: () => void): (() => void) => {
    changed.add(listener);
    const stop = parts.onChange(listener);
    return () => {
      changed.delete(listener);
      stop();
    };
  };

  function awaitEnds(takes: readonly TakeInfo[]): void {
    for (const { id, state } of takes) {
      if (state !== 'recording' || id === live?.id || awaited.has(id)) continue;
      awaited.add(id);
      void locks.hold(takeLock(id), never, async () => undefined).finally(() => {
        awaited.delete(id);
        for (const listener of changed) listener();
      });
    }
  }

  /**
   * @param release lets go of the locks, which say that a take is recorded, and which
   * @param released is when they have gone
   */
  async function record({ name, withPreset, input, ...choice }: TakeStart, id: string, release: () => void, released: () => Promise<unknown>): Promise<LiveTake> {
    let microphone: Microphone | null = null;
    try {
      microphone = input && opened.has(input) ? (input as Microphone) : await openInput(choice);
      const startedMs = tools.nowMs();
      const styleId = withPreset === null ? null : await parts.keepStyle(withPreset);
      live = await startLiveTake({ takeId: id, name, startedMs }, choice, microphone, {
        microphones, journal: tools.workers.journal, nowMs: tools.nowMs, secondsLeft, onEnd: () => ended(id, release, released),
      });
      await documents.put('takes', {
        id, name, startedMs, endedMs: null, status: 'recording', content: null, recordingId: null, trim: null, role: null, withPreset: styleId,
      });
      return live;
    } catch (thrown) {
      // Nothing was promised yet, so nothing is left behind.
      await live?.stop().catch(() => undefined);
      await microphone?.close().catch(() => undefined);
      await shelf.discard(id).catch(() => removeTakeBytes(bytes, id)).catch(() => undefined);
      live = null;
      throw thrown;
    }
  }

  async function ended(id: string, release: () => void, released: () => Promise<unknown>): Promise<TakeInfo> {
    // What cannot be kept now (no room for its facts) is offered back like any interrupted take.
    const failure = await shelf.keepEnded(id).then(() => null, toAppError);
    live = null;
    release();
    await released();
    if (failure?.code === 'audio/empty') {
      await shelf.discard(id);
      throw failure;
    }
    for (const listener of changed) listener();
    return shelf.info(id);
  }

  return {
    openInput,
    start: (start) =>
      new Promise<LiveTake>((resolve, reject) => {
        const id = crypto.randomUUID();
        let failure: { readonly thrown: unknown } | null = null;
        const held: Promise<boolean> = locks.tryHold(CAPTURE_LOCK, () =>
          locks.hold(takeLock(id), never, () =>
            new Promise<void>((release) => {
              record(start, id, release, () => held).then(resolve, (thrown: unknown) => {
                failure = { thrown };
                release();
              });
            })));
        // Answered only when nothing is held any more, so that who tries again at once can.
        held.then((isMine) => reject(isMine ? failure?.thrown : new AppError('capture/busy')), reject);
      }),
    live: () => live,
    whenNothingRecords: () => locks.hold(CAPTURE_LOCK, never, async () => undefined),
    watchTakes: (listener) =>
      watchList(() => shelf.list(), onChange, (takes) => {
        awaitEnds(takes);
        listener(takes);
      }),
    pcm: shelf.pcm,
    keep: shelf.keep,
    discard: shelf.discard,
    edit: shelf.edit,
    secondsLeft,
  };
}
