/**
 * Runs jobs from the queue. One runner per origin works, under a lock; the others wait for it to go away and then go on where
 * it stopped. A reload is an ordinary event.
 */
import { type AppError, toAppError } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import { isRunning, type JobEvent } from './machine.ts';
import type { Queue } from './queue.ts';

export interface RunContext {
  readonly signal: AbortSignal;
  /** Moves the job; resolves when that is stored. */
  report(event: JobEvent): Promise<void>;
}

/** Does a job's whole plan, from wherever its stored state says it is. */
export type RunJob = (job: Job, context: RunContext) => Promise<void>;

/** Web Locks, or what stands for them. */
export interface Locks {
  /**
   * Runs `work` while nobody else in the origin holds `name`; waits for its turn until the signal aborts.
   * @param mode 'shared': while nobody holds it alone; any number share it
   */
  hold(name: string, signal: AbortSignal, work: () => Promise<void>, mode?: LockMode): Promise<void>;
  /** Runs `work` if nobody holds `name`, and answers true after it; answers false at once if somebody does. */
  tryHold(name: string, work: () => Promise<void>): Promise<boolean>;
  isHeld(name: string): Promise<boolean>;
}

export interface RunnerOptions {
  readonly queue: Queue;
  readonly run: RunJob;
  readonly locks: Pick<Locks, 'hold'>;
  /** Calls back after every change of the jobs, here or in another tab; answers how to stop. */
  readonly onChange: (listener: () => void) => () => void;
  readonly nowMs: () => number;
  /** At most so many jobs at once. */
  readonly limit: number;
}

export interface Runner {
  /** Ends work without touching the jobs: the next runner goes on. */
  stop(): Promise<void>;
}

export const RUNNER_LOCK = 'tonetwin-runner';

/** Progress is stored this often at most. */
const PROGRESS_MS = 200;
/** setTimeout holds 31 bits; waiting longer only looks once more. */
const LONGEST_WAIT_MS = 60_000;
/** Storage that fails is asked again after this. */
const RETRY_MS = 5000;

/** How many jobs at once: half the cores, 2 GB of memory each. @param memoryGb as `navigator.deviceMemory`; undefined where unknown */
export const concurrentJobs = (cores: number, memoryGb: number | undefined): number =>
  Math.max(1, Math.min(Math.floor(cores / 2), Math.floor((memoryGb ?? 4) / 2), 4));

export function startRunner({ queue, run, locks, onChange, nowMs, limit }: RunnerOptions): Runner {
  const stopping = new AbortController();
  const running = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>();
  let wake: () => void = () => undefined;
  let isWoken = false;
  const stopListening = onChange(() => {
    isWoken = true;
    wake();
  });

  function start(job: Job): void {
    const controller = new AbortController();
    let lastProgressMs = -Infinity;
    const report = async (event: JobEvent): Promise<void> => {
      if (controller.signal.aborted) return;
      if (event.type === 'progressed') {
        const now = nowMs();
        if (now - lastProgressMs < PROGRESS_MS) return;
        lastProgressMs = now;
      }
      await queue.apply(job.id, event);
    };
    const done = run(job, { signal: controller.signal, report })
      .catch(async (thrown: unknown) => {
        const error: AppError = toAppError(thrown);
        // Stopped: by a person, who has said so in the queue, or with the whole runner, whose heir goes on.
        if (controller.signal.aborted) return;
        await queue.apply(job.id, { type: 'failed', error: error.toBody() });
      })
      // Storage that refuses even this leaves an orphan, which the next step queues again.
      .catch(() => undefined)
      .finally(() => {
        running.delete(job.id);
        isWoken = true;
        wake();
      });
    running.set(job.id, { controller, done });
  }

  async function step(): Promise<number> {
    for (const job of await queue.list()) {
      if (isRunning(job) && !running.has(job.id)) await queue.apply(job.id, { type: 'interrupted' });
    }
    const jobs = new Map((await queue.list()).map((job) => [job.id, job]));
    for (const [id, { controller }] of running) {
      const job = jobs.get(id);
      if (!job || !isRunning(job)) controller.abort();
    }
    while (running.size < limit) {
      const job = await queue.startNext();
      if (!job) break;
      // A job cancelled and retried at once waits until its first run has let go.
      const before = running.get(job.id);
      if (before) await before.done.catch(() => undefined);
      start(job);
    }
    const waits = [...jobs.values()].filter(({ state }) => state === 'PENDING').map(({ notBeforeMs }) => notBeforeMs - nowMs());
    return Math.min(LONGEST_WAIT_MS, ...waits.filter((wait) => wait > 0));
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      isWoken = false;
      const waitMs = await step().catch(() => RETRY_MS);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isWoken || stopping.signal.aborted) wake();
      });
    }
  }

  const finished = locks
    .hold(RUNNER_LOCK, stopping.signal, async () => {
      try {
        await work();
      } finally {
        for (const { controller } of running.values()) controller.abort();
        await Promise.allSettled([...running.values()].map(({ done }) => done));
      }
    })
    // Stopped while it waited for its turn.
    .catch(() => undefined);

  return {
    async stop() {
      stopListening();
      stopping.abort();
      wake();
      await finished;
    },
  };
}
