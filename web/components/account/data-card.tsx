import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import * as auth from '../../../shared/api/auth.ts';
import { toAppError } from '../../../shared/errors.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import { LANGUAGES, useI18n } from '../../i18n/i18n.tsx';
import type { Language } from '../../i18n/i18n.tsx';
import type { AccountAccess } from '../../state/account.tsx';
import { saveBlob } from '../../state/save-blob.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { DeleteAccountDialog } from './delete-account-dialog.tsx';

/** The language, all that is stored as a file, and the end of it. */
export function DataCard(props: { account: AccountAccess; email: string; hasPassword: boolean; onDeleted: () => void }): JSX.Element {
  const i18n = useI18n();
  const { t } = i18n;
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isDeleting, setDeleting] = createSignal(false);
  async function download(): Promise<void> {
    setFailure(null);
    try {
      const data = await props.account.client.call(auth.exportAccount);
      saveBlob(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }), `tonetwin-account-${new Date().toISOString().slice(0, 10)}.json`);
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  }
  return (
    <section class="card account-card">
      <h2>{t('account.data')}</h2>
      <Show when={failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <div class="account-line">
        <label for="account-language">{t('account.language')}</label>
        <select id="account-language" class="select" value={i18n.language()} onChange={(event) => i18n.setLanguage(event.currentTarget.value as Language)}>
          <For each={LANGUAGES}>
            {({ code, name }) => (
              <option value={code} lang={code} selected={code === i18n.language()}>
                {name}
              </option>
            )}
          </For>
        </select>
      </div>
      <div class="account-line">
        <span class="small quiet">{t('account.exportText')}</span>
        <button class="button" type="button" onClick={() => void download()}>
          <Icon name="download" size={18} /> {t('account.export')}
        </button>
      </div>
      <div class="account-line">
        <span class="small quiet">{t('account.deleteText')}</span>
        <button class="button danger" type="button" onClick={() => setDeleting(true)}>
          <Icon name="trash" size={18} /> {t('account.delete')}
        </button>
      </div>
      <DeleteAccountDialog open={isDeleting()} account={props.account} email={props.email} hasPassword={props.hasPassword} onClose={() => setDeleting(false)} onDeleted={props.onDeleted} />
    </section>
  );
}
