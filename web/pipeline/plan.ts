/** The one file that knows the order: decode -> analyze -> invert -> render. Everything stored is found again, so a plan may start anew at any time. */
import { AppError } from '../../shared/errors.ts';
import type { Features } from '../../shared/features.ts';
import type { Job } from '../../shared/jobs.ts';
import type { Segment } from '../workers/rpc.ts';
import { analyze } from './analyze.ts';
import { decode } from './decode.ts';
import { invert } from './invert.ts';
import { render } from './render.ts';
import type { StageTools } from './stage.ts';

/** What a plan tells while it runs; the job machine's events of the same names. */
export type PlanEvent =
  | { readonly type: 'progressed'; readonly stagePercent: number; readonly segment: Segment | null }
  | { readonly type: 'analyzed' }
  | { readonly type: 'inverted'; readonly styleId: string }
  | { readonly type: 'saved'; readonly renderedFrames: number }
  | { readonly type: 'rendered'; readonly resultId: string };

export interface PlanContext {
  readonly signal: AbortSignal;
  report(event: PlanEvent): Promise<void>;
}

/** How often a render is asked how much of it is safe. */
const SAVED_EVERY_MS = 2000;
/** Share of analysis that decoding may take when it has to be done first. */
const DECODE_SHARE = 0.3;

/** Two recordings are decoded and measured at once; their progress is one. */
function bothOf(parts: number, tell: (fraction: number) => void): ((fraction: number) => void)[] {
  const fractions = Array.from({ length: parts }, () => 0);
  return fractions.map((_, i) => (fraction) => {
    fractions[i] = fraction;
    tell(fractions.reduce((sum, one) => sum + one, 0) / parts);
  });
}

/**
 * Does what is left of a job.
 * @throws AppError whatever a stage throws; what was stored until then is used by the next attempt
 */
export async function runPlan(job: Job, tools: StageTools, { signal, report }: PlanContext): Promise<void> {
  const { referenceId, targetId } = job;
  const tell = (fraction: number, segment: Segment | null = null): void => {
    // Progress that cannot be stored is not worth failing for.
    void report({ type: 'progressed', stagePercent: 100 * fraction, segment }).catch(() => undefined);
  };
  async function tellSaved(): Promise<void> {
    const kept = await tools.storage.documents.get('checkpoints', job.id);
    if (kept) await report({ type: 'saved', renderedFrames: kept.checkpoint.frame });
  }
  // A plan that only renders needs features too: the table compares them.
  const isAnalyzing = job.state === 'ANALYZING';
  const ids = referenceId === null ? [targetId] : [targetId, referenceId];
  const [targetFeatures, referenceFeatures = null] = await measured(ids);

  async function measured(recordingIds: readonly string[]): Promise<[Features, Features?]> {
    const progress = bothOf(recordingIds.length, (fraction) => isAnalyzing && tell(fraction));
    const f0 = job.plan === 'match' && job.options.pitch;
    const features = await Promise.all(
      recordingIds.map(async (recordingId, i) => {
        await decode(recordingId, tools, { signal, onProgress: (fraction) => progress[i]!(DECODE_SHARE * fraction) });
        return analyze({ recordingId, f0 }, tools, { signal, onProgress: (fraction) => progress[i]!(DECODE_SHARE + (1 - DECODE_SHARE) * fraction) });
      }),
    );
    return features as [Features, Features?];
  }

  let { styleId } = job;
  if (styleId === null) {
    if (referenceId === null || !referenceFeatures) throw new AppError('audio/not-reference-target');
    await report({ type: 'analyzed' });
    const input = { styleId: job.id, referenceId, targetId, options: job.options, referenceFeatures, targetFeatures };
    styleId = await invert(input, tools, { signal, onProgress: tell });
    await report({ type: 'inverted', styleId });
  }
  const { name } = (await tools.storage.documents.get('recordings', targetId)) ?? { name: 'recording' };
  const input = { jobId: job.id, resultId: job.id, name, styleId, targetId, referenceId, targetFeatures, referenceFeatures };
  let askedMs = -Infinity;
  const resultId = await render(input, tools, {
    signal,
    onProgress(fraction, segment) {
      tell(fraction, segment);
      if (tools.nowMs() - askedMs < SAVED_EVERY_MS) return;
      askedMs = tools.nowMs();
      void tellSaved().catch(() => undefined);
    },
  });
  await report({ type: 'rendered', resultId });
}
