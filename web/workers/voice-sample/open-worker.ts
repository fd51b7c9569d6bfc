import { createWorkerClient, type WorkerClient } from '../rpc.ts';
import type { VoiceSampleMethods } from './contract.ts';
import workerUrl from './worker.ts?worker&url';

/**
 * Started at its first call: who makes no voice pays nothing for it.
 *
 * A worker is under the policy that came with its script, and a browser keeps scripts of hashed names for ever. What the policy has to
 * allow is therefore part of the address: a script that was kept under another policy is not taken for this one.
 *
 * @param reaches  another origin that the worker fetches from; null: none
 */
export function openVoiceSampleWorker(reaches: string | null = null): WorkerClient<VoiceSampleMethods> {
  return createWorkerClient(() => {
    const url = new URL(workerUrl, location.href);
    if (reaches !== null) url.searchParams.set('reaches', reaches);
    return new Worker(url, { type: 'module' });
  });
}
