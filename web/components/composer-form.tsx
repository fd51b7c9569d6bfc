import type { JSX } from 'solid-js';
import { createSignal, For, onCleanup, onMount, Show } from 'solid-js';
import { limiter } from '../../shared/params/limiter.ts';
import { clampTo } from '../../shared/params/effect.ts';
import type { Job } from '../../shared/jobs.ts';
import type { Mode } from '../../shared/style.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { PresetName } from '../jobs/library/contract.ts';
import type { Composer, Role } from '../state/composer.ts';
import { useProduct } from '../state/product.tsx';
import './composer-form.css';
import { DropZone } from './drop-zone.tsx';
import { FallbackDialog } from './fallback-dialog.tsx';
import { Icon } from './icon.tsx';
import { ErrorMessage, Message } from './message.tsx';

/** Everything a match needs: two recordings, what they are to each other, options, go. */
export function ComposerForm(props: { composer: Composer; compact: boolean; onStarted: (job: Job) => void }): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const [presets, setPresets] = createSignal<readonly PresetName[]>([]);
  onCleanup(service.library.watchPresets(setPresets));
  const [needsFallback, setNeedsFallback] = createSignal<{ role: Role; file: File } | null>(null);
  const isEmpty = () => props.composer.slots.reference.status === 'empty' && props.composer.slots.target.status === 'empty';

  // A file pasted anywhere goes to the first free place.
  const takeAnywhere = (file: File) => {
    const free = (['reference', 'target'] as const).find((role) => props.composer.slots[role].status === 'empty');
    void props.composer.add(free ?? 'target', file);
  };
  const paste = (event: ClipboardEvent) => {
    const file = event.clipboardData?.files[0];
    if (!file || event.defaultPrevented) return;
    event.preventDefault();
    takeAnywhere(file);
  };
  // A file dropped beside the zones must not replace the page.
  const swallow = (event: DragEvent) => event.preventDefault();
  onMount(() => {
    document.addEventListener('paste', paste);
    document.addEventListener('dragover', swallow);
    document.addEventListener('drop', swallow);
  });
  onCleanup(() => {
    document.removeEventListener('paste', paste);
    document.removeEventListener('dragover', swallow);
    document.removeEventListener('drop', swallow);
  });

  const start = async () => {
    const job = await props.composer.start();
    if (job) props.onStarted(job);
  };
  const waitingFor = () => {
    switch (props.composer.readiness()) {
      case 'needs-both':
        return t('match.needBoth');
      case 'needs-target':
        return t('match.needTarget');
      case 'reading':
        return t('match.reading');
      default:
        return '';
    }
  };

  return (
    <form
      class="composer"
      classList={{ compact: props.compact }}
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <div class="composer-body">
        <div class="composer-zones">
          <DropZone role="reference" composer={props.composer} onNeedsFallback={(role, file) => setNeedsFallback({ role, file })} />
          <button class="icon-button composer-swap" type="button" aria-label={t('drop.swap')} title={t('drop.swap')} disabled={isEmpty()} onClick={() => props.composer.swap()}>
            <Icon name="swap" />
          </button>
          <DropZone role="target" composer={props.composer} onNeedsFallback={(role, file) => setNeedsFallback({ role, file })} />
        </div>
        <Show when={!props.compact}>
          <p class="composer-formats quiet small">{t('drop.formats')}</p>
        </Show>
        <Show
          when={props.composer.preset()}
          fallback={
            <div class="card composer-settings">
              <ModePicker composer={props.composer} />
              <Show when={props.compact} fallback={<MatchOptions composer={props.composer} />}>
                <details class="advanced">
                  <summary>
                    {t('options.title')} <Icon name="chevron" size={16} />
                  </summary>
                  <MatchOptions composer={props.composer} />
                </details>
              </Show>
            </div>
          }
        >
          {(preset) => (
            <div class="card preset-chip">
              <div>
                <div class="ellipsis">{t('preset.loaded', { name: preset().name })}</div>
                <div class="quiet small">{t('preset.hint')}</div>
              </div>
              <button class="icon-button" type="button" aria-label={t('preset.remove')} onClick={() => props.composer.clearPreset()}>
                <Icon name="close" size={18} />
              </button>
            </div>
          )}
        </Show>
        <Show when={props.composer.failure()}>
          {(failure) => <ErrorMessage error={failure()} onDismiss={() => props.composer.setFailure(null)} />}
        </Show>
        <div class="composer-actions">
          <button class="button primary large" type="submit" disabled={props.composer.readiness() !== 'ready' || props.composer.starting()}>
            {t(props.composer.preset() ? 'preset.apply' : 'match.start')}
          </button>
          <span class="grow quiet small" role="status">
            {waitingFor()}
          </span>
          <button class="button" type="button" disabled={props.composer.demoLoading()} onClick={() => void props.composer.loadDemo()}>
            {t(props.composer.demoLoading() ? 'demo.loading' : 'demo.try')}
          </button>
          <Show when={presets().length > 0}>
            <select
              class="select composer-presets"
              aria-label={t('preset.stored')}
              onChange={(event) => {
                const id = event.currentTarget.value;
                if (id) void props.composer.choosePreset(id);
                event.currentTarget.value = '';
              }}
            >
              <option value="">{t('preset.storedPick')}</option>
              <For each={presets()}>{(preset) => <option value={preset.id}>{preset.name}</option>}</For>
            </select>
          </Show>
          <span class="button file-button">
            <span aria-hidden="true">{t('preset.load')}</span>
            <input
              type="file"
              accept=".json,application/json"
              aria-label={t('preset.load')}
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                if (file) void props.composer.loadPreset(file);
                event.currentTarget.value = '';
              }}
            />
          </span>
        </div>
      </div>
      <FallbackDialog
        name={needsFallback()?.file.name ?? null}
        onRefuse={() => setNeedsFallback(null)}
        onAllow={() => {
          const wanted = needsFallback();
          setNeedsFallback(null);
          if (wanted) void props.composer.add(wanted.role, wanted.file, true);
        }}
      />
    </form>
  );
}

function ModePicker(props: { composer: Composer }): JSX.Element {
  const { t } = useI18n();
  const choice = (mode: Mode, text: 'mode.different' | 'mode.same', hint: 'mode.differentHint' | 'mode.sameHint') => (
    <div class="choice" onClick={() => props.composer.setOptions('mode', mode)}>
      <input id={`mode-${mode}`} type="radio" name="mode" checked={props.composer.options.mode === mode} onChange={() => props.composer.setOptions('mode', mode)} aria-describedby={`mode-${mode}-hint`} />
      <span>
        <label class="choice-text" for={`mode-${mode}`}>
          {t(text)}
        </label>
        <span class="choice-hint" id={`mode-${mode}-hint`}>
          {t(hint)}
        </span>
      </span>
    </div>
  );
  return (
    <fieldset>
      <legend class="legend">{t('mode.legend')}</legend>
      <div class="mode-options">
        {choice('B', 'mode.different', 'mode.differentHint')}
        {choice('A', 'mode.same', 'mode.sameHint')}
      </div>
      <Show when={props.composer.suggestion() && props.composer.options.mode === 'B'}>
        <Message kind="info">
          {t('mode.suggest')}{' '}
          <button class="button plain" type="button" onClick={() => props.composer.setOptions('mode', 'A')}>
            {t('mode.useSame')}
          </button>
        </Message>
      </Show>
    </fieldset>
  );
}

function MatchOptions(props: { composer: Composer }): JSX.Element {
  const { t } = useI18n();
  const ceiling = limiter.parameters.tpDb;
  return (
    <div class="option-list">
      <div class="choice">
        <input id="option-pitch" type="checkbox" checked={props.composer.options.pitch} onChange={(event) => props.composer.setOptions('pitch', event.currentTarget.checked)} />
        <label for="option-pitch">
          <span class="choice-text">{t('options.pitch')}</span>
          <span class="choice-hint">{t('options.pitchHint')}</span>
        </label>
      </div>
      <div class="option-row">
        <label for="option-ceiling">{t('options.ceiling')}</label>
        <span class="option-unit">
          <input
            id="option-ceiling"
            class="field"
            type="number"
            min={ceiling.min}
            max={ceiling.max}
            step={ceiling.step}
            value={props.composer.options.ceilingDbtp}
            onChange={(event) => {
              const wanted = event.currentTarget.valueAsNumber;
              const value = Number.isFinite(wanted) ? clampTo(ceiling, wanted) : ceiling.default;
              props.composer.setOptions('ceilingDbtp', value);
              event.currentTarget.value = String(value);
            }}
          />
          {t('unit.dBTP')}
        </span>
      </div>
      <details class="advanced">
        <summary>
          {t('options.advanced')} <Icon name="chevron" size={16} />
        </summary>
        <div class="choice">
          <input id="option-residual" type="checkbox" checked={props.composer.options.residualFir} onChange={(event) => props.composer.setOptions('residualFir', event.currentTarget.checked)} />
          <label for="option-residual">
            <span class="choice-text">{t('options.residual')}</span>
            <span class="choice-hint">{t('options.residualHint')}</span>
          </label>
        </div>
      </details>
    </div>
  );
}
