/** What runs in a worker thread: takes one request at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { toAppError } from '../../shared/errors.ts';
import { analyzeFeatures } from '../analysis/analyze.ts';
import type { EngineBinary } from '../host/engine.ts';
import { renderSegment } from '../rendering/segments.ts';
import { openRecording } from './recordings.ts';
import type { TaskName, Tasks, ThreadReply, ThreadRequest } from './threads.ts';

const { engine } = workerData as { engine: EngineBinary };

type Work = { readonly [N in TaskName]: (input: Tasks[N]['in'], onProgress: (fraction: number) => void) => Promise<Tasks[N]['out']> };

const WORK: Work = {
  analyze: async ({ place, f0 }, onProgress) => {
    const { pcm, close } = await openRecording(place);
    try {
      return await analyzeFeatures(pcm, { engine, contentHash: place.contentHash, f0, onProgress });
    } finally {
      await close();
    }
  },
  segment: (task) => renderSegment(engine, task),
};

async function answer({ id, name, input }: ThreadRequest): Promise<void> {
  const reply = (message: ThreadReply, transfer: ArrayBuffer[] = []) => parentPort!.postMessage(message, transfer);
  try {
    const work = WORK[name] as (input: unknown, onProgress: (fraction: number) => void) => Promise<Tasks[TaskName]['out']>;
    const output = await work(input, (fraction) => reply({ id, status: 'progress', fraction }));
    reply({ id, status: 'done', output }, name === 'segment' ? (output as Float32Array<ArrayBuffer>[]).map((row) => row.buffer) : []);
  } catch (thrown) {
    reply({ id, status: 'failed', error: toAppError(thrown).toBody() });
  }
}

parentPort!.on('message', (request: ThreadRequest) => void answer(request));
