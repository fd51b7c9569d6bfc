import type { JSX } from 'solid-js';
import { createSignal, For, onCleanup, Show } from 'solid-js';
import { RUNNING_STATES } from '../../shared/jobs.ts';
import type { Job, JobState } from '../../shared/jobs.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import { secondsLeft } from '../state/time-left.ts';
import './job-card.css';
import { useJobName } from './job-name.ts';
import { ErrorMessage } from './message.tsx';
import { ProgressBar } from './progress-bar.tsx';

/** The job on screen while it waits, runs or has failed: stage, share, time left, Cancel. */
export function JobCard(props: { job: Job }): JSX.Element {
  const { t, span } = useI18n();
  const product = useProduct();
  const jobName = useJobName();
  const [nowMs, setNowMs] = createSignal(Date.now());
  const clock = setInterval(() => setNowMs(Date.now()), 1000);
  onCleanup(() => clearInterval(clock));

  const stages = (): readonly JobState[] => (props.job.plan === 'render' ? ['RENDERING'] : RUNNING_STATES);
  const position = () => stages().indexOf(props.job.state);
  const stageOf = (state: JobState) => {
    const at = stages().indexOf(state);
    return at < position() ? 'done' : at === position() ? 'now' : 'later';
  };
  const isWaiting = () => props.job.state === 'PENDING';
  const isStopped = () => props.job.state === 'FAILED' || props.job.state === 'CANCELLED';
  const left = () => {
    if (isWaiting()) {
      const wait = (props.job.notBeforeMs - nowMs()) / 1000;
      return wait > 0 ? t('job.waiting', { time: span(wait) }) : '';
    }
    const seconds = secondsLeft(props.job, nowMs());
    return seconds === null ? t('job.estimating') : t('job.left', { time: span(seconds) });
  };
  const sentence = () => {
    switch (props.job.state) {
      case 'ANALYZING':
      case 'INVERTING':
      case 'RENDERING':
      case 'PENDING':
        return t(`stage.${props.job.state}`);
      default:
        return t(`state.${props.job.state}`);
    }
  };
  return (
    <section class="card job-card" aria-labelledby="job-title">
      <div class="job-card-head">
        <div>
          <h2 id="job-title">{t(isStopped() ? 'job.failed' : props.job.plan === 'render' ? 'job.titleRender' : 'job.title')}</h2>
          <p class="quiet small">{jobName(props.job)}</p>
        </div>
        <Show when={!isStopped()}>
          <span class="job-card-percent number">{Math.round(props.job.percent)} %</span>
        </Show>
      </div>
      <Show
        when={!isStopped()}
        fallback={
          <>
            <Show when={props.job.error} fallback={<p>{sentence()}</p>}>
              {(error) => <ErrorMessage error={error()} />}
            </Show>
            <div class="composer-actions">
              <button class="button primary" type="button" onClick={() => void product.service.retryJob(props.job.id)}>
                {t('job.retry')}
              </button>
              <button class="button danger" type="button" onClick={() => void product.service.removeJob(props.job.id)}>
                {t('job.remove')}
              </button>
            </div>
          </>
        }
      >
        <ProgressBar percent={props.job.percent} label={t('job.title')} />
        <div class="job-stages">
          <For each={stages()}>
            {(stage) => (
              <div class={`job-stage ${stageOf(stage)}`}>
                <span>{t(`state.${stage}`)}</span>
                <div class="progress" aria-hidden="true">
                  <div style={{ width: stageOf(stage) === 'done' ? '100%' : stageOf(stage) === 'now' ? `${props.job.stagePercent}%` : '0%' }} />
                </div>
              </div>
            )}
          </For>
        </div>
        <div class="job-foot">
          <span aria-live="polite">
            {sentence()}
            <Show when={props.job.segment}>{(segment) => <span class="quiet"> · {t('job.segment', { index: segment().index + 1, count: segment().count })}</span>}</Show>
          </span>
          <span class="number">
            <Show when={props.job.attempts > 1}>
              <span class="quiet">{t('job.attempts', { count: props.job.attempts })} · </span>
            </Show>
            {left()}
          </span>
        </div>
        <div class="job-foot">
          <span class="quiet">{t('job.survives')}</span>
          <button class="button" type="button" onClick={() => void product.service.cancelJob(props.job.id)}>
            {t('job.cancel')}
          </button>
        </div>
      </Show>
    </section>
  );
}
