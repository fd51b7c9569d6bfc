/** How long a job will take, from how long it has taken. */
import type { Job } from '../../shared/jobs.ts';

/** Below this share the guess is worth nothing. */
const ENOUGH_PERCENT = 4;
const ENOUGH_SECONDS = 1.5;

/** @returns seconds, or null while there is too little to tell from */
export function secondsLeft(job: Pick<Job, 'percent' | 'startedMs'>, nowMs: number): number | null {
  if (job.startedMs === null || job.percent < ENOUGH_PERCENT) return null;
  const elapsedSeconds = (nowMs - job.startedMs) / 1000;
  if (elapsedSeconds < ENOUGH_SECONDS) return null;
  return (elapsedSeconds * (100 - job.percent)) / job.percent;
}
