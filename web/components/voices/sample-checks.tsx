import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { SPEECH_LIMITS } from '../../../shared/api/speech.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SampleMaker } from '../../state/sample-maker.ts';
import type { SampleIssue } from '../../workers/voice-sample/contract.ts';
import { Icon } from '../icon.tsx';

const { least, most } = SPEECH_LIMITS.sampleSeconds;

/** How long, how loud, how clean; what is wrong, each with what helps. */
export function SampleChecks(props: { maker: SampleMaker; onAgain: () => void }): JSX.Element {
  const { t, number, size } = useI18n();
  const { maker } = props;
  const length = () => (maker.selection() ? maker.selection()!.end - maker.selection()!.start : 0);
  const isLengthGood = () => length() >= least - 0.005 && length() <= most + 0.005;
  const fix = (issue: SampleIssue): void => {
    if (issue.fix === 'trim') maker.chooseBest();
    if (issue.fix === 'normalise') maker.setNormalised(true);
    if (issue.fix === 'denoise') maker.setDenoised(true);
    if (issue.fix === 'record-again') props.onAgain();
  };
  const args = (issue: SampleIssue) => Object.fromEntries(Object.entries(issue.args).map(([name, value]) => [name, number(value, 1)]));
  return (
    <div class="sample-checks">
      <div class="sample-length">
        <div class="sample-length-bar" classList={{ good: isLengthGood() }} role="meter" aria-label={t('sample.length')} aria-valuemin={0} aria-valuemax={most} aria-valuenow={Math.round(length() * 10) / 10} aria-valuetext={t('sample.lengthOf', { seconds: number(length(), 1), most })} style={{ '--share': String(Math.min(1, length() / most)), '--least': String(least / most) }}>
          <span />
        </div>
        <span class="small number">{t('sample.lengthOf', { seconds: number(length(), 1), most: number(most, 0) })}</span>
      </div>
      <Show when={maker.measures()}>
        {(known) => (
          <dl class="sample-facts small">
            <div>
              <dt>{t('sample.speech')}</dt>
              <dd class="number">{t('sample.seconds', { seconds: number(known().speechSeconds, 1) })}</dd>
            </div>
            <div>
              <dt>{t('sample.loudness')}</dt>
              <dd class="number">{known().integratedLufs === null ? '–' : `${number(known().integratedLufs!, 1)} LUFS`}</dd>
            </div>
            <div>
              <dt>{t('sample.noise')}</dt>
              <dd class="number">{known().signalToNoiseDb === null ? '–' : `${number(known().signalToNoiseDb!, 0)} dB`}</dd>
            </div>
            <div>
              <dt>{t('sample.size')}</dt>
              <dd class="number">{size(known().bytes)}</dd>
            </div>
          </dl>
        )}
      </Show>
      <ul class="sample-issues" aria-live="polite">
        <For each={maker.issues()}>
          {(issue) => (
            <li class="sample-issue" classList={{ blocking: issue.isBlocking, calm: issue.fix === 'mono' }}>
              <Icon name={issue.fix === 'mono' ? 'check' : 'alert'} size={18} />
              <span class="small">{t(`sample.issue.${issue.code}`, args(issue))}</span>
              <Show when={issue.fix !== 'mono' && !(issue.fix === 'trim' && !maker.look()?.best)}>
                <button class="button" type="button" onClick={() => fix(issue)}>
                  {t(`sample.fix.${issue.fix as Exclude<SampleIssue['fix'], 'mono'>}`)}
                </button>
              </Show>
            </li>
          )}
        </For>
        <Show when={maker.isUsable() && maker.issues().every(({ fix: remedy }) => remedy === 'mono')}>
          <li class="sample-issue calm">
            <Icon name="check" size={18} />
            <span class="small">{t('sample.good')}</span>
          </li>
        </Show>
      </ul>
      <div class="sample-mends">
        <label>
          <input type="checkbox" checked={maker.isNormalised()} onChange={(event) => maker.setNormalised(event.currentTarget.checked)} /> {t('sample.normalise')}
        </label>
        <label>
          <input type="checkbox" checked={maker.isDenoised()} onChange={(event) => maker.setDenoised(event.currentTarget.checked)} /> {t('sample.denoise')}
        </label>
        <button class="button plain" type="button" disabled={!maker.look()?.best} onClick={() => maker.chooseBest()}>
          <Icon name="scissors" size={18} /> {t('sample.best')}
        </button>
      </div>
    </div>
  );
}
