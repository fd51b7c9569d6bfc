import { useNavigate, useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createSignal, For, onMount, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import { createAdding } from '../state/adding.ts';
import { createArrivals, type ShareFailure } from '../state/arrivals.ts';
import { useProduct } from '../state/product.tsx';
import { studioAddress } from '../state/studio-address.ts';
import './arrivals-dialog.css';
import { FallbackDialog } from './fallback-dialog.tsx';
import { Icon } from './icon.tsx';
import { ErrorMessage, Message } from './message.tsx';
import { Modal } from './modal.tsx';
import { ProgressBar } from './progress-bar.tsx';

/** What was shared to the app or opened with it: kept first, then what it is to be. */
export function ArrivalsDialog(): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams<{ shared?: ShareFailure }>();
  const adding = createAdding(service);
  const arrivals = createArrivals(adding);
  const [missed, setMissed] = createSignal<ShareFailure | null>(null);
  onMount(() => {
    if (params.shared === 'missed' || params.shared === 'full') setMissed(params.shared);
    if (params.shared !== undefined) setParams({ shared: undefined }, { replace: true });
    arrivals.start();
  });
  const isOpen = (): boolean => missed() !== null || adding.items().length > 0 || arrivals.arrived().length > 0;
  const one = () => (arrivals.arrived().length === 1 && !arrivals.isBusy() ? arrivals.arrived()[0] : undefined);
  const close = (): void => {
    // What is still on its way goes on, and says so again when it is there.
    for (const { file, error } of adding.items()) if (error) adding.dismiss(file);
    setMissed(null);
    arrivals.clear();
  };
  const use = (role: 'reference' | 'target'): void => {
    const recording = one();
    if (!recording) return;
    if (role === 'reference') void service.library.markReference(recording.id, true).catch(() => undefined);
    close();
    navigate(studioAddress({ [role]: recording.id }));
  };
  const toLibrary = (): void => {
    close();
    navigate('/library');
  };
  const title = (): string => (arrivals.arrived().length === 0 ? t('library.title') : t(arrivals.arrived().length > 1 ? 'arrival.titleMany' : 'arrival.title'));
  return (
    <>
      <Modal open={isOpen() && adding.question() === null} title={title()} onClose={close}>
        <Show when={missed()}>
          {(how) => (
            <Show when={how() === 'full'} fallback={<Message kind="error">{t('arrival.missed')}</Message>}>
              <ErrorMessage error={{ code: 'storage/full', args: {} }} />
            </Show>
          )}
        </Show>
        <ul class="arrivals">
          <For each={arrivals.arrived()}>
            {({ name }) => (
              <li class="arrival">
                <span class="arrival-mark">
                  <Icon name="check" size={18} />
                </span>
                <span class="ellipsis" title={name}>
                  {name}
                </span>
              </li>
            )}
          </For>
          <For each={adding.items()}>
            {(item) => (
              <li class="arrival-on-way">
                <Show
                  when={item.error}
                  fallback={
                    <>
                      <span class="ellipsis">{t('arrival.keeping', { name: item.file.name })}</span>
                      <ProgressBar percent={100 * item.fraction} label={t('arrival.keeping', { name: item.file.name })} />
                      <span class="small quiet">{t('arrival.waiting')}</span>
                    </>
                  }
                >
                  {(error) => (
                    <>
                      <span class="ellipsis">{item.file.name}</span>
                      <ErrorMessage error={error()} />
                    </>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ul>
        <Show when={one()}>
          <p class="arrival-question">{t('arrival.text')}</p>
          <div class="arrival-choices">
            <button class="arrival-choice track-reference" type="button" onClick={() => use('reference')}>
              <span class="dot" />
              <span class="arrival-choice-name">{t('arrival.reference')}</span>
              <span class="small quiet">{t('arrival.referenceHint')}</span>
            </button>
            <button class="arrival-choice track-target" type="button" onClick={() => use('target')}>
              <span class="dot" />
              <span class="arrival-choice-name">{t('arrival.target')}</span>
              <span class="small quiet">{t('arrival.targetHint')}</span>
            </button>
            <button class="arrival-choice" type="button" onClick={toLibrary}>
              <Icon name="box" size={16} />
              <span class="arrival-choice-name">{t('arrival.library')}</span>
              <span class="small quiet">{t('arrival.libraryHint')}</span>
            </button>
          </div>
        </Show>
        <Show when={arrivals.arrived().length > 1 && !arrivals.isBusy()}>
          <div class="dialog-actions">
            <button class="button primary" type="button" onClick={toLibrary}>
              {t('library.title')}
            </button>
          </div>
        </Show>
      </Modal>
      <FallbackDialog name={adding.question()?.name ?? null} onRefuse={() => adding.question()?.answer(false)} onAllow={() => adding.question()?.answer(true)} />
    </>
  );
}
