/** Worker threads and what they can be asked. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorBody } from '../../shared/errors.ts';
import type { Features } from '../../shared/features.ts';
import type { EngineBinary } from '../host/engine.ts';
import type { TrialAnswer, TrialPool, TrialTask } from '../inversion/paired/trial-pool.ts';
import { type FrameSource, readStereo } from '../rendering/chain-stream.ts';
import type { SegmentPool, SegmentResult, SegmentTask } from '../rendering/segment-task.ts';
import type { ScratchPlace } from './file-scratch.ts';
import type { RecordingPlace, Unpack, Unpacked } from './recordings.ts';

/** What a thread opens for itself. */
export type FramePlace = { readonly recording: RecordingPlace } | { readonly scratch: ScratchPlace };

/** Where a segment's frames are: `frame` on in a place, or here. */
export type FramesFrom = { readonly place: FramePlace; readonly frame: number; readonly frames: number } | { readonly channels: readonly Float32Array<ArrayBuffer>[] };

/** Every task by name: what goes in, what comes out. */
export interface Tasks {
  unpack: { readonly in: { path: string; rawPath: string }; readonly out: Unpacked };
  analyze: { readonly in: { place: RecordingPlace; f0: boolean }; readonly out: Features };
  segment: { readonly in: { task: SegmentTask; from: FramesFrom; spares: SegmentResult['rows'] }; readonly out: SegmentResult };
  trial: { readonly in: TrialTask; readonly out: TrialAnswer };
}

export type TaskName = keyof Tasks;

export type ThreadRequest = { [N in TaskName]: { readonly id: number; readonly name: N; readonly input: Tasks[N]['in'] } }[TaskName];

export type ThreadReply =
  | { readonly id: number; readonly status: 'progress'; readonly fraction: number }
  | { readonly id: number; readonly status: 'done'; readonly output: Tasks[TaskName]['out'] }
  | { readonly id: number; readonly status: 'failed'; readonly error: ErrorBody };

export interface RunOptions {
  readonly transfer?: readonly ArrayBuffer[];
  readonly onProgress?: (fraction: number) => void;
}

export interface Threads {
  readonly size: number;
  /** Starts so many (at most `size`) before there is work for them: they need a tenth of a second to come up. */
  warmUp(count: number): void;
  /** On the next free thread. @throws AppError as the task's; 'job/worker-died' */
  run<N extends TaskName>(name: N, input: Tasks[N]['in'], options?: RunOptions): Promise<Tasks[N]['out']>;
  close(): Promise<void>;
}

interface Waiting {
  readonly request: ThreadRequest;
  readonly options: RunOptions;
  readonly resolve: (output: never) => void;
  readonly reject: (error: AppError) => void;
}

/** More threads than this gain nothing: a match has two recordings, and segments are long. */
const MAX_THREADS = 8;

/** A thread's short-lived objects are small numbers of numbers: more room for them is only memory held. */
const YOUNG_MEGABYTES = 6;

/** From the sources a thread has to learn TypeScript first; bundled it lies beside this. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './thread-start.mjs' : './thread.js', import.meta.url);

export function startThreads(engine: EngineBinary, size = Math.min(MAX_THREADS, Math.max(2, availableParallelism()))): Threads {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Waiting>();
  const all = new Set<Worker>();
  let nextId = 0;

  const start = (): Worker => {
    const worker = new Worker(THREAD, { workerData: { engine }, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES } });
    all.add(worker);
    worker.on('message', (reply: ThreadReply) => {
      const waiting = busy.get(worker);
      if (!waiting || waiting.request.id !== reply.id) return;
      if (reply.status === 'progress') return waiting.options.onProgress?.(reply.fraction);
      busy.delete(worker);
      idle.push(worker);
      if (reply.status === 'done') waiting.resolve(reply.output as never);
      else waiting.reject(new AppError(reply.error.code, reply.error.args));
      pump();
    });
    const die = (cause?: unknown): void => {
      all.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
      busy.get(worker)?.reject(new AppError('job/worker-died', {}, { cause }));
      busy.delete(worker);
    };
    worker.on('error', die);
    worker.on('exit', () => die());
    return worker;
  };

  const pump = (): void => {
    while (queue.length > 0 && (idle.length > 0 || all.size < size)) {
      const waiting = queue.shift()!;
      const worker = idle.pop() ?? start();
      busy.set(worker, waiting);
      worker.postMessage(waiting.request, [...(waiting.options.transfer ?? [])]);
    }
  };

  return {
    size,
    warmUp(count) {
      while (all.size < Math.min(size, count)) idle.push(start());
    },
    run: (name, input, options = {}) =>
      new Promise((resolve, reject) => {
        nextId += 1;
        queue.push({ request: { id: nextId, name, input } as ThreadRequest, options, resolve: resolve as (output: never) => void, reject });
        pump();
      }),
    close: async () => {
      for (const { reject } of queue.splice(0)) reject(new AppError('job/cancelled'));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

/** Segments on these threads, which read for themselves what has a place. */
export function threadPool(threads: Threads, places: ReadonlyMap<FrameSource, FramePlace>): SegmentPool {
  // Half a minute of audio a row: made anew each time they would pile up until somebody collects them.
  const used: SegmentResult['rows'][] = [];
  return {
    size: threads.size,
    render: async (task, { source, frame, frames }) => {
      const place = places.get(source);
      const from = place ? { place, frame, frames } : { channels: await readStereo(source, frame, frames) };
      const spares = (task.wantsSamples && used.pop()) || [];
      const transfer = [...spares, ...('channels' in from ? from.channels : [])].map((row) => row.buffer);
      return threads.run('segment', { task, from, spares }, { transfer });
    },
    recycle: (rows) => void (rows.length > 0 && used.push(rows)),
  };
}

/** FLAC on these threads. */
export const unpackOn = (threads: () => Promise<Threads>): Unpack => async (path, rawPath) => (await threads()).run('unpack', { path, rawPath });

/** Trials of mode A on these threads. */
export const trialPool = (threads: Threads): TrialPool => ({
  size: threads.size,
  run: (task) => threads.run('trial', task) as Promise<never>,
});
