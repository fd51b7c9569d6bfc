import type { JSX } from 'solid-js';
import { createSignal, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { SyncService } from '../../jobs/sync/contract.ts';
import { createAttempt } from '../../state/attempt.ts';
import { ErrorMessage } from '../message.tsx';
import { isStrong, PassphraseField } from './secret-field.tsx';

/** Makes the vault; its recovery code is shown by whoever holds this. */
export function CreateVault(props: { sync: SyncService; onCode: (code: string) => void }): JSX.Element {
  const { t } = useI18n();
  const attempt = createAttempt();
  const [passphrase, setPassphrase] = createSignal('');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const code = await attempt.run(() => props.sync.createVault(passphrase()));
    if (code !== undefined) props.onCode(code);
  };
  return (
    <form class="card account-card" onSubmit={(event) => void submit(event)}>
      <h2>{t('vault.create')}</h2>
      <p>{t('vault.createText')}</p>
      <PassphraseField label={t('vault.passphrase')} value={passphrase()} onInput={setPassphrase} isNew />
      <Show when={attempt.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <button class="button primary sign-in-go" type="submit" disabled={attempt.isBusy() || !isStrong(passphrase())}>
        {t(attempt.isBusy() ? 'vault.working' : 'vault.createGo')}
      </button>
    </form>
  );
}
