import { useNavigate } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createSignal, For, Show } from 'solid-js';
import { TAKE_ROLES, type TakeRole } from '../../../shared/takes.ts';
import { toAppError } from '../../../shared/errors.ts';
import type { TakeInfo } from '../../jobs/takes-contract.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { placeInComposer } from '../../state/composer.ts';
import { useProduct } from '../../state/product.tsx';
import type { Recorder } from '../../state/recorder.tsx';
import { createTakeReview } from '../../state/take-review.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage, Message } from '../message.tsx';
import { Modal } from '../modal.tsx';
import { markerSeconds } from './marker-card.tsx';
import { PresetOutcome } from './preset-outcome.tsx';
import { TakeFiles } from './take-files.tsx';
import { TrimWaveform } from './trim-waveform.tsx';

/** A take that has ended: hear it, trim it, name it, and go on with it. */
export function TakeReviewCard(props: { recorder: Recorder; take: TakeInfo }): JSX.Element {
  const { t, clock } = useI18n();
  const { service, recording } = useProduct();
  const { recorder } = props;
  const navigate = useNavigate();
  const review = createTakeReview(() => props.take, recorder.takes);
  const [asking, setAsking] = createSignal(false);
  const ended = () => recorder.finished();
  const lastPreset = () => recorder.presets.list()[0];
  // While a trim is saved, the recording is another one in a moment.
  const ready = () => !review.isSaving() && recording(props.take.recordingId)?.state.status === 'ready';
  const markers = () => props.take.markers.map((marker) => ({ marker, seconds: markerSeconds(marker, props.take.segments) }));
  const length = () => review.bounds().endSeconds - review.bounds().startSeconds;

  const toStudio = (role: 'reference' | 'target') => {
    if (props.take.recordingId) placeInComposer(localStorage, role, props.take.recordingId);
    navigate('/');
  };
  const match = async () => {
    const [preset, id] = [lastPreset(), props.take.recordingId];
    if (!preset || !id) return toStudio('target');
    try {
      const job = await service.renderAgain(id, await recorder.presets.style(preset.id), { referenceId: null });
      navigate(`/?job=${job.id}`);
    } catch (thrown) {
      review.setFailure(toAppError(thrown).toBody());
    }
  };
  const discard = async () => {
    setAsking(false);
    try {
      await recorder.takes.discard(props.take.id);
      recorder.review(null);
    } catch (thrown) {
      review.setFailure(toAppError(thrown).toBody());
    }
  };
  const toggleRole = (role: TakeRole) => void review.setRole(props.take.role === role ? null : role);
  const studioRole = (): 'reference' | 'target' => (props.take.role === 'reference' ? 'reference' : 'target');

  return (
    <section class="card take-review" aria-labelledby="take-title">
      <div class="take-head">
        <h2 id="take-title">{t('take.title')}</h2>
        <span class="grow" />
        <button class="icon-button take-delete" type="button" aria-label={t('take.discard')} title={t('take.discard')} onClick={() => setAsking(true)}>
          <Icon name="trash" />
        </button>
        <button class="button" type="button" onClick={() => recorder.review(null)}>
          <Icon name="mic" size={18} /> {t('take.again')}
        </button>
      </div>
      <Show when={ended()?.alarm}>{(alarm) => <Message kind="error">{t(`alarm.${alarm()}`)}</Message>}</Show>
      <Show when={ended()?.error && ended()?.alarm === null ? ended()?.error : null}>{(error) => <ErrorMessage error={error()} />}</Show>
      <Show when={review.failure()}>{(error) => <ErrorMessage error={error()} onDismiss={() => review.setFailure(null)} />}</Show>
      <div class="take-bar">
        <button class="player-play" type="button" aria-label={t(review.isPlaying() ? 'listen.pause' : 'take.play')} onClick={review.toggle}>
          <Icon name={review.isPlaying() ? 'pause' : 'play'} size={24} filled={!review.isPlaying()} />
        </button>
        <div class="take-title">
          <input
            class="record-name"
            type="text"
            aria-label={t('record.name')}
            maxLength={120}
            value={props.take.name}
            onChange={(event) => {
              const name = event.currentTarget.value.trim();
              if (name) void review.rename(name);
              else event.currentTarget.value = props.take.name;
            }}
          />
          <span class="small quiet number">
            {clock(review.player.state.positionSeconds)} / {clock(props.take.seconds)}
          </span>
        </div>
      </div>
      <TrimWaveform review={review} seconds={props.take.seconds} markers={markers()} />
      <div class="take-trim-line">
        <span class="small quiet">
          <Icon name="scissors" size={16} />
          <Show when={review.isTrimmed()} fallback={t('take.trimHint')}>
            <span class="number">{t('take.trimmed', { length: clock(length()), whole: clock(props.take.seconds) })}</span>
          </Show>
        </span>
        <span class="take-trim-buttons">
          <button class="button plain" classList={{ unseen: !review.isTrimmed() }} type="button" disabled={!review.isTrimmed()} onClick={review.wholeTake}>
            {t('take.trimReset')}
          </button>
          <button class="button" type="button" disabled={!review.isDirty() || review.isSaving()} onClick={() => void review.applyTrim()}>
            {t('take.trimApply')}
          </button>
        </span>
      </div>
      <div class="take-role">
        <span class="extra-name" id="take-role">
          {t('take.role')}
        </span>
        <div class="take-roles" role="group" aria-labelledby="take-role">
          <For each={TAKE_ROLES}>
            {(role) => (
              <button class={`take-chip track-${role === 'voice-sample' ? 'result' : role}`} type="button" aria-pressed={props.take.role === role} onClick={() => toggleRole(role)}>
                <span class="dot" /> {t(`take.role.${role}`)}
              </button>
            )}
          </For>
        </div>
      </div>
      <Show when={props.take.withPreset !== null && props.take.recordingId !== null}>
        <PresetOutcome recordingId={props.take.recordingId!} styleId={props.take.withPreset!} />
      </Show>
      <div class="take-actions">
        <button class="button primary large" type="button" disabled={!ready()} onClick={() => void match()}>
          {t(lastPreset() ? 'take.match' : 'take.matchNone')}
        </button>
        <Show when={lastPreset() || props.take.role === 'reference'}>
          <button class="button" type="button" disabled={!ready()} onClick={() => toStudio(studioRole())}>
            {t('take.studio')}
          </button>
        </Show>
        <TakeFiles recordingId={ready() ? props.take.recordingId : null} name={props.take.name} onFailure={review.setFailure} />
      </div>
      <Modal open={asking()} title={t('take.discardTitle')} onClose={() => setAsking(false)}>
        <p>{t('take.discardText', { name: props.take.name })}</p>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={() => setAsking(false)}>
            {t('take.keepIt')}
          </button>
          <button class="button danger" type="button" onClick={() => void discard()}>
            {t('take.discardNow')}
          </button>
        </div>
      </Modal>
    </section>
  );
}
