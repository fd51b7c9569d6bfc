import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { StorageUse } from '../jobs/contract.ts';
import type { LibraryEntry } from '../jobs/library/contract.ts';
import type { BackupRecord } from '../storage/contract.ts';
import { useBackup } from '../state/backup.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import './library-safety.css';

/** How safe what is here is: kept by the browser, installed, copied elsewhere; and what can be done about each. */
export function LibrarySafety(props: {
  use: StorageUse | undefined;
  installed: boolean;
  backup: BackupRecord | null | undefined;
  entries: readonly LibraryEntry[];
  nowMs: number;
  onPersist: () => void;
  onExport: () => void;
}): JSX.Element {
  const { t, number, ago } = useI18n();
  const newer = (): number => (props.backup ? props.entries.filter(({ addedMs }) => addedMs > (props.backup?.atMs ?? 0)).length : props.entries.length);
  const copied = (): { title: string; hint: string } => {
    const last = props.backup;
    if (!last) return { title: t('safety.neverExported'), hint: t(backedUp().good ? 'safety.neverExportedBackup' : 'safety.neverExportedHint') };
    const count = newer();
    return {
      title: t('safety.exported', { when: ago(last.atMs, props.nowMs) }),
      hint: count === 0 ? t('safety.exportedAll') : count === 1 ? t('safety.exportedNewerOne') : t('safety.exportedNewer', { count: number(count, 0) }),
    };
  };
  const backup = useBackup();
  const backedUp = (): { title: string; hint: string; good: boolean } => {
    const { wanted, stored } = backup?.counts() ?? { wanted: 0, stored: 0 };
    if (wanted === 0) return { title: t('safety.backupNone'), hint: t('safety.backupNoneHint'), good: false };
    if (stored < wanted) return { title: t('safety.backupSome', { stored: number(stored, 0), wanted: number(wanted, 0) }), hint: t('safety.backupAllHint'), good: false };
    return { title: t('safety.backupAll', { when: ago(backup?.state()?.lastStoredMs ?? props.nowMs, props.nowMs) }), hint: t('safety.backupAllHint'), good: props.entries.filter(({ kind }) => kind !== 'preset').length <= stored };
  };
  return (
    <section class="card safety" classList={{ 'safety-backed': backup?.isOffered() ?? false }} aria-label={t('safety.title')}>
      <Fact icon="shield" good={props.use?.persisted ?? false} title={t(props.use?.persisted ? 'safety.persisted' : 'safety.notPersisted')} hint={t(props.use?.persisted ? 'safety.persistedHint' : 'safety.notPersistedHint')}>
        <Show when={props.use && !props.use.persisted}>
          <button class="button" type="button" onClick={() => props.onPersist()}>
            {t('safety.keep')}
          </button>
        </Show>
      </Fact>
      <Fact icon="phone" good={props.installed} title={t(props.installed ? 'safety.installed' : 'safety.notInstalled')} hint={t(props.installed ? 'safety.installedHint' : 'safety.notInstalledHint')} />
      <Fact icon="box" good={props.backup != null && newer() === 0} title={copied().title} hint={copied().hint}>
        <button class="button" type="button" disabled={props.entries.length === 0} onClick={() => props.onExport()}>
          {t('export.open')}
        </button>
      </Fact>
      <Show when={backup?.isOffered()}>
        <Fact icon="cloud" good={backedUp().good} title={backedUp().title} hint={backedUp().hint}>
          <A class="button" href="/backup">
            {t('safety.backup')}
          </A>
        </Fact>
      </Show>
    </section>
  );
}

function Fact(props: { icon: IconName; good: boolean; title: string; hint: string; children?: JSX.Element }): JSX.Element {
  return (
    <div class="safety-fact" classList={{ good: props.good }}>
      <span class="safety-icon">
        <Icon name={props.good ? 'check' : props.icon} size={18} />
      </span>
      <div class="safety-text">
        <p class="safety-title">{props.title}</p>
        <p class="small quiet">{props.hint}</p>
      </div>
      {props.children}
    </div>
  );
}
