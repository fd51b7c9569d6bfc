import type { JSX } from 'solid-js';
import { createSignal, createUniqueId, For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { useAccount } from '../../state/account.tsx';
import { tidyCode } from '../../vault/recovery-code.ts';
import { Icon } from '../icon.tsx';

/** The code, once: printed or written down, and proven to be. */
export function RecoveryCode(props: { code: string; onDone: () => void }): JSX.Element {
  const { t, date } = useI18n();
  const account = useAccount();
  const id = createUniqueId();
  const [typed, setTyped] = createSignal('');
  const [isCopied, setCopied] = createSignal(false);
  const groups = (): string[] => props.code.split('-');
  const isKept = (): boolean => tidyCode(typed()) === groups().at(-1);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(props.code).then(() => setCopied(true), () => undefined);
  };
  return (
    <form
      class="card account-card vault-code"
      onSubmit={(event) => {
        event.preventDefault();
        if (isKept()) props.onDone();
      }}
    >
      <h2>{t('vault.code')}</h2>
      <p>{t('vault.codeText')}</p>
      <div class="vault-paper">
        <p class="vault-paper-title">{t('vault.printTitle')}</p>
        <ol class="vault-groups number" aria-label={t('vault.code')}>
          <For each={groups()}>{(group) => <li>{group}</li>}</For>
        </ol>
        <p class="vault-paper-text small">{t('vault.printText', { email: account?.signedIn()?.email ?? '', date: date(Date.now()) })}</p>
      </div>
      <div class="vault-actions">
        <button class="button" type="button" onClick={() => globalThis.print()}>
          {t('vault.print')}
        </button>
        <button class="button" type="button" onClick={() => void copy()}>
          <Show when={isCopied()}>
            <Icon name="check" size={18} />
          </Show>
          {t(isCopied() ? 'vault.copied' : 'vault.copy')}
        </button>
      </div>
      <div class="vault-field">
        <label for={id}>{t('vault.codeConfirm')}</label>
        <input id={id} class="field vault-code-field vault-code-short" maxlength={6} autocomplete="off" autocapitalize="characters" spellcheck={false} value={typed()} onInput={(event) => setTyped(event.currentTarget.value)} />
      </div>
      <button class="button primary sign-in-go" type="submit" disabled={!isKept()}>
        {t('vault.codeDone')}
      </button>
    </form>
  );
}
