import type { JSX } from 'solid-js';
import { createSignal, createUniqueId, Show } from 'solid-js';
import { deleteAccount } from '../../../shared/api/auth.ts';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { AccountAccess } from '../../state/account.tsx';
import { ErrorMessage } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { PasswordField } from './password-field.tsx';

/** The end of an account: typed out, and with the password where there is one. */
export function DeleteAccountDialog(props: { open: boolean; account: AccountAccess; email: string; hasPassword: boolean; onClose: () => void; onDeleted: () => void }): JSX.Element {
  const { t } = useI18n();
  const id = createUniqueId();
  const [typed, setTyped] = createSignal('');
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const isSure = (): boolean => typed().trim().toLowerCase() === props.email.toLowerCase();
  const close = (): void => {
    setTyped('');
    setFailure(null);
    props.onClose();
  };
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault();
    if (!isSure()) return;
    const password = String(new FormData(event.currentTarget).get('password') ?? '');
    setFailure(null);
    try {
      await props.account.client.call(deleteAccount, { body: { password } });
      close();
      props.onDeleted();
      await props.account.client.forget();
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  };
  return (
    <Modal open={props.open} title={t('account.delete')} onClose={close}>
      <p class="account-delete-text">{t('account.deleteText')}</p>
      <form class="sign-in-form" onSubmit={(event) => void submit(event)}>
        <label for={`${id}-email`}>{t('account.deleteConfirm', { email: props.email })}</label>
        <input id={`${id}-email`} class="field" value={typed()} autocomplete="off" autocapitalize="none" spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} />
        <Show when={props.hasPassword}>
          <PasswordField id={`${id}-password`} name="password" label={t('account.password')} isNew={false} />
        </Show>
        <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={close}>
            {t('account.cancel')}
          </button>
          <button class="button account-delete" type="submit" disabled={!isSure()}>
            {t('account.deleteNow')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
