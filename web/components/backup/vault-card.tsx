import type { JSX } from 'solid-js';
import { createSignal, createUniqueId, Match, Show, Switch } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SyncService } from '../../jobs/sync/contract.ts';
import { createAttempt } from '../../state/attempt.ts';
import { IDLE_MS } from '../../vault/vault-machine.ts';
import { Icon } from '../icon.tsx';
import type { IconName } from '../icon.tsx';
import { ErrorMessage, Message } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { PairingDialog } from './pairing-dialog.tsx';
import { isStrong, PassphraseField } from './secret-field.tsx';

type Deed = 'pair' | 'passphrase' | 'code' | 'rotate' | 'destroy';

/** What can be done with a vault that is open. */
export function VaultCard(props: { sync: SyncService; onCode: (code: string) => void }): JSX.Element {
  const { t } = useI18n();
  const [deed, setDeed] = createSignal<Deed | null>(null);
  const [isChanged, setChanged] = createSignal(false);
  const close = (): void => void setDeed(null);
  const begin = (next: Deed): void => {
    setChanged(false);
    setDeed(next);
  };
  const code = (next: string): void => {
    close();
    props.onCode(next);
  };
  const line = (icon: IconName, name: string, text: string, what: Deed, isDanger = false) => (
    <div class="account-line vault-line">
      <span class="small quiet">{text}</span>
      <button class="button" classList={{ danger: isDanger }} type="button" onClick={() => begin(what)}>
        <Icon name={icon} size={18} /> {name}
      </button>
    </div>
  );
  return (
    <section class="card account-card">
      <div class="backup-contents-head">
        <h2>{t('vault.keys')}</h2>
        <span class="account-state small">
          <Icon name="check" size={16} /> {t('vault.open')}
        </span>
        <span class="grow" />
        <button class="button" type="button" onClick={() => props.sync.lock()}>
          <Icon name="lock" size={18} /> {t('vault.lock')}
        </button>
      </div>
      <p class="small quiet">{t('vault.openText', { minutes: IDLE_MS / 60_000 })}</p>
      <Show when={isChanged()}>
        <Message kind="info">{t('vault.changed')}</Message>
      </Show>
      {line('phone', t('vault.addDevice'), t('vault.addDeviceText'), 'pair')}
      {line('key', t('vault.changePassphrase'), t('vault.changePassphraseText'), 'passphrase')}
      {line('shield', t('vault.newCode'), t('vault.newCodeText'), 'code')}
      {line('swap', t('vault.rotate'), t('vault.rotateText'), 'rotate')}
      {line('trash', t('vault.destroy'), t('vault.destroyText'), 'destroy', true)}
      <Switch>
        <Match when={deed() === 'pair'}>
          <PairingDialog sync={props.sync} onClose={close} />
        </Match>
        <Match when={deed() === 'passphrase'}>
          <PassphraseDialog
            title={t('vault.changePassphrase')} text={t('vault.changePassphraseText')} isChange onClose={close}
            run={async (current, wanted) => {
              await props.sync.changePassphrase(current, wanted);
              close();
              setChanged(true);
            }}
          />
        </Match>
        <Match when={deed() === 'code'}>
          <ConfirmDialog title={t('vault.newCode')} text={t('vault.newCodeText')} go={t('vault.newCode')} onClose={close} run={async () => code(await props.sync.newRecoveryCode())} />
        </Match>
        <Match when={deed() === 'rotate'}>
          <PassphraseDialog title={t('vault.rotate')} text={t('vault.rotateText')} onClose={close} run={async (current) => code(await props.sync.rotate(current))} />
        </Match>
        <Match when={deed() === 'destroy'}>
          <ConfirmDialog title={t('vault.destroy')} text={t('vault.destroyText')} go={t('vault.destroyNow')} word={t('vault.destroyWord')} onClose={close} run={() => props.sync.destroyVault()} />
        </Match>
      </Switch>
    </section>
  );
}

function PassphraseDialog(props: { title: string; text: string; isChange?: boolean; onClose: () => void; run: (current: string, wanted: string) => Promise<void> }): JSX.Element {
  const { t } = useI18n();
  const attempt = createAttempt();
  const [current, setCurrent] = createSignal('');
  const [wanted, setWanted] = createSignal('');
  return (
    <Modal open title={props.title} onClose={props.onClose}>
      <form
        class="vault-form"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt.run(() => props.run(current(), wanted()));
        }}
      >
        <p>{props.text}</p>
        <PassphraseField label={t('vault.currentPassphrase')} value={current()} onInput={setCurrent} />
        <Show when={props.isChange}>
          <PassphraseField label={t('vault.newPassphrase')} value={wanted()} onInput={setWanted} isNew />
        </Show>
        <Show when={attempt.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={() => props.onClose()}>
            {t('vault.cancel')}
          </button>
          <button class="button primary" type="submit" disabled={attempt.isBusy() || current() === '' || (props.isChange === true && !isStrong(wanted()))}>
            {attempt.isBusy() ? t('vault.working') : props.title}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** @param props.word  has to be typed where there is no way back */
function ConfirmDialog(props: { title: string; text: string; go: string; word?: string; onClose: () => void; run: () => Promise<void> }): JSX.Element {
  const { t } = useI18n();
  const id = createUniqueId();
  const attempt = createAttempt();
  const [typed, setTyped] = createSignal('');
  const isSure = (): boolean => props.word === undefined || typed().trim().toLowerCase() === props.word.toLowerCase();
  return (
    <Modal open title={props.title} onClose={props.onClose}>
      <form
        class="vault-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isSure()) void attempt.run(props.run);
        }}
      >
        <p>{props.text}</p>
        <Show when={props.word}>
          {(word) => (
            <div class="vault-field">
              <label for={id}>{t('vault.destroyConfirm', { word: word() })}</label>
              <input id={id} class="field" autocomplete="off" autocapitalize="none" spellcheck={false} value={typed()} onInput={(event) => setTyped(event.currentTarget.value)} />
            </div>
          )}
        </Show>
        <Show when={attempt.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={() => props.onClose()}>
            {t('vault.cancel')}
          </button>
          <button class="button" classList={{ primary: props.word === undefined, 'vault-destroy': props.word !== undefined }} type="submit" disabled={attempt.isBusy() || !isSure()}>
            {attempt.isBusy() ? t('vault.working') : props.go}
          </button>
        </div>
      </form>
    </Modal>
  );
}
