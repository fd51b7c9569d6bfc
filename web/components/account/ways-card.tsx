import type { JSX } from 'solid-js';
import { createResource, createSignal, createUniqueId, Show } from 'solid-js';
import * as auth from '../../../shared/api/auth.ts';
import { listPasskeys, removePasskey, renamePasskey } from '../../../shared/api/passkeys.ts';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import { deviceName } from '../../api/device-name.ts';
import { allPages } from '../../api/pages.ts';
import { canUsePasskeys, createPasskey } from '../../api/passkeys.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { AccountAccess } from '../../state/account.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage, Message } from '../message.tsx';
import { PasskeyList } from './passkey-list.tsx';
import { PasswordField } from './password-field.tsx';

/** The ways into the account: its passkeys and its password. */
export function WaysCard(props: { account: AccountAccess; hasPassword: boolean; onChange: () => void }): JSX.Element {
  const { t } = useI18n();
  const id = createUniqueId();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isChanged, setChanged] = createSignal(false);
  const [isOpen, setOpen] = createSignal(false);
  const [passkeys, { refetch }] = createResource(async () => (await allPages((from) => props.account.client.call(listPasskeys, { query: from }))).flatMap((page) => page.passkeys));
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setFailure(null);
    setChanged(false);
    try {
      await work();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code !== 'account/passkey-stopped') setFailure(error.toBody());
    }
  };
  const add = () =>
    attempt(async () => {
      await createPasskey(props.account.client, deviceName(navigator.userAgent));
      await refetch();
    });
  const rename = (passkey: string, name: string) =>
    attempt(async () => {
      await props.account.client.call(renamePasskey, { params: { id: passkey }, body: { name } });
      await refetch();
    });
  const remove = (passkey: string) =>
    attempt(async () => {
      await props.account.client.call(removePasskey, { params: { id: passkey } });
      await refetch();
    });
  const changePassword = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void attempt(async () => {
      await props.account.client.call(auth.changePassword, { body: { current_password: String(form.get('current') ?? ''), new_password: String(form.get('new') ?? '') } });
      setOpen(false);
      setChanged(true);
      props.onChange();
    });
  };
  return (
    <section class="card account-card">
      <h2>{t('account.ways')}</h2>
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} onDismiss={() => setFailure(null)} />}</Show>
      <Show when={canUsePasskeys() || (passkeys.latest?.length ?? 0) > 0}>
        <h3>{t('account.passkeys')}</h3>
        <p class="quiet small">{t('account.passkeysText')}</p>
        <Show when={passkeys.latest?.length}>
          <PasskeyList passkeys={passkeys.latest!} onRename={rename} onRemove={remove} />
        </Show>
        <Show when={canUsePasskeys()}>
          <button class="button" type="button" onClick={() => void add()}>
            <Icon name="plus" size={18} /> {t('account.addPasskey')}
          </button>
        </Show>
      </Show>
      <h3>{t('account.password')}</h3>
      <Show when={isChanged()}>
        <Message kind="info">{t('account.passwordChanged')}</Message>
      </Show>
      <Show
        when={isOpen()}
        fallback={
          <button class="button" type="button" onClick={() => setOpen(true)}>
            {t(props.hasPassword ? 'account.changePassword' : 'account.setPassword')}
          </button>
        }
      >
        <form class="sign-in-form account-password" onSubmit={changePassword}>
          <Show when={props.hasPassword}>
            <PasswordField id={`${id}-current`} name="current" label={t('account.currentPassword')} isNew={false} />
          </Show>
          <PasswordField id={`${id}-new`} name="new" label={t('account.newPassword')} isNew />
          <p class="small quiet">{t('account.passwordHint', { count: auth.PASSWORD_LENGTH.least })}</p>
          <div class="account-line">
            <button class="button primary" type="submit">
              {t('account.save')}
            </button>
            <button class="button plain" type="button" onClick={() => setOpen(false)}>
              {t('account.cancel')}
            </button>
          </div>
        </form>
      </Show>
    </section>
  );
}
