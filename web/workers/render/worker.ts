/// <reference lib="webworker" />
import { readStereo } from '../../../wasm/rendering/chain-stream.ts';
import type { SegmentPool } from '../../../wasm/rendering/segment-task.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { engineBinary } from '../engine-binary.ts';
import { createWorkerPool } from '../pool.ts';
import { serve } from '../rpc.ts';
import type { SegmentMethods } from '../segment/contract.ts';
import type { RenderMethods } from './contract.ts';
import { renderJob, settleJob } from './render-job.ts';

/** Half a minute of stereo in and out per segment: more would weigh on small machines. */
const MAX_SEGMENT_WORKERS = 4;

/** What the audio sounds like does not depend on how many there are. */
function segmentPool(): SegmentPool {
  const size = Math.max(1, Math.min(MAX_SEGMENT_WORKERS, navigator.hardwareConcurrency - 1));
  const pool = createWorkerPool<SegmentMethods>(() => new Worker(new URL('../segment/worker.ts', import.meta.url), { type: 'module' }), size);
  return {
    size,
    render: async (task, { source, frame, frames }, signal) => {
      const channels = await readStereo(source, frame, frames);
      return pool.call('render', { task, channels }, { signal }, channels.map(({ buffer }) => buffer));
    },
  };
}

const segments = segmentPool();

const methods: RenderMethods = {
  async render(request, task) {
    const storage = await openStorage();
    const [engine, pcm] = await Promise.all([engineBinary(), openPcm(storage, request.targetId)]);
    return renderJob(storage, pcm, request, { engine, segments, nowMs: () => Date.now() }, task);
  },
  async settle(request, task) {
    const storage = await openStorage();
    const [engine, pcm] = await Promise.all([engineBinary(), openPcm(storage, request.targetId)]);
    return settleJob(storage, pcm, request, engine, task);
  },
};

serve(methods);
