/** One segment of a long render. Buffers are moved, not copied. */
import type { SegmentResult, SegmentTask } from '../../../wasm/rendering/segment-task.ts';
import type { WorkerMethod } from '../rpc.ts';

export type SegmentMethods = {
  /** `channels` hold all the frames that the task reads. */
  readonly render: WorkerMethod<{ readonly task: SegmentTask; readonly channels: readonly Float32Array<ArrayBuffer>[] }, SegmentResult>;
};
