/** analyze: audio becomes features, measured once per recording and engine. */
import type { Features } from '../../shared/features.ts';
import type { StageTask, StageTools } from './stage.ts';

/** Of which recording features with this id are. */
export const measuredRecording = (id: string): string => id.replace(/-[^-]+-[^-]+$/, '');

const featuresId = (recordingId: string, digest: string, withF0: boolean): string => `${recordingId}-${digest}-${withF0 ? 'f0' : 'plain'}`;

/** Waits while a recording is being measured, however that ends: its peaks are kept with its features. */
export async function measuringEnds(recordingId: string, tools: StageTools): Promise<void> {
  await tools.measuring.underWay(featuresId(recordingId, await tools.engineDigest(), false))?.catch(() => undefined);
}

/**
 * @param f0 the pitch track too; features that have one serve both
 * @throws AppError 'job/cancelled', 'storage/missing', and what analysis throws
 */
export async function analyze(input: { readonly recordingId: string; readonly f0: boolean }, tools: StageTools, task: StageTask = {}): Promise<Features> {
  const { documents } = tools.storage;
  const { recordingId, f0 } = input;
  const digest = await tools.engineDigest();
  const idOf = (withF0: boolean) => featuresId(recordingId, digest, withF0);
  return tools.measuring.run(idOf(f0), task, async (shared) => {
    const cached = (await documents.get('features', idOf(true))) ?? (f0 ? undefined : await documents.get('features', idOf(false)));
    if (cached) return cached.features;
    const { features, peaks } = await tools.workers.engine.call('analyze', input, shared);
    // Removed meanwhile: nothing is left behind.
    if (await documents.get('recordings', recordingId)) {
      await documents.put('peaks', { id: recordingId, ...peaks });
      await documents.put('features', { id: idOf(f0), recordingId, features });
    }
    return features;
  });
}
