/** The estimate that an edited style began with: that of the newest finished match of the same two recordings. */
import type { ResultInfo } from '../jobs/contract.ts';
import type { Style } from '../../shared/style.ts';
import type { Product } from './product.tsx';

/** Falls back to the result's own style: a preset, or a match that was removed. */
export async function estimateOf(product: Product, result: ResultInfo): Promise<Style> {
  const own = product.job(result.jobId);
  if (own?.plan === 'match' || result.referenceId === null) return result.style;
  const match = product.jobs.find(
    (job) => job.plan === 'match' && job.state === 'COMPLETED' && job.targetId === result.targetId && job.referenceId === result.referenceId && job.options.mode === result.style.mode,
  );
  if (!match?.resultId) return result.style;
  try {
    return (await product.service.result(match.resultId)).style;
  } catch {
    return result.style;
  }
}
