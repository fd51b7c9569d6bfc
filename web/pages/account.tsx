/** The account: signing in, and what belongs to whoever is. */
import { A, useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createResource, createSignal, Match, onMount, Show, Switch } from 'solid-js';
import { me } from '../../shared/api/auth.ts';
import { AppError, ERRORS, toAppError } from '../../shared/errors.ts';
import type { ErrorBody, ErrorCode } from '../../shared/errors.ts';
import { DataCard } from '../components/account/data-card.tsx';
import { DevicesCard } from '../components/account/devices-card.tsx';
import { PresetsCard } from '../components/account/presets-card.tsx';
import { SignInForm } from '../components/account/sign-in-form.tsx';
import { WaysCard } from '../components/account/ways-card.tsx';
import { ErrorMessage, Message } from '../components/message.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useAccount } from '../state/account.tsx';
import type { AccountAccess } from '../state/account.tsx';
import './account.css';

export function Account(): JSX.Element {
  const { t } = useI18n();
  const account = useAccount();
  const [params, setParams] = useSearchParams<{ entered?: string; failed?: string }>();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isDeleted, setDeleted] = createSignal(false);
  /** Its name is known once the server was asked. */
  const provider = (): string => {
    const now = account?.state();
    return now?.status === 'out' ? (now.offer.provider ?? '') : '';
  };
  const status = () => account?.state().status ?? 'absent';
  // The way back from a provider of identity ends here.
  onMount(() => {
    const { entered, failed } = params;
    if (typeof failed === 'string') setFailure(new AppError(failed in ERRORS ? (failed as ErrorCode) : 'internal').toBody());
    if (entered !== undefined) void account?.client.resume().catch((thrown: unknown) => setFailure(toAppError(thrown).toBody()));
    if (entered !== undefined || failed !== undefined) setParams({ entered: undefined, failed: undefined }, { replace: true });
  });
  const nothing = (title: 'account.none' | 'account.away', text: 'account.noneText' | 'account.awayText') => (
    <div class="card account-welcome account-nothing">
      <h1>{t(title)}</h1>
      <p>{t(text)}</p>
      <A class="button" href="/">
        {t('nav.studio')}
      </A>
    </div>
  );
  return (
    <main class="account" id="tool">
      <Show when={failure()}>{(error) => <ErrorMessage error={error().code === 'account/provider' ? { ...error(), args: { name: provider() } } : error()} onDismiss={() => setFailure(null)} />}</Show>
      <Show when={isDeleted()}>
        <Message kind="info">{t('account.deleted')}</Message>
      </Show>
      <Switch>
        <Match when={status() === 'absent'}>{nothing('account.none', 'account.noneText')}</Match>
        <Match when={status() === 'unknown'}>{nothing('account.away', 'account.awayText')}</Match>
        <Match when={status() === 'out'}>
          <div class="card account-welcome">
            <h1>{t('account.welcome')}</h1>
            <p>{t('account.lead')}</p>
            <SignInForm account={account!} />
          </div>
        </Match>
        <Match when={account?.signedIn()?.id}>
          <SignedInAccount account={account!} onDeleted={() => setDeleted(true)} />
        </Match>
      </Switch>
    </main>
  );
}

function SignedInAccount(props: { account: AccountAccess; onDeleted: () => void }): JSX.Element {
  const { t, date } = useI18n();
  const email = (): string => props.account.signedIn()?.email ?? '';
  // Without a network the page is what is known here.
  const [known, { refetch }] = createResource(() => props.account.client.call(me).catch(() => undefined));
  return (
    <>
      <header class="account-head">
        <span class="account-letter account-letter-large" aria-hidden="true">
          {email().charAt(0).toUpperCase()}
        </span>
        <div class="account-who">
          <h1 class="ellipsis">{email()}</h1>
          <p class="small quiet">{known.latest ? t('account.since', { date: date(Date.parse(known.latest.created_at)) }) : '\u00a0'}</p>
        </div>
        <button class="button" type="button" onClick={() => void props.account.client.signOut()}>
          {t('account.signOut')}
        </button>
      </header>
      <PresetsCard />
      <WaysCard account={props.account} hasPassword={known.latest?.has_password ?? true} onChange={() => void refetch()} />
      <DevicesCard account={props.account} />
      <DataCard account={props.account} email={email()} hasPassword={known.latest?.has_password ?? true} onDeleted={props.onDeleted} />
    </>
  );
}
