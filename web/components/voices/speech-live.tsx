import type { JSX } from 'solid-js';
import { createEffect, onCleanup, onMount, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { usePalette } from '../../state/palette.ts';
import type { SpeechDesk } from '../../state/speech-desk.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { ProgressBar } from '../progress-bar.tsx';
import { drawWaveform } from '../waveform-drawing.ts';

/** Pixels of one column, until they no longer fit. */
const PITCH = 2;

/** What is being said, while it is: how far it is, what is heard of it. */
export function SpeechLive(props: { desk: SpeechDesk }): JSX.Element {
  const { t, clock } = useI18n();
  const { desk } = props;
  return (
    <Show when={desk.run()}>
      {(run) => {
        /** By the parts that are done, and within one by how long it should be. */
        const percent = (): number => {
          const { part, parts, seconds, estimate } = run();
          return 100 * Math.max(part / parts, Math.min((part + 0.95) / parts, seconds / Math.max(1, estimate)));
        };
        const line = (): string => {
          const { status, voiceName, part, parts } = run();
          if (status === 'heard') return t('speak.made', { name: voiceName });
          if (status === 'failed') return t('speak.stopped');
          return parts > 1 ? t('speak.makingPart', { name: voiceName, part: part + 1, parts }) : t('speak.making', { name: voiceName });
        };
        return (
          <section class="card speech-live" aria-label={t('speak.progress')} data-status={run().status}>
            <Show when={run().status !== 'failed' && run().manner !== 'whole'}>
              <button class="player-play" type="button" aria-label={t(run().isPaused ? 'speak.resume' : 'speak.pause')} onClick={() => desk.togglePause()}>
                <Icon name={run().isPaused ? 'play' : 'pause'} size={24} filled={run().isPaused} />
              </button>
            </Show>
            <div class="speech-live-text">
              <strong class="ellipsis" role="status">
                {line()}
              </strong>
              <span class="small quiet number">{{ whole: t('speak.formatHint'), coded: clock(desk.heard()), frames: t('speak.position', { heard: clock(desk.heard()), made: clock(run().seconds) }) }[run().manner]}</span>
            </div>
            <Show when={run().status === 'heard'}>
              <button class="icon-button" type="button" aria-label={t('speak.hush')} title={t('speak.hush')} onClick={() => desk.cancel()}>
                <Icon name="close" size={18} />
              </button>
            </Show>
            <Show when={run().manner === 'frames'} fallback={<span class="sound-bar" classList={{ loading: run().status === 'making' }}><span class="sound-track" /></span>}>
              <LiveWave desk={desk} />
            </Show>
            <Show when={run().status === 'making' && run().parts > 1}>
              <ProgressBar percent={percent()} label={t('speak.progress')} />
            </Show>
            <Show when={run().error}>
              {(error) => (
                <>
                  <ErrorMessage error={error()} />
                  <div class="voice-actions">
                    <span class="small quiet grow">{run().parts > 1 ? t('speak.againHint') : ''}</span>
                    <button class="button plain" type="button" onClick={() => desk.cancel()}>
                      {t('common.dismiss')}
                    </button>
                    <button class="button primary" type="button" onClick={() => void desk.start()}>
                      {t(run().parts > 1 ? 'speak.again' : 'voices.tryAgain')}
                    </button>
                  </div>
                </>
              )}
            </Show>
          </section>
        );
      }}
    </Show>
  );
}

/** The picture of what is said, as it grows. */
function LiveWave(props: { desk: SpeechDesk }): JSX.Element {
  const { desk } = props;
  const palette = usePalette();
  let rest!: HTMLCanvasElement;
  let played!: HTMLCanvasElement;
  /** Width of the picture in lengths of what is there. */
  const spanOf = (columns: number): number => Math.max(1, (rest.clientWidth || 1) / (PITCH * Math.max(1, columns)));
  const draw = (): void => {
    const columns = desk.columns();
    const peaks = { max: Float32Array.from(columns), min: Float32Array.from(columns, (value) => -value) };
    const span = spanOf(columns.length);
    drawWaveform(rest, { peaks, color: palette()['line'], scale: 'fit', span });
    drawWaveform(played, { peaks, color: palette()['result'], scale: 'fit', span });
  };
  onMount(() => {
    createEffect(draw);
    const resized = new ResizeObserver(draw);
    resized.observe(rest);
    onCleanup(() => resized.disconnect());
  });
  const share = () => (desk.columns().length === 0 ? 0 : desk.heard() / Math.max(0.05, desk.run()?.seconds ?? 0) / spanOf(desk.columns().length));
  return (
    <div class="speech-live-wave" style={{ '--played': String(Math.min(1, share())) }} aria-hidden="true">
      <canvas ref={rest} />
      <canvas ref={played} class="speech-live-played" />
    </div>
  );
}
