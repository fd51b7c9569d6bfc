/** Every worker of the product, by name. They start at their first call. */
import type { ArchiveMethods } from './archive/contract.ts';
import type { DecodeMethods } from './decode/contract.ts';
import type { EngineMethods } from './engine/contract.ts';
import type { ExportWavMethods } from './export-wav/contract.ts';
import type { FallbackMethods } from './fallback/contract.ts';
import type { JournalMethods } from './journal/contract.ts';
import type { PassphraseMethods } from './passphrase/contract.ts';
import { createWorkerPool } from './pool.ts';
import type { RenderMethods } from './render/contract.ts';
import { createWorkerClient, type WorkerClient } from './rpc.ts';

export interface Workers {
  readonly decode: WorkerClient<DecodeMethods>;
  readonly fallback: WorkerClient<FallbackMethods>;
  readonly engine: WorkerClient<EngineMethods>;
  readonly render: WorkerClient<RenderMethods>;
  readonly exportWav: WorkerClient<ExportWavMethods>;
  readonly journal: WorkerClient<JournalMethods>;
  readonly archive: WorkerClient<ArchiveMethods>;
  readonly passphrase: WorkerClient<PassphraseMethods>;
}

/** FFmpeg's core computes without a break; hours of audio in a rare format take minutes. */
const FALLBACK_SILENCE_MS = 15 * 60_000;

/** @param cores of this machine: how many recordings are worked on at once */
export function createWorkers(cores: number): Workers {
  const size = Math.max(2, Math.min(4, cores));
  return {
    decode: createWorkerPool(() => new Worker(new URL('./decode/worker.ts', import.meta.url), { type: 'module' }), 2),
    fallback: createWorkerClient(() => new Worker(new URL('./fallback/worker.ts', import.meta.url), { type: 'module' }), { silenceMs: FALLBACK_SILENCE_MS }),
    engine: createWorkerPool(() => new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' }), size),
    render: createWorkerPool(() => new Worker(new URL('./render/worker.ts', import.meta.url), { type: 'module' }), size),
    // One: a take is recorded at a time, and its writer is never shared with slow work of others.
    journal: createWorkerClient(() => new Worker(new URL('./journal/worker.ts', import.meta.url), { type: 'module' })),
    exportWav: createWorkerClient(() => new Worker(new URL('./export-wav/worker.ts', import.meta.url), { type: 'module' })),
    archive: createWorkerClient(() => new Worker(new URL('./archive/worker.ts', import.meta.url), { type: 'module' })),
    passphrase: createWorkerClient(() => new Worker(new URL('./passphrase/worker.ts', import.meta.url), { type: 'module' })),
  };
}
