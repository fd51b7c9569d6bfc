import { createWorkerClient, type WorkerClient } from '../rpc.ts';
import type { VoiceSampleMethods } from './contract.ts';

/** Started at its first call: who makes no voice pays nothing for it. */
export const openVoiceSampleWorker = (): WorkerClient<VoiceSampleMethods> =>
  createWorkerClient(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
