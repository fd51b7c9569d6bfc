/** The durable queue: jobs in the document store, moved by the machine, one atomic step at a time. */
import { AppError } from '../../shared/errors.ts';
import type { Job } from '../../shared/jobs.ts';
import type { DocumentStore } from '../storage/contract.ts';
import { isFinished, type JobEvent, next } from './machine.ts';

export interface NewJob extends Pick<Job, 'plan' | 'options' | 'referenceId' | 'targetId' | 'styleId' | 'workSeconds'> {
  /** SHA-256 of everything that decides the result; also the job's id, so that equal requests are one job. */
  readonly idempotencyKey: string;
}

/** Seconds of work that a second of waiting outweighs: a long job overtakes newcomers after waiting its own length. */
const AGEING = 1;

/** Lower goes first. */
const rank = (job: Job, nowMs: number): number => job.workSeconds - (AGEING * (nowMs - job.createdMs)) / 1000;

export interface Queue {
  /** The queued, running or finished job of an equal request, or a new one. A failed or cancelled one is tried again. */
  add(job: NewJob): Promise<Job>;
  /** @returns the job afterwards, or undefined when there is none (any more) */
  apply(id: string, event: JobEvent): Promise<Job | undefined>;
  /** Takes up the job whose turn it is: short ones first, those that waited long before them. */
  startNext(): Promise<Job | undefined>;
  list(): Promise<Job[]>;
  /** Failed for good, or too often: for a person to look at and retry. */
  deadLetters(): Promise<Job[]>;
  /** @throws AppError 'job/unknown' */
  get(id: string): Promise<Job>;
  remove(id: string): Promise<void>;
}

export function createQueue(documents: DocumentStore, nowMs: () => number): Queue {
  const queue: Queue = {
    async add(request) {
      const now = nowMs();
      const fresh: Job = {
        ...request,
        id: request.idempotencyKey,
        resultId: null,
        state: 'PENDING',
        stagePercent: 0,
        percent: 0,
        segment: null,
        renderedFrames: 0,
        attempts: 0,
        notBeforeMs: 0,
        error: null,
        createdMs: now,
        startedMs: null,
        updatedMs: now,
        finishedMs: null,
      };
      const stored = await documents.update('jobs', fresh.id, (before) => (before === undefined ? fresh : next(before, { type: 'retried' }, now)));
      return stored ?? fresh;
    },
    apply: (id, event) => documents.update('jobs', id, (job) => job && next(job, event, nowMs())),
    async startNext() {
      const now = nowMs();
      const waiting = (await documents.list('jobs')).filter((job) => job.state === 'PENDING' && job.notBeforeMs <= now);
      waiting.sort((a, b) => rank(a, now) - rank(b, now) || a.createdMs - b.createdMs);
      for (const { id } of waiting) {
        let isMine = false;
        const started = await documents.update('jobs', id, (job) => {
          const after = job && next(job, { type: 'started' }, now);
          isMine = after !== job;
          return after;
        });
        if (isMine) return started;
      }
      return undefined;
    },
    list: () => documents.list('jobs'),
    deadLetters: async () => (await documents.list('jobs')).filter((job) => job.state === 'FAILED'),
    async get(id) {
      const job = await documents.get('jobs', id);
      if (!job) throw new AppError('job/unknown');
      return job;
    },
    async remove(id) {
      const job = await documents.get('jobs', id);
      if (job && !isFinished(job)) await queue.apply(id, { type: 'cancelled' });
      await documents.remove('jobs', id);
    },
  };
  return queue;
}
