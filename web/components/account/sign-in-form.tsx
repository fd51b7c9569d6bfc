import type { JSX } from 'solid-js';
import { createSignal, createUniqueId, Show } from 'solid-js';
import { login, PASSWORD_LENGTH, register } from '../../../shared/api/auth.ts';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import { canUsePasskeys, enterWithPasskey } from '../../api/passkeys.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { AccountAccess } from '../../state/account.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { PasswordField } from './password-field.tsx';
import './sign-in-form.css';

/** Signs in or makes an account; wherever one is needed, in place. What comes after sees it from the account's state. */
export function SignInForm(props: { account: AccountAccess }): JSX.Element {
  const { t } = useI18n();
  const id = createUniqueId();
  const [isNew, setNew] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const provider = (): string | null => {
    const state = props.account.state();
    return state.status === 'out' ? state.offer.provider : null;
  };
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setFailure(null);
    setBusy(true);
    try {
      await work();
    } catch (thrown) {
      const error = toAppError(thrown);
      // Whoever closed the browser's own dialog knows it.
      if (error.code !== 'account/passkey-stopped') setFailure(error.toBody());
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = { email: String(form.get('email') ?? ''), password: String(form.get('password') ?? '') };
    void attempt(() => props.account.client.signIn(isNew() ? register : login, given));
  };
  return (
    <div class="sign-in">
      <form class="sign-in-form" onSubmit={submit}>
        <label for={`${id}-email`}>{t('account.email')}</label>
        <input id={`${id}-email`} class="field" type="email" name="email" required maxlength={254} autocomplete="username" autocapitalize="none" spellcheck={false} />
        <PasswordField id={`${id}-password`} name="password" label={t('account.password')} isNew={isNew()} />
        <Show when={isNew()}>
          <p class="small quiet">{t('account.passwordHint', { count: PASSWORD_LENGTH.least })}</p>
        </Show>
        <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
        <button class="button primary sign-in-go" type="submit" disabled={isBusy()}>
          {t(isNew() ? 'account.register' : 'account.signIn')}
        </button>
      </form>
      <Show when={!isNew() && (canUsePasskeys() || provider() !== null)}>
        <div class="sign-in-or small quiet">
          <span>{t('account.or')}</span>
        </div>
        <div class="sign-in-ways">
          <Show when={canUsePasskeys()}>
            <button class="button" type="button" disabled={isBusy()} onClick={() => void attempt(() => enterWithPasskey(props.account.client))}>
              <Icon name="key" size={18} /> {t('account.withPasskey')}
            </button>
          </Show>
          <Show when={provider()}>
            {(name) => (
              <a class="button" href="/api/auth/provider" rel="external">
                {t('account.withProvider', { name: name() })}
              </a>
            )}
          </Show>
        </div>
      </Show>
      <button
        class="button plain sign-in-other"
        type="button"
        onClick={() => {
          setFailure(null);
          setNew(!isNew());
        }}
      >
        {t(isNew() ? 'account.toSignIn' : 'account.toRegister')}
      </button>
    </div>
  );
}
