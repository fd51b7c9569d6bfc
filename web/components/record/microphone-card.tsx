import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { PROCESSING } from '../../state/microphone.ts';
import type { Recorder } from '../../state/recorder.tsx';

/** Which microphone, and what the browser does to it. What is written is what is, not what was asked for. */
export function MicrophoneCard(props: { recorder: Recorder }): JSX.Element {
  const { t, number } = useI18n();
  const { microphone } = props.recorder;
  const input = () => props.recorder.input();
  const locked = () => props.recorder.live() !== null;
  const named = () => microphone.devices().some(({ label }) => label !== '');
  const differs = () => {
    const now = input();
    return now !== null && !locked() && PROCESSING.some((name) => now.processing[name] !== microphone.wanted[name]);
  };
  const on = () => PROCESSING.filter((name) => (input()?.processing ?? microphone.wanted)[name]).map((name) => t(`mic.${name}`));

  return (
    <section class="card record-card" aria-labelledby="mic-title">
      <h2 id="mic-title">{t('mic.title')}</h2>
      <select class="select" aria-label={t('mic.device')} disabled={locked() || !named()} onChange={(event) => void microphone.change({ deviceId: event.currentTarget.value || null })}>
        <option value="" selected={microphone.wanted.deviceId === null}>
          {t('mic.preferred')}
        </option>
        <For each={named() ? microphone.devices() : []}>
          {(device, index) => (
            <option value={device.id} selected={microphone.wanted.deviceId === device.id}>
              {device.label || t('mic.unnamed', { index: index() + 1 })}
            </option>
          )}
        </For>
      </select>
      <dl class="record-facts number">
        <div>
          <dt>{t('mic.device')}</dt>
          <dd class="ellipsis">{input()?.deviceLabel || t('meter.unmeasured')}</dd>
        </div>
        <div>
          <dt>{t('mic.rate')}</dt>
          <dd>{input() ? `${number(input()!.sampleRate / 1000, input()!.sampleRate % 1000 ? 1 : 0)} kHz` : t('meter.unmeasured')}</dd>
        </div>
        <div>
          <dt>{t('mic.channels')}</dt>
          <dd>{input() ? t(input()!.channels === 1 ? 'mic.mono' : 'mic.stereo') : t('meter.unmeasured')}</dd>
        </div>
      </dl>
      <details class="advanced">
        <summary>
          <span>{t('mic.processing')}</span>
          <span class="quiet">{on().length === 0 ? t('mic.processingOff') : t('mic.processingOn', { list: on().join(t('list.separator')) })}</span>
        </summary>
        <div class="record-switches">
          <For each={PROCESSING}>
            {(name) => (
              <label class="option-row">
                <span>{t(`mic.${name}`)}</span>
                <input type="checkbox" checked={microphone.wanted[name]} disabled={locked()} onChange={(event) => void microphone.change({ [name]: event.currentTarget.checked })} />
              </label>
            )}
          </For>
          <p class="small quiet">{t(locked() ? 'mic.locked' : 'mic.processingHint')}</p>
        </div>
      </details>
      <Show when={differs()}>
        <p class="small record-differs">{t('mic.notAsAsked')}</p>
      </Show>
    </section>
  );
}
