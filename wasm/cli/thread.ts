/** What runs in a worker thread: takes one request at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { toAppError } from '../../shared/errors.ts';
import { pcmFromArrays } from '../../shared/pcm.ts';
import { analyzeFeatures } from '../analysis/analyze.ts';
import { type EngineBinary, openEngine } from '../host/engine.ts';
import { buffersOf, runTrial, type TrialAnswer } from '../inversion/paired/trial-pool.ts';
import type { FrameSource } from '../rendering/chain-stream.ts';
import { renderSegment, type SegmentResult } from '../rendering/segment-task.ts';
import { openScratch } from './file-scratch.ts';
import { contentHash, openRecording, unpackFlac } from './recordings.ts';
import type { FramePlace, TaskName, Tasks, ThreadReply, ThreadRequest } from './threads.ts';

const { engine } = workerData as { engine: EngineBinary };

type Work = { readonly [N in TaskName]: (input: Tasks[N]['in'], onProgress: (fraction: number) => void) => Promise<Tasks[N]['out']> };

const WORK: Work = {
  unpack: async ({ path, rawPath }) => unpackFlac(path, rawPath, await openEngine(engine)),
  analyze: async ({ place, f0 }, onProgress) => {
    const { pcm, close } = await openRecording(place);
    try {
      return await analyzeFeatures(pcm, { engine, contentHash: await contentHash(place), f0, onProgress });
    } finally {
      await close();
    }
  },
  segment: async ({ task, from, spares }) => {
    if ('channels' in from) {
      const source = { ...pcmFromArrays(from.channels, task.sampleRate), isClean: true };
      return renderSegment(engine, task, { source, frame: 0, frames: source.frames }, undefined, spares);
    }
    const { place, frame, frames } = from;
    const { source, close } = await openPlace(place);
    try {
      return await renderSegment(engine, task, { source, frame, frames }, undefined, spares);
    } finally {
      await close();
    }
  },
  trial: (task) => runTrial(engine, task),
};

/** What of an answer is moved, not copied. */
function movedOf(name: TaskName, output: Tasks[TaskName]['out']): ArrayBuffer[] {
  if (name === 'segment') return (output as SegmentResult).rows.map((row) => row.buffer);
  return name === 'trial' ? buffersOf(output as TrialAnswer) : [];
}

async function openPlace(place: FramePlace): Promise<{ source: FrameSource; close(): Promise<void> }> {
  if ('scratch' in place) return openScratch(place.scratch);
  const { pcm, close } = await openRecording(place.recording);
  return { source: pcm, close };
}

async function answer({ id, name, input }: ThreadRequest): Promise<void> {
  const reply = (message: ThreadReply, transfer: ArrayBuffer[] = []) => parentPort!.postMessage(message, transfer);
  try {
    const work = WORK[name] as (input: unknown, onProgress: (fraction: number) => void) => Promise<Tasks[TaskName]['out']>;
    const output = await work(input, (fraction) => reply({ id, status: 'progress', fraction }));
    reply({ id, status: 'done', output }, movedOf(name, output));
  } catch (thrown) {
    reply({ id, status: 'failed', error: toAppError(thrown).toBody() });
  }
}

parentPort!.on('message', (request: ThreadRequest) => void answer(request));
