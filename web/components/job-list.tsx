import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import type { Job } from '../../shared/jobs.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import { isRunning } from '../state/running.ts';
import { Icon } from './icon.tsx';
import './job-card.css';
import { useJobName } from './job-name.ts';
import { ProgressBar } from './progress-bar.tsx';

/** Every job there is, newest first; those that failed for good stand apart, with retry. */
export function JobList(props: { selectedId: string | null; onSelect: (id: string | null) => void }): JSX.Element {
  const { t } = useI18n();
  const product = useProduct();
  const failed = () => product.jobs.filter((job) => job.state === 'FAILED');
  const others = () => product.jobs.filter((job) => job.state !== 'FAILED');
  const row = (job: Job) => <JobRow job={job} selected={job.id === props.selectedId} onSelect={(id) => props.onSelect(id)} />;
  return (
    <Show when={product.jobs.length > 0}>
      <section class="card jobs" aria-labelledby="jobs-title">
        <h2 class="jobs-head" id="jobs-title">
          {t('job.list')}
        </h2>
        <ul class="job-list">
          <For each={others()}>{row}</For>
        </ul>
        <Show when={failed().length > 0}>
          <h3 class="jobs-head">{t('job.failed')}</h3>
          <p class="jobs-note">{t('job.deadLetter')}</p>
          <ul class="job-list">
            <For each={failed()}>{row}</For>
          </ul>
        </Show>
      </section>
    </Show>
  );
}

function JobRow(props: { job: Job; selected: boolean; onSelect: (id: string | null) => void }): JSX.Element {
  const { t, error } = useI18n();
  const { service } = useProduct();
  const jobName = useJobName();
  return (
    <li class="job-row" classList={{ selected: props.selected }}>
      <button class="job-row-name ellipsis" type="button" aria-current={props.selected} title={jobName(props.job)} onClick={() => props.onSelect(props.job.id)}>
        {jobName(props.job)}
      </button>
      <span class="job-row-state number" classList={{ failed: props.job.state === 'FAILED' }}>
        {t(`state.${props.job.state}`)}
        <Show when={isRunning(props.job)}> · {Math.round(props.job.percent)} %</Show>
        <Show when={props.job.state === 'FAILED' && props.job.error}>{(body) => <span class="ellipsis" title={error(body())}>{error(body())}</span>}</Show>
      </span>
      <Show when={isRunning(props.job)}>
        <ProgressBar percent={props.job.percent} label={jobName(props.job)} />
      </Show>
      <span class="job-row-actions">
        <Show when={props.job.state === 'FAILED' || props.job.state === 'CANCELLED'}>
          <button class="icon-button" type="button" aria-label={`${t('job.retry')}: ${jobName(props.job)}`} title={t('job.retry')} onClick={() => void service.retryJob(props.job.id)}>
            <Icon name="reset" size={18} />
          </button>
        </Show>
        <Show
          when={!isRunning(props.job)}
          fallback={
            <button class="icon-button" type="button" aria-label={`${t('job.cancel')}: ${jobName(props.job)}`} title={t('job.cancel')} onClick={() => void service.cancelJob(props.job.id)}>
              <Icon name="close" size={18} />
            </button>
          }
        >
          <button
            class="icon-button"
            type="button"
            aria-label={`${t('job.remove')}: ${jobName(props.job)}`}
            title={t('job.remove')}
            onClick={() => {
              if (props.selected) props.onSelect(null);
              // A result can be brought back for a while; what made none is nothing to come back to.
              void (props.job.resultId === null ? service.removeJob(props.job.id) : service.library.bin([{ id: props.job.resultId, kind: 'result', name: jobName(props.job) }]));
            }}
          >
            <Icon name="trash" size={18} />
          </button>
        </Show>
      </span>
    </li>
  );
}
