import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { useAccount } from '../../state/account.tsx';
import { Icon } from '../icon.tsx';
import './account-button.css';

/** In the header: the way to the account, or to one. Nothing where the server keeps none. */
export function AccountButton(): JSX.Element {
  const { t } = useI18n();
  const account = useAccount();
  const email = () => account?.signedIn()?.email;
  const name = () => (email() ? t('account.of', { email: email()! }) : t('account.signIn'));
  return (
    <Show when={account?.isOffered()}>
      <A class="icon-button account-button" href="/account" aria-label={name()} title={name()}>
        <Show when={email()} fallback={<Icon name="person" />}>
          {(address) => <span class="account-letter">{address().charAt(0).toUpperCase()}</span>}
        </Show>
      </A>
    </Show>
  );
}
