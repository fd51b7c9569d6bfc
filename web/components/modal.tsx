import { Dialog } from '@kobalte/core/dialog';
import type { JSX, ParentProps } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import './dialog.css';
import { Icon } from './icon.tsx';

/** A dialog over the page: keeps the focus, closes with Escape. */
export function Modal(props: ParentProps<{ open: boolean; title: string; onClose: () => void; /** What has the focus first; without it what comes first. */ focused?: () => HTMLElement | undefined }>): JSX.Element {
  const { t } = useI18n();
  let opener: Element | null = null;
  return (
    <Dialog open={props.open} onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay class="dialog-overlay" />
        <div class="dialog-place">
          <Dialog.Content
            class="dialog"
            onOpenAutoFocus={(event) => {
              opener = document.activeElement;
              const wanted = props.focused?.();
              if (!wanted) return;
              event.preventDefault();
              wanted.focus();
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              // Back to where it was opened, unless what was done here has led elsewhere.
              if (opener instanceof HTMLElement && opener.isConnected && document.activeElement === document.body) opener.focus();
            }}
          >
            <div class="dialog-head">
              <Dialog.Title as="h2">{props.title}</Dialog.Title>
              <Dialog.CloseButton class="icon-button" aria-label={t('common.close')}>
                <Icon name="close" size={18} />
              </Dialog.CloseButton>
            </div>
            {props.children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog>
  );
}
