/** Renders a target in a style to a result file, from the last checkpoint where there is one. */
import type { Style } from '../../../shared/style.ts';
import type { FinishSettings } from '../../../wasm/rendering/checkpoint.ts';
import type { RenderReport } from '../../../wasm/rendering/render.ts';
import type { WorkerMethod } from '../rpc.ts';

export interface RenderRequest {
  readonly jobId: string;
  readonly targetId: string;
  readonly resultId: string;
  readonly style: Style;
}

export interface SettleRequest {
  /** Names the scratch. */
  readonly previewId: string;
  readonly targetId: string;
  readonly style: Style;
}

export type RenderMethods = {
  /**
   * Leaves the result's bytes; the fact is written by whoever asked. Checkpoints are kept under the job's id until then.
   * @throws AppError 'storage/full', 'storage/missing', 'engine/*', 'job/cancelled'; bytes and checkpoint are kept for a resumption
   */
  readonly render: WorkerMethod<RenderRequest, RenderReport>;
  /**
   * What a render would decide about gain and ceiling; nothing is left behind.
   * @throws AppError 'storage/full', 'storage/missing', 'engine/*', 'job/cancelled'
   */
  readonly settle: WorkerMethod<SettleRequest, FinishSettings>;
};
