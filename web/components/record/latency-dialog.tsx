import type { JSX } from 'solid-js';
import { createSignal, Show } from 'solid-js';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import type { RoundTrip } from '../../audio/input/round-trip.ts';
import { measureRoundTrip } from '../../audio/input/round-trip.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { MOST_MS } from '../../state/round-trips.ts';
import { ErrorMessage } from '../message.tsx';
import { Modal } from '../modal.tsx';

/** Measures the round trip, or takes it as somebody knows it. */
export function LatencyDialog(props: { recorder: Recorder; open: boolean; onClose: () => void }): JSX.Element {
  const { t, number } = useI18n();
  const { recorder } = props;
  const [found, setFound] = createSignal<RoundTrip | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [measuring, setMeasuring] = createSignal<AbortController | null>(null);
  const input = () => recorder.input();
  const known = () => recorder.roundTrips.of(input());

  const measure = async () => {
    const now = input();
    if (!now) return;
    const work = new AbortController();
    setMeasuring(work);
    setFound(null);
    setFailure(null);
    // Sweeps that come back through the chain would be found later than they were.
    const before = recorder.monitoring.mode();
    recorder.monitoring.set('off');
    try {
      const answer = await measureRoundTrip(now.context, now.source, await recorder.engine(), work.signal);
      setFound(answer);
      if (answer.status === 'measured') recorder.roundTrips.set(now, { latencyMs: answer.latencyMs, how: 'measured' });
    } catch (thrown) {
      if (!work.signal.aborted) setFailure(toAppError(thrown).toBody());
    } finally {
      recorder.monitoring.set(before);
      setMeasuring(null);
    }
  };
  const close = () => {
    measuring()?.abort();
    setFound(null);
    setFailure(null);
    props.onClose();
  };
  const outcome = () => {
    const now = found();
    switch (now?.status) {
      case 'measured':
        return t('latency.found', { ms: number(now.latencyMs), spread: number(Math.max(0.1, now.spreadMs)) });
      case 'not-heard':
        return t('latency.notHeard');
      case 'unsteady':
        return t('latency.unsteady', { spread: number(now.spreadMs) });
      case undefined:
        return measuring() ? t('latency.measuring') : '';
      default:
        return now satisfies never;
    }
  };
  let field: HTMLInputElement | undefined;
  const use = () => {
    const [now, latencyMs] = [input(), field?.valueAsNumber ?? NaN];
    if (!now || !(latencyMs >= 0)) return;
    recorder.roundTrips.set(now, { latencyMs, how: 'manual' });
    close();
  };

  return (
    <Modal open={props.open} title={t('latency.title')} onClose={close}>
      <p>{t('latency.text')}</p>
      <div class="latency-measure">
        <button class="button primary" type="button" disabled={measuring() !== null || input() === null} onClick={() => void measure()}>
          {t(found() ? 'latency.again' : 'latency.measure')}
        </button>
        <strong class="number latency-outcome" classList={{ bad: found() !== null && found()?.status !== 'measured' }} role="status">
          {outcome()}
        </strong>
      </div>
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <div class="option-row">
        <label for="latency-manual">{t('latency.manual')}</label>
        <span class="option-unit">
          <input ref={field} id="latency-manual" class="field number" type="number" min={0} max={MOST_MS} step={0.1} value={known() ? known()!.latencyMs.toFixed(1) : ''} />
          {t('unit.ms')}
          <button class="button" type="button" disabled={input() === null} onClick={use}>
            {t('latency.use')}
          </button>
        </span>
      </div>
      <p class="small quiet">{t('latency.device', { device: input()?.deviceLabel || t('mic.preferred') })}</p>
    </Modal>
  );
}
