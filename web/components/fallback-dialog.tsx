import type { JSX } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import { Modal } from './modal.tsx';

/** Asks before the additional decoder is downloaded. */
export function FallbackDialog(props: { name: string | null; onAllow: () => void; onRefuse: () => void }): JSX.Element {
  const { t } = useI18n();
  return (
    <Modal open={props.name !== null} title={t('fallback.title')} onClose={() => props.onRefuse()}>
      <p>{t('fallback.text', { name: props.name ?? '' })}</p>
      <div class="dialog-actions">
        <button class="button" type="button" onClick={() => props.onRefuse()}>
          {t('fallback.refuse')}
        </button>
        <button class="button primary" type="button" onClick={() => props.onAllow()}>
          {t('fallback.allow')}
        </button>
      </div>
    </Modal>
  );
}
