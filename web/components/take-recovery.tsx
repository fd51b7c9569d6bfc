import { useNavigate } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { TakeInfo } from '../jobs/takes-contract.ts';
import { useProduct } from '../state/product.tsx';
import { useRecorder } from '../state/recorder.tsx';
import { Icon } from './icon.tsx';
import { ErrorMessage } from './message.tsx';
import { Modal } from './modal.tsx';
import './take-recovery.css';

/** Takes whose page or browser went away under them, offered back with one click. */
export function TakeRecovery(): JSX.Element {
  const { t, clock, language } = useI18n();
  const product = useProduct();
  const recorder = useRecorder();
  const navigate = useNavigate();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [busy, setBusy] = createSignal<string | null>(null);
  const [asking, setAsking] = createSignal<TakeInfo | null>(null);
  const interrupted = () => product.takes.filter(({ state }) => state === 'interrupted');
  const when = (ms: number) => new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
  const attempt = async (id: string, work: () => Promise<unknown>) => {
    setBusy(id);
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    } finally {
      setBusy(null);
    }
  };
  const keep = (take: TakeInfo) =>
    attempt(take.id, async () => {
      await product.takeService?.keep(take.id);
      recorder?.review(take.id);
      navigate('/record');
    });
  const discard = (take: TakeInfo) => {
    setAsking(null);
    void attempt(take.id, async () => product.takeService?.discard(take.id));
  };

  return (
    <Show when={interrupted().length > 0 || failure()}>
      <section class="recovery" aria-labelledby="recovery-title">
        <h2 id="recovery-title" class="visually-hidden">
          {t('recovery.title')}
        </h2>
        <For each={interrupted()}>
          {(take) => (
            <div class="recovery-take" role="status">
              <span class="recovery-icon">
                <Icon name="mic" />
              </span>
              <div class="recovery-text">
                <strong>{t('recovery.title')}</strong>
                <span class="number">{t('recovery.text', { name: take.name, date: when(take.startedMs), time: clock(take.seconds) })}</span>
              </div>
              <button class="button primary" type="button" disabled={busy() !== null} onClick={() => void keep(take)}>
                {t('recovery.keep')}
              </button>
              <button class="icon-button" type="button" aria-label={t('recovery.discard')} title={t('recovery.discard')} disabled={busy() !== null} onClick={() => setAsking(take)}>
                <Icon name="trash" size={18} />
              </button>
            </div>
          )}
        </For>
        <Show when={failure()}>{(error) => <ErrorMessage error={error()} onDismiss={() => setFailure(null)} />}</Show>
        <Modal open={asking() !== null} title={t('take.discardTitle')} onClose={() => setAsking(null)}>
          <p>{t('take.discardText', { name: asking()?.name ?? '' })}</p>
          <div class="dialog-actions">
            <button class="button" type="button" onClick={() => setAsking(null)}>
              {t('take.keepIt')}
            </button>
            <button class="button danger" type="button" onClick={() => asking() && discard(asking()!)}>
              {t('take.discardNow')}
            </button>
          </div>
        </Modal>
      </section>
    </Show>
  );
}
