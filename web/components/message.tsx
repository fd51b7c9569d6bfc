import type { JSX, ParentProps } from 'solid-js';
import { Show } from 'solid-js';
import type { ErrorBody } from '../../shared/errors.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { Icon } from './icon.tsx';

/** A sentence a person should read, with what can be done about it. */
export function Message(props: ParentProps<{ kind: 'error' | 'info'; onDismiss?: () => void }>): JSX.Element {
  const { t } = useI18n();
  return (
    <div class="message" classList={{ error: props.kind === 'error' }} role={props.kind === 'error' ? 'alert' : 'status'}>
      <Icon name={props.kind === 'error' ? 'alert' : 'info'} size={18} />
      <div class="message-body">{props.children}</div>
      <Show when={props.onDismiss}>
        {(dismiss) => (
          <button class="icon-button message-dismiss" type="button" aria-label={t('common.dismiss')} onClick={() => dismiss()()}>
            <Icon name="close" size={16} />
          </button>
        )}
      </Show>
    </div>
  );
}

/** An error as its sentence. */
export function ErrorMessage(props: { error: Pick<ErrorBody, 'code' | 'args'>; onDismiss?: () => void }): JSX.Element {
  const { error } = useI18n();
  return (
    <Message kind="error" {...(props.onDismiss ? { onDismiss: props.onDismiss } : {})}>
      {error(props.error)}
    </Message>
  );
}
