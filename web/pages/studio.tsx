import { useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import type { Job, JobState } from '../../shared/jobs.ts';
import { createEffect, createMemo, createSignal, Show } from 'solid-js';
import { ComposerForm } from '../components/composer-form.tsx';
import { IntroCurves } from '../components/intro-curves.tsx';
import { JobCard } from '../components/job-card.tsx';
import { JobPreview } from '../components/job-preview.tsx';
import { JobList } from '../components/job-list.tsx';
import { ResultView } from '../components/result-view.tsx';
import { TakeRecovery } from '../components/take-recovery.tsx';
import { StorageFooter } from '../components/storage-footer.tsx';
import { useJobName } from '../components/job-name.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { createComposer } from '../state/composer.ts';
import { useProduct } from '../state/product.tsx';
import { isRunning } from '../state/running.ts';
import { createWorkbench } from '../state/workbench.ts';
import './studio.css';

/** The tool: what goes in on the left, what came out on the right; one job at a time, named in the address. */
export function Studio(): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const composer = createComposer(product, localStorage);
  const [params, setParams] = useSearchParams<{ job?: string; reference?: string; target?: string; preset?: string }>();
  const selectedId = () => (typeof params.job === 'string' ? params.job : null);
  const select = (id: string | null) => setParams({ job: id ?? undefined });
  const job = createMemo(() => product.job(selectedId()));

  // Laid out by the address, as the library does; once, so that a reload leaves what was chosen since.
  createEffect(() => {
    const { reference, target, preset } = params;
    if (reference === undefined && target === undefined && preset === undefined) return;
    if (typeof reference === 'string') composer.choose('reference', reference);
    if (typeof target === 'string') composer.choose('target', target);
    if (typeof preset === 'string') void composer.choosePreset(preset);
    setParams({ reference: undefined, target: undefined, preset: undefined }, { replace: true });
  });

  // While a result is rendered again, the one before stays on screen.
  const [shownResultId, setShownResultId] = createSignal<string | null>(null);
  createEffect(() => {
    const now = job();
    if (!now) {
      if (product.known.jobs) setShownResultId(null);
    } else if (now.state === 'COMPLETED') setShownResultId(now.resultId);
    else if (now.plan === 'match') setShownResultId(null);
  });
  const rerendering = () => {
    const now = job();
    return now && now.plan === 'render' && shownResultId() !== null && isRunning(now) ? now : undefined;
  };
  const workbench = createWorkbench();
  const start = (started: Job) => {
    select(started.id);
    // The work stands above what it was started with.
    globalThis.scrollTo({ top: 0 });
  };

  const jobName = useJobName();
  const [announcement, setAnnouncement] = createSignal('');
  createEffect<JobState | undefined>((before) => {
    const now = job();
    if (now?.state === 'COMPLETED' && before !== undefined && before !== 'COMPLETED') setAnnouncement(t('job.done', { job: jobName(now) }));
    return now?.state;
  });
  createEffect(() => {
    const now = job();
    document.title = now && isRunning(now) ? `${Math.round(now.percent)} % \u00b7 Tonetwin` : 'Tonetwin';
  });
  const atWork = () => selectedId() !== null && (job() !== undefined || !product.known.jobs);

  return (
    <>
      <main id="tool" class="studio" classList={{ first: !atWork(), work: atWork() }}>
        <p class="visually-hidden" role="status">
          {announcement()}
        </p>
        <TakeRecovery />
        <div class="studio-columns">
          <div class="studio-side">
            <Show when={!atWork()}>
              <div class="intro">
                <div class="intro-text">
                  <h1>{t('intro.title')}</h1>
                  <p>{t('intro.text')}</p>
                </div>
                <IntroCurves />
              </div>
            </Show>
            <ComposerForm composer={composer} compact={atWork()} onStarted={start} />
            <JobList selectedId={selectedId()} onSelect={select} />
          </div>
          <Show when={atWork()}>
            <div class="studio-main">
              <Show when={job()}>
                {(now) => (
                  <Show when={now().state !== 'COMPLETED' && !rerendering()}>
                    <JobCard job={now()} />
                    <Show when={now().plan === 'match' && now().state === 'RENDERING'}>
                      <JobPreview job={now()} workbench={workbench} />
                    </Show>
                  </Show>
                )}
              </Show>
              <Show when={shownResultId()}>
                {(id) => <ResultView resultId={id()} workbench={workbench} rendering={rerendering()} onRendering={(started) => select(started.id)} />}
              </Show>
            </div>
          </Show>
        </div>
      </main>
      <StorageFooter />
    </>
  );
}
