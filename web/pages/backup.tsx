/** The backup: the vault, how far it is, what is in it. */
import { A, useLocation } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createSignal, Match, onMount, Show, Switch } from 'solid-js';
import { SignInForm } from '../components/account/sign-in-form.tsx';
import { BackupStatus } from '../components/backup/backup-status.tsx';
import { CreateVault } from '../components/backup/create-vault.tsx';
import { pairingCodeOf } from '../components/backup/pairing-dialog.tsx';
import { RecoveryCode } from '../components/backup/recovery-code.tsx';
import { RemoteList } from '../components/backup/remote-list.tsx';
import { UnlockVault } from '../components/backup/unlock-vault.tsx';
import { VaultCard } from '../components/backup/vault-card.tsx';
import { Message } from '../components/message.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import type { SyncState } from '../jobs/sync/contract.ts';
import { useAccount } from '../state/account.tsx';
import { type Backup as BackupAccess, useBackup } from '../state/backup.tsx';
import './account.css';
import './backup.css';
import '../components/account/sign-in-form.css';
import '../components/entry-row.css';
import '../components/library-safety.css';

export function Backup(): JSX.Element {
  const { t } = useI18n();
  const backup = useBackup();
  const account = useAccount();
  const location = useLocation();
  // Read once: a reload, or the page's history, does not keep it.
  const pairingCode = pairingCodeOf(location.hash);
  onMount(() => {
    document.title = `${t('backup.title')} · Tonetwin`;
    if (pairingCode !== null) history.replaceState(history.state, '', location.pathname);
  });
  const status = () => (backup === null ? 'absent' : (backup.state()?.vault.status ?? 'unknown'));
  const nothing = (title: 'backup.none' | 'backup.away', text: 'backup.noneText' | 'backup.awayText') => (
    <div class="card account-welcome account-nothing">
      <h1>{t(title)}</h1>
      <p>{t(text)}</p>
      <A class="button" href="/library">
        {t('backup.toLibrary')}
      </A>
    </div>
  );
  return (
    <main class="account backup" id="tool">
      <Switch>
        <Match when={status() === 'absent'}>{nothing('backup.none', 'backup.noneText')}</Match>
        <Match when={backup?.state() && status() === 'unknown' && account?.state().status !== 'in'}>{nothing('backup.away', 'backup.awayText')}</Match>
        <Match when={status() === 'signed-out'}>
          <div class="card account-welcome">
            <h1>{t('backup.title')}</h1>
            <p>{t('backup.signInText')}</p>
            <Show when={account}>{(present) => <SignInForm account={present()} />}</Show>
          </div>
        </Match>
        <Match when={backup?.state()}>{(state) => <SignedInBackup backup={backup!} state={state()} pairingCode={pairingCode} />}</Match>
      </Switch>
    </main>
  );
}

function SignedInBackup(props: { backup: BackupAccess; state: SyncState; pairingCode: string | null }): JSX.Element {
  const { t } = useI18n();
  const [code, setCode] = createSignal<string | null>(null);
  const status = () => props.state.vault.status;
  return (
    <>
      <header class="backup-head">
        <h1>{t('backup.title')}</h1>
        <p>{t('backup.lead')}</p>
      </header>
      <Show when={code()} fallback={
        <Switch>
          <Match when={status() === 'none'}>
            <CreateVault sync={props.backup.sync} onCode={setCode} />
          </Match>
          <Match when={status() === 'destroying'}>
            <Message kind="info">{t('vault.destroying')}</Message>
          </Match>
          <Match when={status() === 'locked'}>
            <Show when={props.state.pause !== 'locked'}>
              <BackupStatus backup={props.backup} state={props.state} />
            </Show>
            <UnlockVault sync={props.backup.sync} isNew={props.state.pause === 'locked'} pairingCode={props.pairingCode} onCode={setCode} />
          </Match>
          <Match when={status() === 'unlocked'}>
            <BackupStatus backup={props.backup} state={props.state} />
            <RemoteList sync={props.backup.sync} stored={props.backup.counts().stored} />
            <VaultCard sync={props.backup.sync} onCode={setCode} />
          </Match>
        </Switch>
      }>
        {(shown) => <RecoveryCode code={shown()} onDone={() => setCode(null)} />}
      </Show>
      <p class="backup-sees small quiet">{t('backup.sees')}</p>
    </>
  );
}
