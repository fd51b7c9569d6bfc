import type { JSX } from 'solid-js';
import { createResource, createSignal, For, Show } from 'solid-js';
import * as auth from '../../../shared/api/auth.ts';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import { allPages } from '../../api/pages.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { AccountAccess } from '../../state/account.tsx';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';

/** Where the account is signed in, and how to end that. */
export function DevicesCard(props: { account: AccountAccess }): JSX.Element {
  const { t, date } = useI18n();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const attempt = async <T,>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      setFailure(null);
      return await work();
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
      return undefined;
    }
  };
  const [sessions, { refetch }] = createResource(() => attempt(async () => (await allPages((from) => props.account.client.call(auth.listSessions, { query: from }))).flatMap((page) => page.sessions)));
  const end = (id: string) =>
    attempt(async () => {
      await props.account.client.call(auth.revokeSession, { params: { id } });
      await refetch();
    });
  const endOthers = () =>
    attempt(async () => {
      await props.account.client.call(auth.revokeOtherSessions);
      await refetch();
    });
  return (
    <section class="card account-card">
      <h2>{t('account.devices')}</h2>
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <ul class="account-list">
        <For each={sessions.latest}>
          {(session) => {
            const name = () => session.device || t('account.unknownDevice');
            return (
              <li>
                <Icon name={/iPhone|Android|iPad/.test(session.device) ? 'phone' : 'system'} size={18} />
                <span class="account-item">
                  <span class="ellipsis">{name()}</span>
                  <span class="small quiet">{session.is_current ? t('account.thisDevice') : t('account.lastUsed', { date: date(Date.parse(session.used_at), true) })}</span>
                </span>
                <Show when={!session.is_current}>
                  <button class="button plain" type="button" aria-label={t('account.signOutOf', { device: name() })} onClick={() => void end(session.id)}>
                    {t('account.signOutThere')}
                  </button>
                </Show>
              </li>
            );
          }}
        </For>
      </ul>
      <Show when={(sessions.latest?.length ?? 0) > 1}>
        <button class="button" type="button" onClick={() => void endOthers()}>
          {t('account.signOutOthers')}
        </button>
      </Show>
    </section>
  );
}
