/**
 * How a job moves: one pure function.
 *
 *   PENDING -> ANALYZING -> INVERTING -> RENDERING -> COMPLETED
 *      ^___________|____________|____________|  retryable failure or interruption; otherwise FAILED. Cancelled any time.
 */
import { AppError, type ErrorBody, ERRORS } from '../../shared/errors.ts';
import type { Job, JobState } from '../../shared/jobs.ts';

export type JobEvent =
  /** The runner takes it up. */
  | { readonly type: 'started' }
  | { readonly type: 'progressed'; readonly stagePercent: number; readonly segment: Job['segment'] }
  | { readonly type: 'analyzed' }
  | { readonly type: 'inverted'; readonly styleId: string }
  /** So many frames of the render are safe. */
  | { readonly type: 'saved'; readonly renderedFrames: number }
  | { readonly type: 'rendered'; readonly resultId: string }
  | { readonly type: 'failed'; readonly error: ErrorBody }
  /** Its runner is gone: reload, crash, closed tab. */
  | { readonly type: 'interrupted' }
  | { readonly type: 'cancelled' }
  /** A person asks for it again. */
  | { readonly type: 'retried' };

export const MAX_RETRIES = 5;
/** A job whose runner dies so often without getting further is given up: it may be what kills it. */
export const MAX_INTERRUPTIONS = 12;

/** Shares of the whole plan, from timings of three-minute recordings. */
const STAGE_SHARES: Readonly<Record<Job['plan'], readonly (readonly [state: JobState, from: number, to: number])[]>> = {
  match: [['ANALYZING', 0, 30], ['INVERTING', 30, 55], ['RENDERING', 55, 100]],
  render: [['RENDERING', 0, 100]],
};

export const isRunning = (job: Job): boolean => job.state === 'ANALYZING' || job.state === 'INVERTING' || job.state === 'RENDERING';
export const isFinished = (job: Job): boolean => job.state === 'COMPLETED' || job.state === 'FAILED' || job.state === 'CANCELLED';

/** Seconds before the n-th retry: 2^n, n <= 5. */
export const backOffSeconds = (retry: number): number => 2 ** Math.min(retry, MAX_RETRIES);

function percentOf(job: Job, state: JobState, stagePercent: number): number {
  const share = STAGE_SHARES[job.plan].find(([stage]) => stage === state);
  if (!share) return job.percent;
  const [, from, to] = share;
  return from + ((to - from) * stagePercent) / 100;
}

const entered = (job: Job, state: JobState, nowMs: number): Job => ({
  ...job,
  state,
  stagePercent: 0,
  percent: percentOf(job, state, 0),
  segment: null,
  updatedMs: nowMs,
});

const requeued = (job: Job, nowMs: number, notBeforeMs: number, error: ErrorBody | null): Job => ({
  ...job,
  state: 'PENDING',
  stagePercent: 0,
  segment: null,
  attempts: job.attempts + 1,
  notBeforeMs,
  error,
  updatedMs: nowMs,
});

const finished = (job: Job, state: 'COMPLETED' | 'FAILED' | 'CANCELLED', nowMs: number, error: ErrorBody | null): Job => ({
  ...job,
  state,
  segment: null,
  error,
  updatedMs: nowMs,
  finishedMs: nowMs,
});

/**
 * The job after the event; the very same object where the event changes nothing (late or out of place).
 * @param nowMs Unix time, ms
 */
export function next(job: Job, event: JobEvent, nowMs: number): Job {
  switch (event.type) {
    case 'started': {
      if (job.state !== 'PENDING') return job;
      const isRender = job.plan === 'render' || job.styleId !== null;
      return { ...entered(job, isRender ? 'RENDERING' : 'ANALYZING', nowMs), startedMs: job.startedMs ?? nowMs, error: null };
    }
    case 'progressed': {
      if (!isRunning(job)) return job;
      const stagePercent = Math.min(100, Math.max(job.stagePercent, event.stagePercent));
      // Two recordings are worked on at once, and their reports may overtake each other.
      const percent = Math.max(job.percent, percentOf(job, job.state, stagePercent));
      return { ...job, stagePercent, percent, segment: event.segment, updatedMs: nowMs };
    }
    case 'analyzed':
      return job.state === 'ANALYZING' ? { ...entered(job, 'INVERTING', nowMs), attempts: 0 } : job;
    case 'inverted':
      return job.state === 'INVERTING' ? { ...entered(job, 'RENDERING', nowMs), styleId: event.styleId, attempts: 0 } : job;
    case 'saved':
      if (job.state !== 'RENDERING') return job;
      return { ...job, renderedFrames: event.renderedFrames, attempts: event.renderedFrames > job.renderedFrames ? 0 : job.attempts, updatedMs: nowMs };
    case 'rendered':
      if (job.state !== 'RENDERING') return job;
      return { ...finished(job, 'COMPLETED', nowMs, null), resultId: event.resultId, stagePercent: 100, percent: 100, attempts: 0 };
    case 'failed':
      if (!isRunning(job)) return job;
      if (ERRORS[event.error.code].retryable && job.attempts < MAX_RETRIES) {
        return requeued(job, nowMs, nowMs + 1000 * backOffSeconds(job.attempts + 1), event.error);
      }
      return finished(job, 'FAILED', nowMs, event.error);
    case 'interrupted':
      if (!isRunning(job)) return job;
      if (job.attempts >= MAX_INTERRUPTIONS) return finished(job, 'FAILED', nowMs, new AppError('job/worker-died').toBody());
      return requeued(job, nowMs, nowMs, null);
    case 'cancelled':
      return isFinished(job) ? job : finished(job, 'CANCELLED', nowMs, null);
    case 'retried':
      if (job.state !== 'FAILED' && job.state !== 'CANCELLED') return job;
      return { ...job, state: 'PENDING', stagePercent: 0, percent: 0, attempts: 0, notBeforeMs: 0, error: null, startedMs: null, updatedMs: nowMs, finishedMs: null };
    default:
      return event satisfies never;
  }
}
