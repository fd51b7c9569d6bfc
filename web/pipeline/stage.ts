/** What every stage is given. A stage is `(input, stage, task) => Promise<output>`; no stage calls another. */
import type { Features } from '../../shared/features.ts';
import type { Task } from '../workers/rpc.ts';
import type { Workers } from '../workers/workers.ts';
import type { Storage } from '../storage/contract.ts';
import type { SharedWork } from './shared-work.ts';

export interface StageTools {
  readonly storage: Storage;
  readonly workers: Workers;
  /** SHA-256 of the engine, part of every cache key. */
  readonly engineDigest: () => Promise<string>;
  /** Nobody else in the origin works on `name` meanwhile. */
  readonly exclusively: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Nobody has `name` exclusively meanwhile. */
  readonly sharing: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  readonly nowMs: () => number;
  /** A recording that is being measured is not measured twice. */
  readonly measuring: SharedWork<Features>;
}

export type StageTask = Task;
