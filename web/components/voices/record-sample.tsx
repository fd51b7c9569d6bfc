import type { JSX } from 'solid-js';
import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import { SPEECH_LIMITS } from '../../../shared/api/speech.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { useProduct } from '../../state/product.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { ErrorMessage } from '../message.tsx';

/** A little more than the limit: the best stretch of it is chosen afterwards. */
const STOP_SECONDS = SPEECH_LIMITS.sampleSeconds.most + 2;

/** Records a sample here, as a take like any other; ends by itself when there is enough. */
export function RecordSample(props: { recorder: Recorder; name: string; onRecording: (id: string) => void }): JSX.Element {
  const { t, number } = useI18n();
  const product = useProduct();
  const { recorder } = props;
  /** The take that was started here: another page's is left alone. */
  const [isOurs, setOurs] = createSignal(false);
  const seconds = () => (isOurs() ? (recorder.state()?.elapsedSeconds ?? 0) : 0);
  const isLive = () => isOurs() && recorder.live() !== null;
  const isElsewhere = () => !isOurs() && recorder.live() !== null;
  createEffect(() => {
    if (isLive() && seconds() >= STOP_SECONDS) void recorder.stop();
  });
  createEffect(
    on(recorder.finished, (ended) => {
      if (!ended || !isOurs()) return;
      setOurs(false);
      recorder.review(null);
      void (async () => {
        const take = await recorder.takes.edit(ended.id, { role: 'voice-sample' }).catch(() => product.take(ended.id));
        if (take?.recordingId) props.onRecording(take.recordingId);
      })();
    }),
  );
  // Left in the middle: what was said so far is kept in the library.
  onCleanup(() => isLive() && void recorder.stop());
  const toggle = async (): Promise<void> => {
    if (isLive()) return recorder.stop();
    setOurs(true);
    await recorder.start(props.name);
    if (!recorder.live()) setOurs(false);
  };
  const { least } = SPEECH_LIMITS.sampleSeconds;
  return (
    <div class="sample-record">
      <button class="record-main" classList={{ live: isLive() }} type="button" disabled={recorder.starting() || isElsewhere()} aria-label={t(isLive() ? 'sample.stop' : 'sample.record')} onClick={() => void toggle()}>
        <span class="record-main-shape" />
      </button>
      <div class="sample-record-text">
        <strong class="number" role={isLive() ? 'timer' : undefined}>
          {isLive() ? t('sample.elapsed', { seconds: number(Math.floor(seconds()), 0) }) : t('sample.record')}
        </strong>
        <span class="small quiet">{isElsewhere() ? t('sample.recordElsewhere') : isLive() ? t(seconds() < least ? 'sample.goOn' : 'sample.enough') : t('sample.recordHint')}</span>
        <Show when={isLive()}>
          <span class="sample-meter" style={{ '--share': String(Math.min(1, seconds() / STOP_SECONDS)), '--least': String(least / STOP_SECONDS) }}>
            <span />
          </span>
        </Show>
      </div>
      <Show when={recorder.failure()}>{(error) => <ErrorMessage error={error()} onDismiss={recorder.dismiss} />}</Show>
    </div>
  );
}
