import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { Icon } from '../icon.tsx';

interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly used_at: string | null;
}

/** Passkeys of the account: what they are called, when they were used; each can be renamed in place, and removed. */
export function PasskeyList(props: { passkeys: readonly Passkey[]; onRename: (id: string, name: string) => Promise<void>; onRemove: (id: string) => Promise<void> }): JSX.Element {
  const { t, date } = useI18n();
  const [renamed, setRenamed] = createSignal<string | null>(null);
  /** By passkey: a list that came anew has others. */
  const pencils = new Map<string, HTMLButtonElement>();
  return (
    <ul class="account-list">
      <For each={props.passkeys}>
        {(passkey, index) => {
          const name = () => passkey.name || t('account.passkeyName', { number: index() + 1 });
          const finish = (): void => {
            setRenamed(null);
            pencils.get(passkey.id)?.focus();
          };
          const save = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): Promise<void> => {
            event.preventDefault();
            const wanted = String(new FormData(event.currentTarget).get('name') ?? '').trim();
            if (wanted !== '' && wanted !== passkey.name) await props.onRename(passkey.id, wanted);
            finish();
          };
          return (
            <li>
              <Icon name="key" size={18} />
              <Show
                when={renamed() !== passkey.id}
                fallback={
                  <form class="account-rename" onSubmit={(event) => void save(event)} onKeyDown={(event) => event.key === 'Escape' && finish()}>
                    <input
                      class="field"
                      name="name"
                      value={name()}
                      maxlength={100}
                      autocomplete="off"
                      aria-label={t('account.passkeyNewName')}
                      ref={(input) => queueMicrotask(() => input.select())}
                    />
                    <button class="button" type="submit">
                      {t('account.save')}
                    </button>
                  </form>
                }
              >
                <span class="account-item">
                  <span class="ellipsis">{name()}</span>
                  <span class="small quiet">{passkey.used_at ? t('account.passkeyUsed', { date: date(Date.parse(passkey.used_at)) }) : t('account.passkeyNew', { date: date(Date.parse(passkey.created_at)) })}</span>
                </span>
                <button class="icon-button" type="button" aria-label={t('account.renamePasskey', { name: name() })} title={t('account.renamePasskey', { name: name() })} ref={(element) => pencils.set(passkey.id, element)} onClick={() => setRenamed(passkey.id)}>
                  <Icon name="pencil" size={18} />
                </button>
                <button class="icon-button" type="button" aria-label={t('account.removePasskey', { name: name() })} title={t('account.removePasskey', { name: name() })} onClick={() => void props.onRemove(passkey.id)}>
                  <Icon name="trash" size={18} />
                </button>
              </Show>
            </li>
          );
        }}
      </For>
    </ul>
  );
}
