import type { Job } from '../../shared/jobs.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';

const withoutExtension = (name: string) => name.replace(/\.\w{1,5}$/, '');

/** What a job or a result is called on screen: as the person said, or by its recordings. A result has its job's id. */
export function useJobName(): (job: Pick<Job, 'id' | 'targetId' | 'referenceId'>) => string {
  const { t } = useI18n();
  const product = useProduct();
  const nameOf = (id: string) => {
    const recording = product.recording(id);
    return recording ? withoutExtension(recording.name) : t('job.unknownName');
  };
  return (job) =>
    product.titleOf(job.id) ?? (job.referenceId === null ? t('job.preset', { target: nameOf(job.targetId) }) : t('job.pair', { target: nameOf(job.targetId), reference: nameOf(job.referenceId) }));
}
