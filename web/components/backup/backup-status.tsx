import type { JSX } from 'solid-js';
import { createUniqueId, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SyncState } from '../../jobs/sync/contract.ts';
import type { Backup } from '../../state/backup.tsx';
import { Icon } from '../icon.tsx';
import { ProgressBar } from '../progress-bar.tsx';

/** How far it is, and what is backed up. */
export function BackupStatus(props: { backup: Backup; state: SyncState }): JSX.Element {
  const { t, number, ago } = useI18n();
  const id = createUniqueId();
  const counts = () => props.backup.counts();
  const isAll = (): boolean => counts().wanted > 0 && counts().stored === counts().wanted;
  const title = (): string => {
    if (counts().wanted === 0) return t('backup.stateOff');
    if (isAll()) return t('backup.stateAll');
    return t('backup.stateSome', { stored: number(counts().stored, 0), wanted: number(counts().wanted, 0) });
  };
  const hint = (): string => {
    if (counts().wanted === 0) return t('backup.stateOffHint');
    if (isAll()) return t('backup.stateAllHint', { when: ago(props.state.lastStoredMs ?? Date.now(), Date.now()) });
    const { pause } = props.state;
    return t(pause === 'locked' || pause === 'offline' || pause === 'metered' ? `backup.pause.${pause}` : 'backup.pause.none');
  };
  /** What is under way counts as far as it is. */
  const percent = (): number => {
    let sum = 0;
    for (const item of props.state.items.values()) sum += item.status === 'stored' ? 100 : item.status === 'uploading' ? item.percent : 0;
    return sum / Math.max(1, counts().wanted);
  };
  const option = (name: 'all' | 'metered', isOn: boolean, set: (on: boolean) => void) => (
    <label class="backup-option" for={`${id}-${name}`}>
      <input id={`${id}-${name}`} type="checkbox" checked={isOn} aria-describedby={`${id}-${name}-hint`} onChange={(event) => set(event.currentTarget.checked)} />
      <span>
        <span class="backup-option-name">{t(`backup.${name}`)}</span>
        <span id={`${id}-${name}-hint`} class="small quiet">
          {t(`backup.${name}Hint`)}
        </span>
      </span>
    </label>
  );
  return (
    <section class="card backup-status">
      <div class="backup-state" classList={{ good: isAll() }} role="status">
        <span class="safety-icon">
          <Icon name={isAll() ? 'check' : 'cloud'} size={20} />
        </span>
        <div>
          <h2>{title()}</h2>
          <p class="small quiet">{hint()}</p>
        </div>
      </div>
      <Show when={counts().wanted > 0 && !isAll()}>
        <ProgressBar percent={percent()} label={t('backup.title')} />
      </Show>
      <Show when={counts().failed > 0}>
        <p class="small backup-failed">{counts().failed === 1 ? t('backup.stateFailedOne') : t('backup.stateFailed', { count: number(counts().failed, 0) })}</p>
      </Show>
      {option('all', props.state.settings.mode === 'all', (on) => void props.backup.sync.setSettings({ mode: on ? 'all' : 'chosen' }))}
      {option('metered', props.state.settings.metered, (metered) => void props.backup.sync.setSettings({ metered }))}
    </section>
  );
}
