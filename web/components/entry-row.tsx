import type { JSX } from 'solid-js';
import { createEffect, For, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { LibraryEntry } from '../jobs/library/contract.ts';
import type { EntryPlayer } from '../state/entry-player.ts';
import type { LibraryState } from '../state/library.ts';
import type { Sight } from '../state/sight.ts';
import { useBackup } from '../state/backup.tsx';
import { EntryBackup } from './backup/entry-backup.tsx';
import { EntryDetails } from './entry-details.tsx';
import { EntryWave } from './entry-wave.tsx';
import './entry-row.css';
import { Icon } from './icon.tsx';
import { ErrorMessage } from './message.tsx';

/** One entry: play, its picture, its name, how long, how loud, how large; opens to everything that can be done with it. */
export function EntryRow(props: { entry: LibraryEntry; library: LibraryState; player: EntryPlayer; sight: Sight; onDelete: (entry: LibraryEntry) => void; onError: (thrown: unknown) => void }): JSX.Element {
  const { t, clock, size, number, date } = useI18n();
  const backup = useBackup();
  const name = (): string => props.library.nameOf(props.entry);
  const isOpen = (): boolean => props.library.openId() === props.entry.id;
  const isPlaying = (): boolean => props.player.isPlaying(props.entry.id);
  const color = () => (props.entry.kind === 'result' ? 'result' : props.entry.isReference ? 'reference' : 'ink-3');
  const meta = (): string =>
    [
      t(`library.one.${props.entry.kind}`),
      ...(props.entry.isReference ? [t('library.one.reference')] : []),
      props.entry.kind === 'recording' && props.entry.origin !== 'file' ? t(`origin.${props.entry.origin}`) : date(props.entry.addedMs),
    ].join(' · ');
  let item!: HTMLLIElement;
  // Opened from elsewhere, as "made from" is: into view.
  createEffect(() => {
    if (isOpen()) item.scrollIntoView({ block: 'nearest' });
  });
  return (
    <li ref={item} class={`entry entry-${props.entry.kind}`} classList={{ open: isOpen(), reference: props.entry.isReference }}>
      <div class="entry-line">
        <Show
          when={props.entry.kind !== 'preset'}
          fallback={
            <span class="entry-mark">
              <Icon name="sliders" />
            </span>
          }
        >
          <button
            class="entry-play"
            type="button"
            disabled={props.entry.state !== 'ready'}
            aria-label={t(isPlaying() ? 'library.pause' : 'library.play', { name: name() })}
            onClick={() => props.player.toggle(props.entry)}
          >
            <Icon name={isPlaying() ? 'pause' : 'play'} size={18} filled={!isPlaying()} />
          </button>
        </Show>
        <div class="entry-text">
          <button class="entry-name ellipsis" type="button" title={name()} aria-expanded={isOpen()} onClick={() => props.library.setOpenId(isOpen() ? null : props.entry.id)}>
            {name()}
          </button>
          <span class="entry-meta">
            <span class="ellipsis">{meta()}</span>
            <Show when={backup?.isOffered() && props.entry.kind !== 'preset'}>
              <EntryBackup item={backup!.item(props.entry.id)} />
            </Show>
            <For each={props.entry.tags}>{(tag) => <span class="tag small">{tag}</span>}</For>
          </span>
        </div>
        <Show when={props.entry.kind !== 'preset'}>
          <EntryWave entry={props.entry} name={name()} player={props.player} sight={props.sight} color={color()} />
          <span class="entry-numbers number">
            <Show when={props.entry.state === 'ready'} fallback={<span class="entry-state">{t(props.entry.state === 'failed' ? 'library.failed' : 'library.decoding')}</span>}>
              <span class="entry-length">{clock(props.entry.seconds ?? 0)}</span>
              <span class="entry-loudness">
                <Show when={props.entry.integratedLufs !== null} fallback={<span class="quiet" aria-label={t('library.unmeasured')}>–</span>}>
                  {t('library.lufs', { lufs: number(props.entry.integratedLufs ?? 0) })}
                </Show>
              </span>
            </Show>
            <span class="entry-size">{size(props.entry.bytes ?? 0)}</span>
          </span>
        </Show>
        <button class="icon-button entry-delete" type="button" aria-label={t('library.deleteName', { name: name() })} title={t('library.delete')} onClick={() => props.onDelete(props.entry)}>
          <Icon name="trash" size={18} />
        </button>
        <button
          class="icon-button entry-chevron"
          type="button"
          tabindex={-1}
          aria-hidden="true"
          onClick={() => props.library.setOpenId(isOpen() ? null : props.entry.id)}
        >
          <Icon name="chevron" size={18} />
        </button>
      </div>
      <Show when={props.player.error(props.entry.id)}>{(error) => <ErrorMessage error={error()} />}</Show>
      <Show when={isOpen()}>
        <EntryDetails entry={props.entry} library={props.library} onDelete={props.onDelete} onError={props.onError} />
      </Show>
    </li>
  );
}
