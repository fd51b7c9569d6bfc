import type { JSX } from 'solid-js';
import { For, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { TakeBacking } from '../../../shared/takes.ts';
import type { TakeInfo } from '../../jobs/takes-contract.ts';
import { useProduct } from '../../state/product.tsx';
import { markerSeconds } from './marker-card.tsx';

const OPENING_SECONDS = 0.5;

/** What a take is made of, and what is missing in it. */
export function TakeFacts(props: { take: TakeInfo }): JSX.Element {
  const { t, clock, number, size } = useI18n();
  const { recording } = useProduct();
  const first = () => props.take.segments[0];
  const rate = (hz: number) => number(hz / 1000, hz % 1000 ? 1 : 0);
  const placeOf = ({ segment, offsetFrames }: TakeBacking) => {
    const seconds = markerSeconds({ segment, frame: offsetFrames }, props.take.segments);
    return `${seconds < 0 ? '\u2212' : ''}${clock(Math.abs(seconds))}.${String(Math.floor(Math.abs(seconds) * 1000) % 1000).padStart(3, '0')}`;
  };
  // A device that is just being opened delivers zeros for a moment before any sound: nothing that was played is missing there.
  const gaps = () =>
    props.take.segments.flatMap(({ gaps: found, sampleRate }) =>
      found.filter(({ cause, frame, frames }) => cause !== 'zeros' || frame > 0 || frames > OPENING_SECONDS * sampleRate).map(({ frames }) => frames / sampleRate));
  return (
    <section class="card record-card" aria-labelledby="facts-title">
      <h2 id="facts-title">{t('take.facts')}</h2>
      <dl class="record-facts number">
        <div>
          <dt>{t('take.length')}</dt>
          <dd>{clock(props.take.seconds)}</dd>
        </div>
        <Show when={first()}>
          {(segment) => (
            <>
              <div>
                <dt>{t('take.format')}</dt>
                <dd>
                  {rate(segment().sampleRate)} kHz · {t(segment().channels === 1 ? 'mic.mono' : 'mic.stereo')}
                </dd>
              </div>
              <div>
                <dt>{t('take.device')}</dt>
                <dd class="ellipsis">{segment().deviceLabel || t('meter.unmeasured')}</dd>
              </div>
            </>
          )}
        </Show>
        <div>
          <dt>{t('take.size')}</dt>
          <dd>{size(props.take.bytes)}</dd>
        </div>
      </dl>
      <Show when={props.take.segments.length > 1}>
        <h3 class="small">{t('take.segments')}</h3>
        <ol class="take-segments small number">
          <For each={props.take.segments}>
            {(segment) => (
              <li>
                {t('take.segment', { device: segment.deviceLabel, rate: rate(segment.sampleRate), time: clock(segment.frames / segment.sampleRate) })} <span class="quiet">{t(`take.why.${segment.why}`)}</span>
              </li>
            )}
          </For>
        </ol>
      </Show>
      <For each={props.take.backings}>
        {(backing) => (
          <p class="small quiet number">
            {t('take.backing', { name: recording(backing.recordingId)?.name ?? t('job.unknownName'), time: placeOf(backing), ms: number(backing.latencyMs) })}
          </p>
        )}
      </For>
      <p class="small" classList={{ 'record-differs': gaps().length > 0, quiet: gaps().length === 0 }}>
        {gaps().length === 0 ? t('take.whole') : t('take.gaps', { seconds: number(gaps().reduce((sum, gap) => sum + gap, 0), 2), count: gaps().length })}
      </p>
    </section>
  );
}
