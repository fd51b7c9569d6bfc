import { describe, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { Job } from '../../../shared/jobs.ts';
import { createQueue, type NewJob, type Queue } from '../../../web/jobs/queue.ts';
import { concurrentJobs, type Locks, type RunJob, startRunner } from '../../../web/jobs/runner.ts';
import type { Storage } from '../../../web/storage/contract.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';

const request = (key: string, changes: Partial<NewJob> = {}): NewJob => ({
  idempotencyKey: key, plan: 'match', options: { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false },
  referenceId: 'r', targetId: 't', styleId: null, workSeconds: 10, ...changes,
});

/** Locks of one origin, in memory. */
function memoryLocks(): Pick<Locks, 'hold'> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    hold(_name, signal, work) {
      const turn = last.then(() => (signal.aborted ? undefined : work()));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Calls back after every write of the queue. */
function watched(queue: Queue) {
  const listeners = new Set<() => void>();
  const tell = <T>(answer: T): T => {
    for (const listener of listeners) listener();
    return answer;
  };
  const telling: Queue = {
    ...queue,
    add: async (job) => tell(await queue.add(job)),
    apply: async (id, event) => tell(await queue.apply(id, event)),
    remove: async (id) => tell(await queue.remove(id)),
  };
  const onChange = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { queue: telling, onChange };
}

async function until(queue: Queue, isDone: (jobs: Job[]) => boolean): Promise<Job[]> {
  for (let i = 0; i < 2000; i += 1) {
    const jobs = await queue.list();
    if (isDone(jobs)) return jobs;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never: ${JSON.stringify(await queue.list())}`);
}

const states = (jobs: readonly Job[]) => jobs.map(({ state }) => state);

describe('the queue', () => {
  test('gives equal requests one job, whether queued, running or finished', async () => {
    const queue = createQueue(memoryStorage().documents, () => 0);
    const first = await queue.add(request('k'));
    expect(await queue.add(request('k'))).toEqual(first);
    await queue.startNext();
    expect((await queue.add(request('k'))).state).toBe('ANALYZING');
    for (const event of [{ type: 'analyzed' }, { type: 'inverted', styleId: 's' }, { type: 'rendered', resultId: 'x' }] as const) await queue.apply('k', event);
    expect(await queue.add(request('k'))).toMatchObject({ state: 'COMPLETED', resultId: 'x' });
    expect(await queue.list()).toHaveLength(1);
  });

  test('tries a failed request again when it is made again', async () => {
    const queue = createQueue(memoryStorage().documents, () => 0);
    await queue.add(request('k'));
    await queue.startNext();
    await queue.apply('k', { type: 'failed', error: new AppError('audio/silent').toBody() });
    expect((await queue.deadLetters()).map(({ id }) => id)).toEqual(['k']);
    expect((await queue.add(request('k'))).state).toBe('PENDING');
    expect(await queue.deadLetters()).toEqual([]);
  });

  test('takes short jobs first', async () => {
    const queue = createQueue(memoryStorage().documents, () => 0);
    await queue.add(request('long', { workSeconds: 3600 }));
    await queue.add(request('short', { workSeconds: 20 }));
    expect((await queue.startNext())?.id).toBe('short');
    expect((await queue.startNext())?.id).toBe('long');
    expect(await queue.startNext()).toBeUndefined();
  });

  test('does not starve a long job: after waiting its own length it goes before newcomers', async () => {
    let now = 0;
    const queue = createQueue(memoryStorage().documents, () => now);
    await queue.add(request('long', { workSeconds: 600 }));
    now = 590_000;
    await queue.add(request('short', { workSeconds: 5 }));
    expect((await queue.startNext())?.id).toBe('short');
    now = 600_000;
    await queue.add(request('another', { workSeconds: 5 }));
    expect((await queue.startNext())?.id).toBe('long');
  });

  test('leaves a job alone until its back-off is over', async () => {
    let now = 0;
    const queue = createQueue(memoryStorage().documents, () => now);
    await queue.add(request('k'));
    await queue.startNext();
    await queue.apply('k', { type: 'failed', error: new AppError('engine/failed').toBody() });
    now = 1999;
    expect(await queue.startNext()).toBeUndefined();
    now = 2000;
    expect((await queue.startNext())?.id).toBe('k');
  });

  test('gives one job to one of many who ask at once', async () => {
    const queue = createQueue(memoryStorage().documents, () => 0);
    await queue.add(request('k'));
    const got = await Promise.all([queue.startNext(), queue.startNext(), queue.startNext()]);
    expect(got.filter(Boolean)).toHaveLength(1);
  });
});

test.each([
  [1, undefined, 1],
  [2, 8, 1],
  [8, undefined, 2],
  [8, 8, 4],
  [32, 32, 4],
  [8, 0.5, 1],
])('%i cores and %s GB run %i jobs at once', (cores, memoryGb, jobs) => {
  expect(concurrentJobs(cores, memoryGb)).toBe(jobs);
});

/** The plan of a match, each step written to storage, with nothing behind it. */
function planOn({ documents, bytes }: Storage): RunJob {
  return async (job, { report }) => {
    let styleId = job.styleId;
    if (styleId === null) {
      await report({ type: 'analyzed' });
      styleId = job.id;
      await documents.update('styles', styleId, (before) => before ?? { id: job.id, style: {} as never });
      await report({ type: 'inverted', styleId });
    }
    const writer = await bytes.writer({ folder: 'results', id: job.id });
    await writer.write(Uint8Array.of(1, 2, 3));
    await writer.close();
    await report({ type: 'saved', renderedFrames: 3 });
    await documents.put('results', { id: job.id, jobId: job.id } as never);
    await report({ type: 'rendered', resultId: job.id });
  };
}

describe('the runner', () => {
  test('runs at most as many jobs at once as it may', async () => {
    const { queue, onChange } = watched(createQueue(memoryStorage().documents, () => 0));
    let active = 0;
    let most = 0;
    const run: RunJob = async (_job, { report }) => {
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setTimeout(resolve, 5));
      active -= 1;
      for (const event of [{ type: 'analyzed' }, { type: 'inverted', styleId: 's' }, { type: 'rendered', resultId: 'x' }] as const) await report(event);
    };
    for (const key of ['a', 'b', 'c', 'd', 'e']) await queue.add(request(key));
    const runner = startRunner({ queue, run, locks: memoryLocks(), onChange, nowMs: () => 0, limit: 2 });
    await until(queue, (jobs) => jobs.every(({ state }) => state === 'COMPLETED'));
    await runner.stop();
    expect(most).toBe(2);
  });

  test('stops the work of a job that is cancelled, also from another tab', async () => {
    const { queue, onChange } = watched(createQueue(memoryStorage().documents, () => 0));
    let aborted = false;
    const run: RunJob = (_job, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => {
        aborted = true;
        reject(new AppError('job/cancelled'));
      }));
    const runner = startRunner({ queue, run, locks: memoryLocks(), onChange, nowMs: () => 0, limit: 1 });
    await queue.add(request('k'));
    await until(queue, ([job]) => job?.state === 'ANALYZING');
    await queue.apply('k', { type: 'cancelled' });
    await until(queue, () => aborted);
    await runner.stop();
    expect(states(await queue.list())).toEqual(['CANCELLED']);
  });

  test('turns what a plan throws into the job\'s error', async () => {
    const { queue, onChange } = watched(createQueue(memoryStorage().documents, () => 0));
    const run: RunJob = async () => {
      throw new AppError('audio/too-short', { seconds: 0.1, minimum: 0.4 });
    };
    const runner = startRunner({ queue, run, locks: memoryLocks(), onChange, nowMs: () => 0, limit: 1 });
    await queue.add(request('k'));
    const [job] = await until(queue, ([first]) => first?.state === 'FAILED');
    await runner.stop();
    expect(job?.error).toMatchObject({ code: 'audio/too-short', args: { seconds: 0.1 } });
  });

  test('works alone: a second one waits, and takes over when the first goes', async () => {
    const storage = memoryStorage();
    const { queue, onChange } = watched(createQueue(storage.documents, () => 0));
    const locks = memoryLocks();
    const ran: string[] = [];
    const stuck: RunJob = (_job, { signal }) => {
      ran.push('first');
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('gone'))));
    };
    const first = startRunner({ queue, run: stuck, locks, onChange, nowMs: () => 0, limit: 1 });
    const second = startRunner({ queue, run: planOn(storage), locks, onChange, nowMs: () => 0, limit: 1 });
    await queue.add(request('k'));
    await until(queue, ([job]) => job?.state === 'ANALYZING');
    await first.stop();
    await until(queue, ([job]) => job?.state === 'COMPLETED');
    await second.stop();
    expect(ran).toEqual(['first']);
  });
});

test('whatever two writes the runner is killed between, nothing is lost and nothing doubled', async () => {
  let killedAtLeastOnce = false;
  for (let fatalWrite = 1; ; fatalWrite += 1) {
    let writes = 0;
    let isDead = false;
    const storage = memoryStorage({
      beforeWrite() {
        writes += 1;
        if (writes === fatalWrite) isDead = true;
        if (isDead) throw new Error('the tab is gone');
      },
    });
    const attempt = async () => {
      const { queue, onChange } = watched(createQueue(storage.documents, () => 0));
      const runner = startRunner({ queue, run: planOn(storage), locks: memoryLocks(), onChange, nowMs: () => 0, limit: 2 });
      return { queue, runner };
    };

    const before = await attempt();
    const asked = await Promise.allSettled(['a', 'b'].map((key) => before.queue.add(request(key))));
    await until(before.queue, (jobs) => isDead || (jobs.length === 2 && jobs.every(({ state }) => state === 'COMPLETED')));
    const wasKilled = isDead;
    killedAtLeastOnce ||= wasKilled;
    await before.runner.stop();

    // The page is opened again; a person whose request never arrived makes it again.
    isDead = false;
    writes = Infinity;
    const after = await attempt();
    for (const [i, key] of ['a', 'b'].entries()) if (asked[i]!.status === 'rejected') await after.queue.add(request(key));
    const jobs = await until(after.queue, (list) => list.length === 2 && list.every(({ state }) => state === 'COMPLETED'));
    await after.runner.stop();

    expect(jobs.map(({ id, resultId }) => [id, resultId])).toEqual([['a', 'a'], ['b', 'b']]);
    expect((await storage.documents.list('results')).map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect((await storage.bytes.list()).map(({ id, bytes }) => [id, bytes]).sort()).toEqual([['a', 3], ['b', 3]]);
    if (!wasKilled) break;
  }
  expect(killedAtLeastOnce).toBe(true);
});
