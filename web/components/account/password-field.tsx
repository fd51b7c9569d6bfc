import type { JSX } from 'solid-js';
import { createSignal } from 'solid-js';
import { PASSWORD_LENGTH } from '../../../shared/api/auth.ts';
import { useI18n } from '../../i18n/i18n.tsx';

/** A password, hidden until its owner wants to see it. `isNew`: it has to be long enough. */
export function PasswordField(props: { id: string; name: string; label: string; isNew: boolean }): JSX.Element {
  const { t } = useI18n();
  const [isShown, setShown] = createSignal(false);
  return (
    <>
      <label for={props.id}>{props.label}</label>
      <div class="password-field">
        <input
          id={props.id}
          class="field"
          type={isShown() ? 'text' : 'password'}
          name={props.name}
          required
          minlength={props.isNew ? PASSWORD_LENGTH.least : undefined}
          maxlength={PASSWORD_LENGTH.most}
          autocomplete={props.isNew ? 'new-password' : 'current-password'}
          autocapitalize="none"
          spellcheck={false}
        />
        <button class="button plain small" type="button" aria-pressed={isShown()} aria-controls={props.id} onClick={() => setShown(!isShown())}>
          {t(isShown() ? 'account.hide' : 'account.show')}
        </button>
      </div>
    </>
  );
}
