import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { ResultInfo, WavBitDepth } from '../jobs/contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { saveBlob } from '../state/save-blob.ts';
import { useProduct } from '../state/product.tsx';
import { Icon } from './icon.tsx';
import { ErrorMessage } from './message.tsx';
import { useJobName } from './job-name.ts';
import { ProgressBar } from './progress-bar.tsx';
import { SavePresetDialog } from './save-preset-dialog.tsx';

const BIT_DEPTHS: readonly WavBitDepth[] = ['16', '24', '32f'];

/** Name and format of the result, how near it came, and what can be taken along. */
export function ResultHeader(props: { result: ResultInfo }): JSX.Element {
  const { t, number, clock } = useI18n();
  const { service } = useProduct();
  const jobName = useJobName();
  const [bitDepth, setBitDepth] = createSignal<WavBitDepth>('24');
  const [written, setWritten] = createSignal<number | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isSaving, setSaving] = createSignal(false);
  const meta = () =>
    t('result.meta', {
      rate: number(props.result.sampleRate / 1000, props.result.sampleRate % 1000 === 0 ? 0 : 1),
      channels: t(props.result.channels === 1 ? 'drop.mono' : 'drop.stereo'),
      duration: clock(props.result.frames / props.result.sampleRate),
    });
  const nearness = () => {
    const { ltasErrorDb, ltasErrorBeforeDb } = props.result.metrics;
    return ltasErrorDb === null || ltasErrorBeforeDb === null ? null : t('result.apart', { before: number(ltasErrorBeforeDb), after: number(ltasErrorDb) });
  };
  const attempt = async (work: () => Promise<void>) => {
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  };
  const download = () =>
    attempt(async () => {
      setWritten(0);
      try {
        saveBlob(await service.exportWav(props.result.id, bitDepth(), { onProgress: setWritten }), `${props.result.name}.wav`);
      } finally {
        setWritten(null);
      }
    });
  const exportPreset = () => attempt(async () => saveBlob(await service.exportPreset(props.result.style), `${props.result.name}.tonetwin.json`));

  return (
    <div class="result-head">
      <div class="result-head-text">
        <h1>{jobName(props.result)}</h1>
        <p class="small quiet number">{meta()}</p>
      </div>
      <div class="result-actions">
        <button class="button" type="button" onClick={() => setSaving(true)}>
          {t('preset.save')}
        </button>
        <button class="button" type="button" onClick={() => void exportPreset()}>
          {t('result.exportPreset')}
        </button>
        <div class="download">
          <select class="select" aria-label={t('result.bitDepth')} onChange={(event) => setBitDepth(event.currentTarget.value as WavBitDepth)}>
            <For each={BIT_DEPTHS}>
              {(depth) => (
                <option value={depth} selected={depth === bitDepth()}>
                  {t(`result.bitDepth.${depth}`)}
                </option>
              )}
            </For>
          </select>
          <button class="button primary" type="button" disabled={written() !== null} onClick={() => void download()}>
            <Icon name="download" size={18} /> {t('result.download')}
          </button>
        </div>
      </div>
      <SavePresetDialog open={isSaving()} result={props.result} onClose={() => setSaving(false)} />
      <Show when={nearness()}>{(sentence) => <p class="result-nearness number">{sentence()}</p>}</Show>
      <Show when={written()}>{(fraction) => <ProgressBar percent={100 * fraction()} label={t('result.preparing', { percent: Math.round(100 * fraction()) })} />}</Show>
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} onDismiss={() => setFailure(null)} />}</Show>
    </div>
  );
}
