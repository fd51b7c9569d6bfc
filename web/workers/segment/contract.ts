/** One segment of a long render. Buffers are moved, not copied. */
import type { SegmentTask } from '../../../wasm/rendering/segments.ts';
import type { WorkerMethod } from '../rpc.ts';

export type SegmentMethods = {
  readonly render: WorkerMethod<SegmentTask, readonly Float32Array<ArrayBuffer>[]>;
};
