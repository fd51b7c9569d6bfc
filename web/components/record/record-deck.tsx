import type { JSX } from 'solid-js';
import { createEffect, createSignal, Match, on, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage, Message } from '../message.tsx';
import { LevelMeter } from './level-meter.tsx';
import { LiveSpectrum } from './live-spectrum.tsx';
import { ScrollingWaveform } from './scrolling-waveform.tsx';

/** What is heard and what is being recorded. Nothing in it moves when a take begins. */
export function RecordDeck(props: { recorder: Recorder; name: string; onName: (name: string) => void }): JSX.Element {
  const { t, clock, number, span } = useI18n();
  const recorder = props.recorder;
  const state = () => recorder.state();
  const input = () => recorder.input();
  const elapsed = () => state()?.elapsedSeconds ?? 0;
  const two = (text: string) => (text.length < 5 ? `0${text}` : text);
  const tenth = () => Math.floor(elapsed() * 10) % 10;
  const status = () => {
    switch (state()?.status) {
      case 'recording':
        return t('record.recording');
      case 'paused':
        return t('record.paused');
      case 'ending':
      case 'ended':
      case 'failed':
        return t('record.ending');
      default:
        break;
    }
    const microphone = recorder.microphone.state().status;
    return microphone === 'open' ? t('record.ready') : microphone === 'opening' ? t('record.opening') : t('record.closed');
  };
  const alarm = () => state()?.alarms[0];
  const format = () => {
    const now = input();
    return now ? `${number(now.sampleRate / 1000, now.sampleRate % 1000 ? 1 : 0)} kHz · ${t(now.channels === 1 ? 'mic.mono' : 'mic.stereo')}` : '';
  };
  // Told once each, for those who do not see them.
  const [told, setTold] = createSignal('');
  createEffect(on(() => state()?.status, (now, before) => now !== before && setTold(now || before ? status() : ''), { defer: true }));
  createEffect(
    on(
      () => state()?.markers.length ?? 0,
      (count, before) => count > (before ?? 0) && setTold(t('marker.set', { index: count, time: clock(elapsed()) })),
      { defer: true },
    ),
  );

  return (
    <section class="card record-deck" classList={{ live: state()?.status === 'recording' }} aria-label={t('record.title')}>
      <div class="record-head">
        <input class="record-name" type="text" aria-label={t('record.name')} maxLength={120} value={props.name} disabled={recorder.live() !== null} onChange={(event) => props.onName(event.currentTarget.value)} />
        <span class="record-format number">{format()}</span>
      </div>
      <div class="record-clock">
        <div class="record-time number" role="timer" aria-label={t('record.elapsed')}>
          {two(clock(elapsed()))}
          <span class="record-tenth">.{tenth()}</span>
        </div>
        <div class="record-status">
          <span class="record-dot" classList={{ on: state()?.status === 'recording', paused: state()?.status === 'paused' }} />
          <span>{status()}</span>
          <Show when={recorder.live()}>
            <span class="quiet number">· {t('record.safe', { time: clock(state()?.durableSeconds ?? 0) })}</span>
          </Show>
        </div>
      </div>
      <p class="visually-hidden" role="status">
        {told()}
      </p>
      <div class="record-screen">
        <ScrollingWaveform history={recorder.meter.history} />
        <Show when={alarm()}>
          {(now) => (
            <div class="record-alarm">
              <Message kind="error">{t(`alarm.${now()}`, { time: span(state()?.secondsLeft ?? 0) })}</Message>
            </div>
          )}
        </Show>
        <Show when={!input() && !recorder.live()}>
          <div class="record-gate">
            <Switch>
              <Match when={recorder.microphone.state().status === 'failed' && recorder.microphone.state()}>
                {(now) => {
                  const failed = now();
                  return (
                    <>
                      {failed.status === 'failed' ? <ErrorMessage error={failed.error} /> : null}
                      <button class="button" type="button" onClick={() => void recorder.microphone.open()}>
                        {t('mic.retry')}
                      </button>
                    </>
                  );
                }}
              </Match>
              <Match when={recorder.microphone.state().status === 'closed'}>
                <button class="button primary" type="button" onClick={() => void recorder.microphone.open()}>
                  <Icon name="mic" /> {t('mic.allow')}
                </button>
                <p class="small quiet">{t('mic.allowHint')}</p>
              </Match>
            </Switch>
          </div>
        </Show>
      </div>
      <LevelMeter meter={recorder.meter} channels={input()?.channels ?? 1} />
      <LiveSpectrum input={input()} />
    </section>
  );
}

/** The three that have to be found blindly. */
export function RecordTransport(props: { recorder: Recorder; name: string }): JSX.Element {
  const { t } = useI18n();
  const recorder = props.recorder;
  const status = () => recorder.state()?.status;
  const isLive = () => recorder.live() !== null;
  const canAct = () => status() === 'recording' || status() === 'paused';
  return (
    <div class="record-transport">
      <button class="record-side" type="button" disabled={!canAct()} aria-keyshortcuts="M" onClick={() => recorder.mark()}>
        <span class="record-side-icon">
          <Icon name="flag" size={22} />
        </span>
        {t('record.mark')}
      </button>
      <button
        class="record-main"
        classList={{ live: isLive() }}
        type="button"
        aria-keyshortcuts="R"
        aria-label={t(isLive() ? 'record.stop' : 'record.start')}
        title={t(isLive() ? 'record.stop' : 'record.start')}
        disabled={recorder.starting() || (isLive() && !canAct()) || (!isLive() && recorder.microphone.state().status !== 'open')}
        onClick={() => void recorder.toggle(props.name)}
      >
        <span class="record-main-shape" />
      </button>
      <button class="record-side" type="button" disabled={!canAct()} aria-keyshortcuts="Space" onClick={() => void recorder.togglePause()}>
        <span class="record-side-icon">
          <Show when={status() === 'paused'} fallback={<Icon name="pause" size={22} />}>
            <Icon name="mic" size={22} />
          </Show>
        </span>
        {t(status() === 'paused' ? 'record.resume' : 'record.pause')}
      </button>
    </div>
  );
}
