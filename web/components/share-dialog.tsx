import type { JSX } from 'solid-js';
import { createEffect, createResource, createSignal, For, on, Show } from 'solid-js';
import * as contract from '../../shared/api/presets.ts';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { allPages } from '../api/pages.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { AccountAccess } from '../state/account.tsx';
import { usePresetSync } from '../state/preset-sync.tsx';
import { SignInForm } from './account/sign-in-form.tsx';
import { Icon } from './icon.tsx';
import { ErrorMessage } from './message.tsx';
import { Modal } from './modal.tsx';
import { QrCode } from './qr-code.tsx';
import './share-dialog.css';

/** A link to a preset: made, handed on, taken back. Whoever is not signed in does so here. */
export function ShareDialog(props: { open: boolean; presetId: string; name: string; account: AccountAccess; onClose: () => void }): JSX.Element {
  const { t } = useI18n();
  return (
    <Modal open={props.open} title={t('share.title', { name: props.name })} onClose={props.onClose}>
      <p class="share-text">{t('share.text')}</p>
      <Show
        when={props.account.signedIn()}
        fallback={
          <>
            <p class="share-text">{t('share.signIn')}</p>
            <SignInForm account={props.account} />
          </>
        }
      >
        <Links presetId={props.presetId} name={props.name} account={props.account} />
      </Show>
    </Modal>
  );
}

function Links(props: { presetId: string; name: string; account: AccountAccess }): JSX.Element {
  const { t, date, number } = useI18n();
  const sync = usePresetSync();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isCopied, setCopied] = createSignal(false);
  const client = () => props.account.client;
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  };
  const sharesOf = async (id: string) => (await allPages((from) => client().call(contract.listShares, { params: { id }, query: from }))).flatMap((page) => page.shares);
  const [remote] = createResource(
    () => props.presetId,
    async (presetId) => {
      let id: string | undefined;
      await attempt(async () => {
        id = await sync?.remoteId(presetId);
        if (!(await sharesOf(id!)).some(({ revoked }) => !revoked)) await client().call(contract.sharePreset, { params: { id: id! } });
      });
      return id;
    },
  );
  const [shares, { refetch }] = createResource(remote, sharesOf);
  /** The newest that still shows something. */
  const current = () => shares.latest?.find(({ revoked }) => !revoked);
  const address = (): string => `${location.origin}${current()?.url ?? ''}`;
  createEffect(on(address, () => setCopied(false)));
  const copy = () =>
    attempt(async () => {
      await navigator.clipboard.writeText(address());
      setCopied(true);
    });
  // A sheet that is closed without sending is no failure.
  const send = () => void navigator.share({ title: props.name, url: address() }).catch(() => undefined);
  const make = () =>
    attempt(async () => {
      await client().call(contract.sharePreset, { params: { id: remote()! } });
      await refetch();
    });
  const revoke = (slug: string) =>
    attempt(async () => {
      await client().call(contract.revokeShare, { params: { slug } });
      await refetch();
    });
  return (
    <div class="share">
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <Show when={shares.latest} fallback={<Show when={!failure()}><p class="quiet" role="status">{t('share.making')}</p></Show>}>
        <Show
          when={current()}
          fallback={
            <button class="button primary" type="button" onClick={() => void make()}>
              <Icon name="link" size={18} /> {t('share.new')}
            </button>
          }
        >
          <div class="share-now">
            <QrCode text={address()} label={t('share.code')} />
            <div class="share-link">
              <input class="field" readonly aria-label={t('share.address')} value={address()} onFocus={(event) => event.currentTarget.select()} />
              <div class="share-actions">
                <button class="button primary" type="button" onClick={() => void copy()}>
                  <Icon name={isCopied() ? 'check' : 'copy'} size={18} /> <span aria-live="polite">{t(isCopied() ? 'share.copied' : 'share.copy')}</span>
                </button>
                <Show when={'share' in navigator}>
                  <button class="button" type="button" onClick={send}>
                    <Icon name="share" size={18} /> {t('share.send')}
                  </button>
                </Show>
              </div>
            </div>
          </div>
        </Show>
        <h3 class="share-heading">{t('share.links')}</h3>
        <ul class="share-list">
          <For each={shares.latest}>
            {(share) => (
              <li classList={{ revoked: share.revoked }}>
                <span class="share-made">
                  {t('share.made', { date: date(Date.parse(share.created_at), true) })}
                  <span class="small quiet number">{share.views === 1 ? t('share.viewsOne') : t('share.views', { count: number(share.views, 0) })}</span>
                </span>
                <Show when={!share.revoked} fallback={<span class="small quiet share-revoked">{t('share.revoked')}</span>}>
                  <button class="button plain danger" type="button" aria-label={t('share.revokeOf', { date: date(Date.parse(share.created_at), true) })} onClick={() => void revoke(share.slug)}>
                    {t('share.revoke')}
                  </button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  );
}
