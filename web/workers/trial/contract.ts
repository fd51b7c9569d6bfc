/** Trials of one match: runs of a chain with other values. Samples are shared where the platform allows it. */
import type { TrialAnswer, TrialTask } from '../../../wasm/inversion/paired/trial-pool.ts';
import type { WorkerMethod } from '../rpc.ts';

export type TrialMethods = {
  readonly run: WorkerMethod<TrialTask, TrialAnswer>;
};
