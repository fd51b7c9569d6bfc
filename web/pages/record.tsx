import type { JSX } from 'solid-js';
import { createEffect, createMemo, createResource, createSignal, on, onCleanup, onMount, Show } from 'solid-js';
import { ExtrasCard } from '../components/record/extras-card.tsx';
import { MarkerCard, markerSeconds } from '../components/record/marker-card.tsx';
import { MicrophoneCard } from '../components/record/microphone-card.tsx';
import { RecordDeck, RecordTransport } from '../components/record/record-deck.tsx';
import { RecentTakes } from '../components/record/recent-takes.tsx';
import { SpaceCard } from '../components/record/space-card.tsx';
import { TakeFacts } from '../components/record/take-facts.tsx';
import { TakeReviewCard } from '../components/record/take-review-card.tsx';
import { WarningList } from '../components/record/warning-list.tsx';
import { ErrorMessage } from '../components/message.tsx';
import { TakeRecovery } from '../components/take-recovery.tsx';
import type { TakeInfo } from '../jobs/takes-contract.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { useProduct } from '../state/product.tsx';
import { warningsOf } from '../state/record-warnings.ts';
import { useRecorder } from '../state/recorder.tsx';
import type { Recorder } from '../state/recorder.tsx';
import { canStayAwake } from '../state/wake-lock.ts';
import './record.css';

/** Where takes are made: before, during and after one. */
export function Record(): JSX.Element {
  const recorder = useRecorder();
  return <Show when={recorder}>{(present) => <RecordPage recorder={present()} />}</Show>;
}

/** Keys that a focused control needs for itself. */
const takesKeys = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && ['checkbox', 'radio', 'range', 'file'].includes(target.type)) return key === ' ';
  return target.matches('input, select, textarea, [contenteditable]') || (key === ' ' && target.matches('button, a, summary, [role="slider"]'));
};

function RecordPage(props: { recorder: Recorder }): JSX.Element {
  const { t, clock, language } = useI18n();
  const product = useProduct();
  const { service } = product;
  const recorder = props.recorder;
  const { microphone } = recorder;

  const freshName = () => t('record.defaultName', { date: new Intl.DateTimeFormat(language(), { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(Date.now()) });
  const [typed, setTyped] = createSignal<string | null>(null);
  const [suggested, setSuggested] = createSignal(freshName());
  const name = () => (recorder.live() ? recorder.title() : (typed() ?? suggested()));
  // The next take has a name of its own.
  createEffect(
    on([recorder.live, language], ([live]) => {
      if (live) setTyped(null);
      else setSuggested(freshName());
    }),
  );

  const [use] = createResource(() => service.storageUse().catch(() => null));
  const [secondsLeft] = createResource(
    () => ({ sampleRate: recorder.input()?.sampleRate ?? 48_000, channels: recorder.input()?.channels ?? (1 as const) }),
    (format) => recorder.takes.secondsLeft(format).catch(() => null),
  );
  const warnings = createMemo(() =>
    recorder.live()
      ? []
      : warningsOf({
          isSecure: globalThis.isSecureContext,
          canStayAwake: canStayAwake(),
          quotaBytes: use.latest && Number.isFinite(use.latest.quotaBytes) ? use.latest.quotaBytes : null,
          secondsLeft: secondsLeft.latest ?? null,
          input: recorder.input(),
        }),
  );

  onMount(() => {
    // Where it was allowed before, the level is there at once; the person is never asked unasked.
    void navigator.permissions?.query({ name: 'microphone' as PermissionName }).then(
      ({ state }) => {
        if (state === 'granted' && !recorder.live() && microphone.state().status === 'closed') void microphone.open();
      },
      () => undefined,
    );
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target, event.key)) return;
      if (document.querySelector('[role="dialog"]')) return;
      const key = event.key.toLowerCase();
      if (key === 'r' && (recorder.live() || recorder.input())) void recorder.toggle(name());
      else if (key === 'm' && recorder.live()) recorder.mark();
      else if (key === ' ' && recorder.live()) void recorder.togglePause();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    onCleanup(() => {
      document.removeEventListener('keydown', onKey);
      void microphone.close();
    });
  });
  createEffect(() => {
    const state = recorder.state();
    document.title = state ? `${state.status === 'paused' ? '❚❚' : '●'} ${clock(state.elapsedSeconds)} · Tonetwin` : 'Tonetwin';
  });
  const isLive = () => recorder.live() !== null;
  const segmentsSoFar = () => {
    const segment = recorder.state()?.segment;
    return segment ? [segment] : [];
  };

  /** The take on screen, when it is one that has ended. */
  const reviewed = () => (isLive() ? undefined : product.take(recorder.finished()?.id));
  /** Stays what it was for the moment in which its card is taken down, when all that the card shows is asked for once more. */
  const shown = createMemo<TakeInfo | undefined>((before) => reviewed() ?? before);
  // Deleted elsewhere, or never kept: there is nothing to look at.
  createEffect(() => {
    const wanted = recorder.finished();
    if (wanted && !isLive() && product.takes.length > 0 && !product.take(wanted.id)) recorder.review(null);
  });

  return (
    <main id="tool" class="record" classList={{ live: isLive(), reviewing: reviewed() !== undefined }}>
      <h1 class="visually-hidden">{t('record.title')}</h1>
      <Show when={!isLive()}>
        <TakeRecovery />
      </Show>
      <div class="record-columns">
        <Show
          when={reviewed()?.id}
          keyed
          fallback={
            <>
              <div class="record-stage">
                <Show when={recorder.failure()}>{(error) => <ErrorMessage error={error()} onDismiss={recorder.dismiss} />}</Show>
                <RecordDeck recorder={recorder} name={name()} onName={(next) => setTyped(next.trim() || null)} />
                <RecordTransport recorder={recorder} name={name()} />
                <p class="record-keys quiet small">{t('record.keys')}</p>
                <Show when={!isLive()}>
                  <RecentTakes recorder={recorder} />
                </Show>
              </div>
              <div class="record-side-column">
                <Show when={!isLive()} fallback={<MarkerCard live markers={recorder.state()?.markers ?? []} secondsOf={(marker) => markerSeconds(marker, segmentsSoFar())} />}>
                  <WarningList warnings={warnings()} />
                  <MicrophoneCard recorder={recorder} />
                </Show>
                <ExtrasCard recorder={recorder} />
                <SpaceCard recorder={recorder} secondsLeft={secondsLeft.latest ?? null} />
              </div>
            </>
          }
        >
          <div class="record-stage">
            <TakeReviewCard recorder={recorder} take={shown()!} />
            <RecentTakes recorder={recorder} />
          </div>
          <div class="record-side-column">
            <TakeFacts take={shown()!} />
            <Show when={shown()!.markers.length > 0}>
              <MarkerCard markers={shown()!.markers} secondsOf={(marker) => markerSeconds(marker, shown()!.segments)} />
            </Show>
          </div>
        </Show>
      </div>
    </main>
  );
}
