/** invert: two recordings and their features become a style. */
import type { JobOptions } from '../../shared/jobs.ts';
import type { Features } from '../../shared/features.ts';
import type { StageTask, StageTools } from './stage.ts';

export interface InvertInput {
  /** Under which the style is stored. */
  readonly styleId: string;
  readonly referenceId: string;
  readonly targetId: string;
  readonly options: JobOptions;
  readonly referenceFeatures: Features;
  readonly targetFeatures: Features;
}

/** @returns the style's id, once it is stored */
export async function invert({ styleId, ...request }: InvertInput, tools: StageTools, task: StageTask = {}): Promise<string> {
  const style = await tools.workers.engine.call('invert', request, task);
  const sources = { reference: request.referenceId, target: request.targetId };
  await tools.storage.documents.put('styles', { id: styleId, style: { ...style, sources } });
  return styleId;
}
