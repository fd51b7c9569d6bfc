import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SpeechDesk } from '../../state/speech-desk.ts';
import type { SpeechModel } from '../../state/voices.tsx';
import { Icon } from '../icon.tsx';
import { Slider } from '../slider.tsx';

/** Fine enough to be heard, coarse enough for a finger. */
const STEP = 0.05;

/** Model, manner, speed, volume, format: each as the model takes it. */
export function SpeakSettings(props: { desk: SpeechDesk }): JSX.Element {
  const { t, number } = useI18n();
  const { desk } = props;
  const [isOpen, setOpen] = createSignal(false);
  const range = (name: 'speed' | 'volume') => desk.model()?.[name] ?? { least: 0.5, most: 2, default: 1 };
  const isChanged = () => desk.draft.speed !== range('speed').default || desk.draft.volume !== range('volume').default || desk.draft.instruction !== '' || desk.draft.manner !== '';
  const told = <K extends SpeechModel['manner']['kind']>(kind: K) => {
    const manner = desk.model()?.manner;
    return manner?.kind === kind ? (manner as Extract<SpeechModel['manner'], { kind: K }>) : null;
  };
  return (
    <aside class="card new-card speak-settings" classList={{ open: isOpen() }} aria-labelledby="speak-settings">
      <div class="speak-settings-head">
        <h2 id="speak-settings">{t('speak.settings')}</h2>
        {/* Where there is no room beside the text. */}
        <button class="speak-settings-toggle" type="button" aria-expanded={isOpen()} aria-labelledby="speak-settings speak-summary" onClick={() => setOpen(!isOpen())}>
          <span id="speak-summary" class="small quiet ellipsis">{[desk.model()?.name ?? '', desk.format().toUpperCase()].join(' · ')}</span>
          <Icon name="chevron" size={18} />
        </button>
        <Show when={isChanged()}>
          <button class="button plain" type="button" onClick={() => desk.change({ speed: range('speed').default, volume: range('volume').default, instruction: '', manner: '' })}>
            {t('speak.reset')}
          </button>
        </Show>
      </div>
      <label class="voice-field">
        <span>{t('voices.model')}</span>
        <select class="select" onChange={(event) => desk.change({ model: event.currentTarget.value })}>
          <For each={desk.models()}>
            {(model) => (
              <option value={model.id} selected={model.id === desk.model()?.id}>
                {model.name}
              </option>
            )}
          </For>
        </select>
      </label>
      <Show when={told('instruction')}>
        {(manner) => (
          <label class="voice-field">
            <span>{t('speak.instruction')}</span>
            <input class="field" type="text" maxlength={manner().most_characters} placeholder={t('speak.instructionExample')} value={desk.draft.instruction} onInput={(event) => desk.change({ instruction: event.currentTarget.value })} />
            <Show when={desk.model()?.reads_brackets}>
              <span class="small quiet">{t('speak.brackets')}</span>
            </Show>
          </label>
        )}
      </Show>
      <Show when={told('label')}>
        {(manner) => (
          <label class="voice-field">
            <span>{t('speak.manner')}</span>
            <select class="select" onChange={(event) => desk.change({ manner: event.currentTarget.value })}>
              <option value="" selected={desk.draft.manner === ''}>
                {t('speak.mannerNone')}
              </option>
              <For each={['emotion', 'style', 'language'] as const}>
                {(kind) => (
                  <optgroup label={t(`speak.manner.${kind}`)}>
                    <For each={manner()[`${kind}s`]}>
                      {(label) => (
                        <option value={`${kind} ${label}`} selected={desk.draft.manner === `${kind} ${label}`}>
                          {label}
                        </option>
                      )}
                    </For>
                  </optgroup>
                )}
              </For>
            </select>
          </label>
        )}
      </Show>
      <For each={['speed', 'volume'] as const}>
        {(name) => (
          <div class="voice-field">
            <span class="speak-slider-name" aria-hidden="true">
              {t(`speak.${name}`)} <span class="number">{t('speak.times', { value: number(desk.draft[name], 2) })}</span>
            </span>
            <Slider label={t(`speak.${name}`)} min={range(name).least} max={range(name).most} step={STEP} value={desk.draft[name]} valueText={t('speak.times', { value: number(desk.draft[name], 2) })} onInput={(value) => desk.change({ [name]: Math.round(value * 100) / 100 })} />
          </div>
        )}
      </For>
      <label class="voice-field">
        <span>{t('speak.format')}</span>
        <select class="select" disabled={desk.isLong()} onChange={(event) => desk.change({ format: event.currentTarget.value as 'wav' })}>
          <For each={desk.formats()}>
            {(format) => (
              <option value={format} selected={format === desk.format()}>
                {t(`speak.format.${format ?? 'wav'}`)}
              </option>
            )}
          </For>
        </select>
        <Show when={desk.isLong() || !desk.isHeardAtOnce()}>
          <span class="small quiet">{t(desk.isLong() ? 'speak.formatLong' : 'speak.formatHint')}</span>
        </Show>
      </label>
    </aside>
  );
}
