import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { MonitorMode } from '../../state/monitoring.ts';
import { useProduct } from '../../state/product.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { Slider } from '../slider.tsx';
import { LatencyDialog } from './latency-dialog.tsx';

const MODES = ['off', 'plain', 'style'] as const satisfies readonly MonitorMode[];
const MODE_TEXTS = { off: 'extras.monitorOff', plain: 'extras.monitorPlain', style: 'extras.monitorStyle' } as const;
const QUIETEST_BACKING_DB = -40;

/** What goes with a take: the preset it is finished with, hearing oneself, and what is played along to. */
export function ExtrasCard(props: { recorder: Recorder }): JSX.Element {
  const { t, number, error } = useI18n();
  const product = useProduct();
  const recorder = props.recorder;
  const { presets, monitoring, backing } = recorder;
  const [asking, setAsking] = createSignal<MonitorMode | null>(null);
  const [latencyOpen, setLatencyOpen] = createSignal(false);
  const locked = () => recorder.live() !== null;
  const playable = () => product.recordings.filter(({ state }) => state.status === 'ready');
  const roundTrip = () => recorder.roundTrips.of(recorder.input());
  const choose = (mode: MonitorMode): boolean => {
    const isSet = monitoring.set(mode);
    if (!isSet) setAsking(mode);
    return isSet;
  };
  const loadPreset = async (file: File | undefined) => {
    const preset = file && (await presets.load(file));
    if (preset) recorder.setPresetId(preset.id);
  };
  const monitorHint = () => {
    const ms = monitoring.latencyMs();
    if (monitoring.mode() === 'off' || ms === null) return '';
    return ms === 0 ? t('extras.monitorAtOnce') : t('extras.monitorLatency', { ms: number(ms, ms < 10 ? 1 : 0) });
  };

  return (
    <section class="card record-card" aria-labelledby="extras-title">
      <h2 id="extras-title">{t('extras.title')}</h2>
      <div class="extra">
        <label class="extra-name" for="extra-preset">
          {t('extras.preset')}
        </label>
        <div class="extra-line">
          <select id="extra-preset" class="select" disabled={locked()} onChange={(event) => recorder.setPresetId(event.currentTarget.value || null)}>
            <option value="" selected={recorder.presetId() === null}>
              {t('extras.noPreset')}
            </option>
            <For each={presets.list()}>
              {(preset) => (
                <option value={preset.id} selected={recorder.presetId() === preset.id}>
                  {preset.from === 'file' ? preset.name : t('extras.presetOf', { name: preset.name })}
                </option>
              )}
            </For>
          </select>
          <span class="button file-button" aria-disabled={locked()}>
            <Icon name="upload" size={18} />
            <input
              type="file"
              accept=".json,application/json"
              title={t('extras.presetFile')}
              aria-label={t('extras.presetFile')}
              disabled={locked()}
              onChange={(event) => {
                void loadPreset(event.currentTarget.files?.[0]);
                event.currentTarget.value = '';
              }}
            />
          </span>
        </div>
        <Show when={presets.failure()}>{(failed) => <ErrorMessage error={failed()} />}</Show>
        <p class="small quiet">{t(presets.list().length === 0 ? 'extras.presetNone' : 'extras.presetHint')}</p>
      </div>

      <div class="extra-rule" />
      <fieldset class="extra">
        <legend class="extra-name">{t('extras.monitor')}</legend>
        <div class="segmented">
          <For each={MODES}>
            {(mode) => (
              <label classList={{ chosen: monitoring.mode() === mode }}>
                <input
                  class="visually-hidden"
                  type="radio"
                  name="monitor"
                  checked={monitoring.mode() === mode}
                  disabled={mode === 'style' && recorder.presetId() === null}
                  onClick={(event) => {
                    if (choose(mode)) return;
                    // Until headphones are on it stays as it was; the browser takes its own choice back then.
                    event.preventDefault();
                  }}
                />
                {t(MODE_TEXTS[mode])}
              </label>
            )}
          </For>
        </div>
        <p class="small quiet extra-hint" role="status">
          {monitorHint()}
        </p>
      </fieldset>

      <div class="extra-rule" />
      <div class="extra">
        <label class="extra-name" for="extra-backing">
          {t('extras.backing')}
        </label>
        <select id="extra-backing" class="select" disabled={locked()} onChange={(event) => backing.choose(event.currentTarget.value || null)}>
          <option value="" selected={backing.recordingId() === null}>
            {t('extras.noBacking')}
          </option>
          <For each={playable()}>
            {(recording) => (
              <option value={recording.id} selected={backing.recordingId() === recording.id}>
                {recording.name}
              </option>
            )}
          </For>
        </select>
        <Show when={backing.recordingId() !== null}>
          <div class="option-row">
            <span class="small">{t('extras.backingLevel')}</span>
            <Slider label={t('extras.backingLevel')} min={QUIETEST_BACKING_DB} max={0} step={1} value={backing.levelDb()} valueText={`${number(backing.levelDb(), 0)} dB`} onInput={backing.setLevelDb} />
            <span class="small quiet number extra-db">{number(backing.levelDb(), 0)} dB</span>
          </div>
          <div class="option-row">
            <span class="small">{t('extras.latency')}</span>
            <span class="small quiet number">
              {roundTrip() ? t(roundTrip()!.how === 'measured' ? 'extras.latencyMeasured' : 'extras.latencyManual', { ms: number(roundTrip()!.latencyMs) }) : t('extras.latencyUnknown')}
            </span>
            <button class="button" type="button" disabled={locked() || recorder.input() === null} onClick={() => setLatencyOpen(true)}>
              {t('extras.latencySet')}
            </button>
          </div>
          <Show when={backing.failure()}>{(failed) => <p class="small record-differs">{t('extras.backingGone', { reason: error(failed()) })}</p>}</Show>
        </Show>
      </div>

      <Modal open={asking() !== null} title={t('headphones.title')} onClose={() => setAsking(null)}>
        <p>{t('headphones.text')}</p>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={() => setAsking(null)}>
            {t('headphones.no')}
          </button>
          <button
            class="button primary"
            type="button"
            onClick={() => {
              monitoring.headphonesOn();
              monitoring.set(asking() ?? 'off');
              setAsking(null);
            }}
          >
            {t('headphones.yes')}
          </button>
        </div>
      </Modal>
      <LatencyDialog recorder={recorder} open={latencyOpen()} onClose={() => setLatencyOpen(false)} />
    </section>
  );
}
