/** render: audio and a style become a result, measured on the rendered file. */
import { AppError } from '../../shared/errors.ts';
import { completeStyle } from '../../shared/style.ts';
import type { Features } from '../../shared/features.ts';
import type { ResultInfo } from '../jobs/contract.ts';
import type { StageTask, StageTools } from './stage.ts';

export interface RenderInput {
  readonly jobId: string;
  /** Also the id of the bytes. */
  readonly resultId: string;
  readonly name: string;
  readonly styleId: string;
  readonly targetId: string;
  readonly referenceId: string | null;
  readonly targetFeatures: Features;
  readonly referenceFeatures: Features | null;
}

/** Share of the stage that rendering takes; measuring takes the rest. */
const RENDER_SHARE = 0.85;

/**
 * Writes the result's bytes, then the fact; what only served the render is removed last.
 * @returns the result's id
 */
export async function render(input: RenderInput, tools: StageTools, task: StageTask = {}): Promise<string> {
  const { storage, workers } = tools;
  const { jobId, resultId, targetId, referenceId, targetFeatures, referenceFeatures } = input;
  const stored = await storage.documents.get('styles', input.styleId);
  if (!stored) throw new AppError('storage/missing');
  const style = completeStyle(stored.style);

  const report = await workers.render.call('render', { jobId, resultId, targetId, style }, {
    ...task,
    onProgress: (fraction, segment) => task.onProgress?.(RENDER_SHARE * fraction, segment),
  });
  const { sampleRate, channels, frames, notices, settings } = report;
  const facts = { sampleRate, channels, frames, notices };
  // Each on a core of its own; one that fails ends the other.
  const failing = new AbortController();
  const signal = AbortSignal.any([failing.signal, ...(task.signal ? [task.signal] : [])]);
  const [{ features, peaks, nearness }, artifactsRate] = await Promise.all([
    workers.engine.call(
      'measure',
      {
        resultId,
        facts,
        style,
        target: { id: targetId, features: targetFeatures },
        reference: referenceId !== null && referenceFeatures ? { id: referenceId, features: referenceFeatures } : null,
      },
      { signal, onProgress: (fraction) => task.onProgress?.(RENDER_SHARE + (1 - RENDER_SHARE) * fraction, null) },
    ),
    workers.engine.call('artifacts', { resultId, facts, targetId }, { signal }),
  ]).catch((thrown: unknown) => {
    failing.abort();
    throw thrown;
  });
  const result: ResultInfo = {
    id: resultId,
    jobId,
    name: input.name,
    targetId,
    referenceId,
    sampleRate,
    channels,
    frames,
    style,
    features,
    targetFeatures,
    referenceFeatures,
    metrics: { ...nearness, artifactsRate },
    notices,
    settings,
    createdMs: tools.nowMs(),
  };
  await storage.documents.put('peaks', { id: resultId, ...peaks });
  await storage.documents.put('results', result);
  await storage.documents.remove('checkpoints', jobId);
  await storage.bytes.remove({ folder: 'scratch', id: jobId });
  return resultId;
}
