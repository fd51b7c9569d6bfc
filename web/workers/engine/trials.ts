/** Workers for the trials of one match. */
import type { TrialPool } from '../../../wasm/inversion/paired/trial-pool.ts';
import { createWorkerPool } from '../pool.ts';
import type { TrialMethods } from '../trial/contract.ts';

/** Each holds the moments that are compared, and a chain: more would weigh on small machines. */
const MAX_TRIAL_WORKERS = 4;

/** What comes out does not depend on how many there are. `close` ends them. */
export function startTrials(signal: AbortSignal): TrialPool & { close(): void } {
  const size = Math.max(2, Math.min(MAX_TRIAL_WORKERS, navigator.hardwareConcurrency));
  const pool = createWorkerPool<TrialMethods>(() => new Worker(new URL('../trial/worker.ts', import.meta.url), { type: 'module' }), size);
  return { size, run: (task) => pool.call('run', task, { signal }) as Promise<never>, close: () => pool.terminate() };
}
