import { describe, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { JOB_STATES, mayBecome, mayRetry } from '../../../shared/jobs.ts';
import { backOffSeconds, type JobEvent, MAX_INTERRUPTIONS, MAX_RETRIES, next } from '../../../web/jobs/machine.ts';
import { aJob } from '../../contracts/store.ts';

const EVENTS: readonly JobEvent[] = [
  { type: 'started' },
  { type: 'progressed', stagePercent: 40, segment: null },
  { type: 'analyzed' },
  { type: 'inverted', styleId: 's' },
  { type: 'saved', renderedFrames: 480 },
  { type: 'rendered', resultId: 'x' },
  { type: 'failed', error: new AppError('audio/silent').toBody() },
  { type: 'interrupted' },
  { type: 'cancelled' },
  { type: 'retried' },
];
const DIED: JobEvent = { type: 'failed', error: new AppError('job/worker-died').toBody() };
const run = (job = aJob('a'), ...events: JobEvent[]) => events.reduce((state, event, i) => next(state, event, 1000 * (i + 1)), job);

test('a match goes through every stage to its result', () => {
  const job = run(aJob('a'), { type: 'started' }, { type: 'analyzed' }, { type: 'inverted', styleId: 's' }, { type: 'rendered', resultId: 'x' });
  expect(job).toMatchObject({ state: 'COMPLETED', styleId: 's', resultId: 'x', percent: 100, startedMs: 1000, finishedMs: 4000, error: null });
});

test('every step it makes is one that the server takes, whatever happens in whatever state', () => {
  for (const state of JOB_STATES) {
    for (const job of [aJob('a', { state }), aJob('a', { state, plan: 'render' }), aJob('a', { state, attempts: 99 })]) {
      for (const event of [...EVENTS, DIED]) {
        const to = next(job, event, 1000).state;
        expect([state, event.type, to, event.type === 'retried' && to !== state ? mayRetry(state) : mayBecome(state, to)]).toEqual([state, event.type, to, true]);
      }
    }
  }
});

test('the server takes no step out of an end, nor over a stage', () => {
  const taken = JOB_STATES.flatMap((from) => JOB_STATES.filter((to) => from !== to && mayBecome(from, to)).map((to) => `${from} ${to}`));
  expect(taken.filter((step) => /^(COMPLETED|FAILED|CANCELLED)/.test(step))).toEqual([]);
  for (const step of ['PENDING COMPLETED', 'ANALYZING RENDERING', 'ANALYZING COMPLETED', 'INVERTING COMPLETED', 'PENDING FAILED']) expect(taken).not.toContain(step);
});

test('a render plan, and a match whose style is known, start with rendering', () => {
  expect(run(aJob('a', { plan: 'render', styleId: 's' }), { type: 'started' }).state).toBe('RENDERING');
  expect(run(aJob('a', { styleId: 's', renderedFrames: 100 }), { type: 'started' })).toMatchObject({ state: 'RENDERING', renderedFrames: 100 });
});

test('percent over the plan follows the stages, and within one never runs backwards', () => {
  const half = run(aJob('a'), { type: 'started' }, { type: 'progressed', stagePercent: 50, segment: null });
  expect(half).toMatchObject({ stagePercent: 50, percent: 15 });
  expect(run(half, { type: 'progressed', stagePercent: 20, segment: null }).percent).toBe(15);
  const resumed = run(half, { type: 'interrupted' }, { type: 'started' }, { type: 'progressed', stagePercent: 10, segment: null });
  expect(resumed).toMatchObject({ stagePercent: 10, percent: 3 });
});

describe('failing', () => {
  test('an error that trying again cannot help ends the job at once', () => {
    expect(run(aJob('a'), { type: 'started' }, EVENTS[6]!)).toMatchObject({ state: 'FAILED', attempts: 0, error: { code: 'audio/silent' } });
  });

  test('a retryable error waits 2, 4, 8, 16, 32 s, then the job is dead until a person retries it', () => {
    let job = aJob('a');
    const waits: number[] = [];
    for (let i = 0; i < MAX_RETRIES; i += 1) {
      job = next(next(job, { type: 'started' }, 0), DIED, 0);
      expect(job.state).toBe('PENDING');
      waits.push(job.notBeforeMs / 1000);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32]);
    expect(waits).toEqual(waits.map((_, i) => backOffSeconds(i + 1)));
    job = next(next(job, { type: 'started' }, 0), DIED, 7000);
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'job/worker-died' }, finishedMs: 7000 });
    expect(next(job, { type: 'retried' }, 8000)).toMatchObject({ state: 'PENDING', attempts: 0, error: null, notBeforeMs: 0, finishedMs: null });
  });

  test('getting further makes the retries count anew', () => {
    const tired = aJob('a', { attempts: 4, state: 'ANALYZING' });
    expect(run(tired, { type: 'analyzed' }).attempts).toBe(0);
    expect(run({ ...tired, state: 'RENDERING' }, { type: 'saved', renderedFrames: 10 }).attempts).toBe(0);
    expect(run({ ...tired, state: 'RENDERING', renderedFrames: 10 }, { type: 'saved', renderedFrames: 10 }).attempts).toBe(4);
  });
});

test('an interruption queues the job again at once and keeps what is safe', () => {
  const job = run(aJob('a', { state: 'RENDERING', styleId: 's', renderedFrames: 960 }), { type: 'interrupted' });
  expect(job).toMatchObject({ state: 'PENDING', notBeforeMs: 1000, styleId: 's', renderedFrames: 960, error: null });
  expect(run(aJob('a', { state: 'ANALYZING', attempts: MAX_INTERRUPTIONS }), { type: 'interrupted' }).state).toBe('FAILED');
});

test.each(['PENDING', 'ANALYZING', 'INVERTING', 'RENDERING'] as const)('%s can be cancelled and retried', (state) => {
  const cancelled = run(aJob('a', { state }), { type: 'cancelled' });
  expect(cancelled).toMatchObject({ state: 'CANCELLED', error: null });
  expect(run(cancelled, { type: 'retried' }).state).toBe('PENDING');
});

test('an event out of place changes nothing: the very same job comes back', () => {
  const accepted = new Set([
    'PENDING started', 'PENDING cancelled',
    ...['ANALYZING', 'INVERTING', 'RENDERING'].flatMap((state) => ['progressed', 'failed', 'interrupted', 'cancelled'].map((type) => `${state} ${type}`)),
    'ANALYZING analyzed', 'INVERTING inverted', 'RENDERING saved', 'RENDERING rendered',
    'FAILED retried', 'CANCELLED retried',
  ]);
  for (const state of JOB_STATES) {
    for (const event of EVENTS) {
      const job = aJob('a', { state });
      expect([state, event.type, next(job, event, 5) !== job]).toEqual([state, event.type, accepted.has(`${state} ${event.type}`)]);
    }
  }
});
