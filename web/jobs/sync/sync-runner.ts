/**
 * Works through what has to be sent: one upload at a time and in one tab (a Web Lock), beside it a take that is being recorded.
 * All it knows is in the stores, so that it may be stopped anywhere.
 */
import { ERRORS, toAppError } from '../../../shared/errors.ts';
import type { Locks } from '../runner.ts';
import type { Pause } from './contract.ts';
import type { Uploader } from './uploader.ts';
import type { Planned } from './upload-plan.ts';

export interface SyncRunnerParts {
  readonly uploader: Uploader;
  readonly locks: Locks;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly pause: () => Promise<Pause>;
  /** What is due now, and when something else will be. */
  readonly due: () => Promise<{ readonly due: readonly Planned[]; readonly nextMs: number }>;
  /** Whether an upload is still wanted; what runs and is not is stopped. */
  readonly isWanted: (uploadId: string) => Promise<boolean>;
  /** A take that is being recorded and wanted; null: there is none. */
  readonly liveTake: () => Promise<string | null>;
  /** Compares with what the server has. */
  readonly reconcile: () => Promise<void>;
}

const LOCK = 'tonetwin-sync';
const LONGEST_SLEEP_MS = 60 * 60_000;
/** After the store failed. */
const LANE_WAIT_MS = 5000;

export interface SyncRunner {
  /** Something has changed: looks again, and stops what is no longer to be done. */
  poke(): void;
  stop(): Promise<void>;
}

export function startSyncRunner({ uploader, locks, nowMs, random, pause, due, isWanted, liveTake, reconcile }: SyncRunnerParts): SyncRunner {
  const ending = new AbortController();
  const running = new Map<string, AbortController>();
  const sleepers = new Set<() => void>();
  let news = 0;

  /** @param seen  `news` before the looking that found nothing to do: what came since is not slept through */
  function sleep(ms: number, seen: number): Promise<void> {
    if (news !== seen || ending.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(wake, Math.min(ms, LONGEST_SLEEP_MS));
      function wake(): void {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve();
      }
      sleepers.add(wake);
    });
  }

  /** @returns whether it got there */
  async function attempt(uploadId: string, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const controller = new AbortController();
    running.set(uploadId, controller);
    try {
      await uploader.move(uploadId, { type: 'began', totalBytes: null });
      await work(controller.signal);
      return true;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'job/cancelled' || ending.signal.aborted || (await pause()) !== null) await uploader.move(uploadId, { type: 'interrupted' });
      else {
        if (error.code === 'upload/checksum') await uploader.restart(uploadId);
        // Gone on the server while it was sent: it is begun again, which is not hopeless.
        const isRetryable = ERRORS[error.code].retryable || error.code === 'upload/expired' || error.code === 'server/not-found' || error.code === 'internal';
        await uploader.move(uploadId, { type: 'failed', error: error.toBody(), isRetryable, chance: random() });
      }
      return false;
    } finally {
      running.delete(uploadId);
    }
  }

  async function queued(): Promise<void> {
    let isCompared = false;
    while (!ending.signal.aborted) {
      const seen = news;
      if ((await pause()) !== null) {
        isCompared = false;
        await sleep(LONGEST_SLEEP_MS, seen);
        continue;
      }
      if (!isCompared) isCompared = await reconcile().then(() => true, () => false);
      const { due: [first], nextMs } = await due();
      if (first && !running.has(first.uploadId)) await attempt(first.uploadId, (signal) => uploader.run(first, signal));
      else await sleep(Math.max(0, nextMs - nowMs()), seen);
    }
  }

  async function live(): Promise<void> {
    const ended = new Set<string>();
    while (!ending.signal.aborted) {
      const seen = news;
      const takeId = (await pause()) === null ? await liveTake() : null;
      const uploadId = `file takes/${takeId}`;
      if (takeId === null || ended.has(takeId) || running.has(uploadId)) {
        await sleep(LONGEST_SLEEP_MS, seen);
        continue;
      }
      // What does not get on while it is recorded is left to the queue, once it has ended.
      if (!(await attempt(uploadId, (signal) => uploader.runLive(takeId, signal)))) ended.add(takeId);
    }
  }

  // A lane that breaks at the store's fault begins again a little later; nothing it knew is lost.
  async function again(lane: () => Promise<void>): Promise<void> {
    while (!ending.signal.aborted) {
      await lane().catch(() => sleep(LANE_WAIT_MS, news));
    }
  }
  const done = locks.hold(LOCK, ending.signal, async () => void (await Promise.all([again(queued), again(live)]))).catch(() => undefined);

  async function stopUnwanted(): Promise<void> {
    const paused = (await pause()) !== null;
    for (const [id, controller] of running) if (paused || !(await isWanted(id))) controller.abort();
  }

  function wakeAll(): void {
    news += 1;
    for (const wake of sleepers) wake();
  }

  return {
    poke() {
      wakeAll();
      void stopUnwanted().catch(() => undefined);
    },
    async stop() {
      ending.abort();
      for (const controller of running.values()) controller.abort();
      wakeAll();
      await done;
    },
  };
}
