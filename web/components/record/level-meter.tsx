import type { JSX } from 'solid-js';
import { createEffect, For } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { InputMeter } from '../../state/input-meter.ts';
import { QUIETEST_DB } from '../../state/input-meter.ts';

const SCALE_DB = [-60, -48, -36, -24, -12, -6, 0];
const shareOf = (db: number) => Math.min(1, Math.max(0, 1 - db / QUIETEST_DB));

/** Peak meter with hold per channel, highest peak, loudness and clips. Its places are there before anything is heard. */
export function LevelMeter(props: { meter: InputMeter; channels: 1 | 2 }): JSX.Element {
  const { t, number } = useI18n();
  const levels = () => props.meter.levels();
  const name = (channel: number) => (props.channels === 1 ? t('meter.mono') : t(channel === 0 ? 'meter.left' : 'meter.right'));
  const written = (value: number | null, unit: string) => (value === null ? t('meter.unmeasured') : `${number(value)} ${unit}`);

  return (
    <div class="meter" role="group" aria-label={t('meter.label')}>
      <div class="meter-bars">
        <For each={props.channels === 1 ? [0] : [0, 1]}>{(channel) => <Bar name={name(channel)} label={t('meter.channel', { channel: name(channel) })} level={levels().channels[channel]} />}</For>
        <div class="meter-scale number" aria-hidden="true">
          <For each={SCALE_DB}>{(db) => <span ref={(element) => element.style.setProperty('--at', String(shareOf(db)))}>{number(db, 0)}</span>}</For>
        </div>
      </div>
      <div class="meter-facts number">
        <dl>
          <div>
            <dt>{t('meter.lufs')}</dt>
            <dd>{written(levels().momentaryLufs, 'LUFS')}</dd>
          </div>
          <div classList={{ hot: (levels().highestDb ?? QUIETEST_DB) > -1 }}>
            <dt>{t('meter.peak')}</dt>
            <dd>{written(levels().highestDb, 'dBFS')}</dd>
          </div>
        </dl>
        <button class="meter-clips" classList={{ hot: levels().clips > 0 }} type="button" title={t('meter.reset')} onClick={() => props.meter.reset()}>
          <span class="meter-clips-name">{t('meter.clips')}</span>
          <span>{t('meter.clipTimes', { count: levels().clips })}</span>
          <span class="visually-hidden">{t('meter.reset')}</span>
        </button>
      </div>
    </div>
  );
}

function Bar(props: { name: string; label: string; level: { readonly levelDb: number; readonly holdDb: number } | undefined }): JSX.Element {
  const { t, number } = useI18n();
  let bar!: HTMLDivElement;
  const level = () => props.level?.levelDb ?? QUIETEST_DB;
  createEffect(() => {
    bar.style.setProperty('--level', String(shareOf(level())));
    bar.style.setProperty('--hold', String(shareOf(props.level?.holdDb ?? QUIETEST_DB)));
  });
  return (
    <div class="meter-row">
      <span class="meter-name" aria-hidden="true">
        {props.name}
      </span>
      <div
        ref={bar}
        class="meter-bar"
        role="meter"
        aria-label={props.label}
        aria-valuemin={QUIETEST_DB}
        aria-valuemax={0}
        aria-valuenow={Math.round(level())}
        aria-valuetext={level() <= QUIETEST_DB ? t('meter.silent') : t('meter.text', { level: number(level(), 0) })}
      >
        <div class="meter-fill" />
        <div class="meter-hold" />
      </div>
    </div>
  );
}
