import type { JSX } from 'solid-js';
import { createResource, createSignal, For, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SyncService } from '../../jobs/sync/contract.ts';
import { createAttempt } from '../../state/attempt.ts';
import { canReadCodes } from '../../state/code-camera.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage, Message } from '../message.tsx';
import { ScanDialog } from './scan-dialog.tsx';
import { CodeField, isStrong, PassphraseField } from './secret-field.tsx';

const WAYS = ['unlock', 'join', 'recover'] as const;
type Way = (typeof WAYS)[number];

/**
 * Opens the vault: by the passphrase, by another device, or by the recovery code.
 * @param props.pairingCode  read by the camera; begins at once
 */
export function UnlockVault(props: { sync: SyncService; isNew: boolean; pairingCode: string | null; onCode: (code: string) => void }): JSX.Element {
  const { t } = useI18n();
  const attempt = createAttempt();
  const [way, setWay] = createSignal<Way>(props.pairingCode === null ? 'unlock' : 'join');
  const [passphrase, setPassphrase] = createSignal('');
  const [code, setCode] = createSignal(props.pairingCode ?? '');
  const [canScan] = createResource(canReadCodes);
  const [isScanning, setScanning] = createSignal(false);
  const waiting = new AbortController();
  onCleanup(() => waiting.abort());

  const go = async (): Promise<void> => {
    const chosen = way();
    switch (chosen) {
      case 'unlock':
        await attempt.run(() => props.sync.unlock(passphrase()));
        break;
      case 'join':
        await attempt.run(() => props.sync.joinByCode(code(), waiting.signal));
        break;
      case 'recover': {
        const next = await attempt.run(() => props.sync.recover(code(), passphrase()));
        if (next !== undefined) props.onCode(next);
        break;
      }
      default:
        chosen satisfies never;
    }
  };
  onMount(() => {
    if (props.pairingCode !== null) void go();
  });
  const change = (next: Way): void => {
    attempt.clear();
    setCode('');
    setPassphrase('');
    setWay(next);
  };
  const scanned = (found: string): void => {
    setScanning(false);
    setCode(found);
    void go();
  };
  const links = { unlock: 'vault.byPassphrase', join: 'vault.byDevice', recover: 'vault.forgot' } as const;
  return (
    <form
      class="card account-card"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Switch>
        <Match when={way() === 'unlock'}>
          <h2>{t('vault.unlock')}</h2>
          <p>{t(props.isNew ? 'vault.unlockNew' : 'vault.unlockText')}</p>
          <PassphraseField label={t('vault.passphrase')} value={passphrase()} onInput={setPassphrase} />
        </Match>
        <Match when={way() === 'join'}>
          <h2>{t('vault.join')}</h2>
          <p>{t(canScan.latest ? 'scan.joinText' : 'vault.joinText')}</p>
          <Show when={canScan.latest}>
            <button class="button" type="button" disabled={attempt.isBusy()} onClick={() => setScanning(true)}>
              <Icon name="camera" size={18} /> {t('scan.start')}
            </button>
          </Show>
          <CodeField label={t('vault.pairingCode')} value={code()} onInput={setCode} />
          <Show when={attempt.isBusy()}>
            <Message kind="info">{t('vault.joinWaiting')}</Message>
          </Show>
        </Match>
        <Match when={way() === 'recover'}>
          <h2>{t('vault.recover')}</h2>
          <p>{t('vault.recoverText')}</p>
          <CodeField label={t('vault.recoveryCode')} value={code()} onInput={setCode} />
          <PassphraseField label={t('vault.newPassphrase')} value={passphrase()} onInput={setPassphrase} isNew />
        </Match>
      </Switch>
      <Show when={isScanning()}>
        <ScanDialog onCode={scanned} onClose={() => setScanning(false)} />
      </Show>
      <Show when={attempt.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <button class="button primary sign-in-go" type="submit" disabled={attempt.isBusy() || (way() === 'recover' && !isStrong(passphrase()))}>
        {t(attempt.isBusy() ? 'vault.working' : way() === 'unlock' ? 'vault.unlockGo' : way() === 'join' ? 'vault.joinGo' : 'vault.recoverGo')}
      </button>
      <div class="vault-actions">
        <For each={WAYS.filter((other) => other !== way())}>
          {(other) => (
            <button class="button plain" type="button" disabled={attempt.isBusy() && way() !== 'join'} onClick={() => change(other)}>
              {t(links[other])}
            </button>
          )}
        </For>
      </div>
    </form>
  );
}
