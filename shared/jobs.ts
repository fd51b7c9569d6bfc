/** The job record and its states. The machine that moves it is `web/jobs/machine.ts`. */
import type { ErrorBody } from './errors.ts';
import type { Mode } from './style.ts';

export const JOB_STATES = ['PENDING', 'ANALYZING', 'INVERTING', 'RENDERING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type JobState = (typeof JOB_STATES)[number];

export const RUNNING_STATES = ['ANALYZING', 'INVERTING', 'RENDERING'] as const satisfies readonly JobState[];

/** What a state may become in one step. A runner that is gone puts its job back to PENDING; a render plan starts with RENDERING. */
const NEXT_STATES: Readonly<Record<JobState, readonly JobState[]>> = {
  PENDING: ['ANALYZING', 'RENDERING', 'CANCELLED'],
  ANALYZING: ['INVERTING', 'PENDING', 'FAILED', 'CANCELLED'],
  INVERTING: ['RENDERING', 'PENDING', 'FAILED', 'CANCELLED'],
  RENDERING: ['COMPLETED', 'PENDING', 'FAILED', 'CANCELLED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
};

/** Whether a report may say so. The same state again is news of its progress, or an answer that was lost on its way. */
export const mayBecome = (from: JobState, to: JobState): boolean => from === to || NEXT_STATES[from].includes(to);

/** Whether a person may ask for it again: it is PENDING then. */
export const mayRetry = (state: JobState): boolean => state === 'FAILED' || state === 'CANCELLED';

/** match: analyze, invert, render. render: render again with an edited style or a loaded preset. */
export type JobPlan = 'match' | 'render';

export interface JobOptions {
  readonly mode: Mode;
  /** Match pitch in mode B. */
  readonly pitch: boolean;
  readonly ceilingDbtp: number;
  /** Estimate the residual match FIR too. */
  readonly residualFir: boolean;
}

export interface Job {
  readonly id: string;
  /** SHA-256 of plan, mode, contents, options, style and engine digest: equal requests are one job. */
  readonly idempotencyKey: string;
  readonly plan: JobPlan;
  readonly options: JobOptions;
  /** Recording ids; a render plan needs no reference. */
  readonly referenceId: string | null;
  readonly targetId: string;
  /** Given for plan 'render'; written by inversion for plan 'match'. */
  readonly styleId: string | null;
  readonly resultId: string | null;
  readonly state: JobState;
  /** 0 to 100 within the state, and over the whole plan. */
  readonly stagePercent: number;
  readonly percent: number;
  /** Which piece of how many the stage is at, for people who watch. */
  readonly segment: { readonly index: number; readonly count: number } | null;
  /** Frames of the result that are safe. */
  readonly renderedFrames: number;
  readonly attempts: number;
  /** Not before this time; exponential back-off. */
  readonly notBeforeMs: number;
  readonly error: ErrorBody | null;
  /** Seconds of audio to work on; short jobs go first. */
  readonly workSeconds: number;
  readonly createdMs: number;
  readonly startedMs: number | null;
  readonly updatedMs: number;
  readonly finishedMs: number | null;
}
