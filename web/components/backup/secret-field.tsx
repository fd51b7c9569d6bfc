import type { JSX } from 'solid-js';
import { createSignal, createUniqueId, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import { strengthOf } from '../../vault/passphrase-strength.ts';
import type { Strength } from '../../vault/passphrase-strength.ts';

const STEPS: readonly Strength[] = ['weak', 'fair', 'good', 'strong'];

/** A passphrase, hidden until its owner wants to see it; a new one says how hard it is to guess. */
export function PassphraseField(props: { label: string; value: string; onInput: (value: string) => void; isNew?: boolean }): JSX.Element {
  const { t } = useI18n();
  const id = createUniqueId();
  const [isShown, setShown] = createSignal(false);
  const strength = (): Strength => strengthOf(props.value);
  return (
    <div class="vault-field">
      <label for={id}>{props.label}</label>
      <div class="password-field">
        <input
          id={id}
          class="field"
          type={isShown() ? 'text' : 'password'}
          required
          maxlength={512}
          autocomplete={props.isNew ? 'new-password' : 'current-password'}
          autocapitalize="none"
          spellcheck={false}
          value={props.value}
          aria-describedby={props.isNew ? `${id}-hint` : undefined}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <button class="button plain small" type="button" aria-pressed={isShown()} aria-controls={id} onClick={() => setShown(!isShown())}>
          {t(isShown() ? 'vault.hide' : 'vault.show')}
        </button>
      </div>
      <Show when={props.isNew}>
        <div class="vault-strength" data-strength={props.value === '' ? 'none' : strength()} aria-hidden="true">
          {STEPS.map((step, i) => (
            <span classList={{ on: props.value !== '' && STEPS.indexOf(strength()) >= i }} data-step={step} />
          ))}
        </div>
        <p id={`${id}-hint`} class="small quiet" aria-live="polite">
          {props.value === '' ? t('vault.passphraseHint') : t('vault.strength', { strength: t(`vault.strength.${strength()}`) })}
        </p>
      </Show>
    </div>
  );
}

/** Good enough to make a vault with. */
export const isStrong = (passphrase: string): boolean => strengthOf(passphrase) !== 'weak';

/** A code of eight groups, as it was printed. */
export function CodeField(props: { label: string; value: string; onInput: (value: string) => void }): JSX.Element {
  const id = createUniqueId();
  return (
    <div class="vault-field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="field vault-code-field"
        required
        maxlength={80}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        placeholder="XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX"
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </div>
  );
}
