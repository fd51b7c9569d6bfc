import type { Job } from '../../shared/jobs.ts';

/** Whether a job still has work before it: waiting or at work. */
export const isRunning = ({ state }: Pick<Job, 'state'>): boolean => state !== 'COMPLETED' && state !== 'FAILED' && state !== 'CANCELLED';
