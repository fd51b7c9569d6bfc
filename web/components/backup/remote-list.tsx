import type { JSX } from 'solid-js';
import { createEffect, createMemo, For, on, Show } from 'solid-js';
import { useI18n } from '../../i18n/i18n.tsx';
import type { RemoteEntry, SyncService } from '../../jobs/sync/contract.ts';
import { useProduct } from '../../state/product.tsx';
import { createRemoteEntries } from '../../state/remote-entries.ts';
import { Icon } from '../icon.tsx';
import { ErrorMessage } from '../message.tsx';
import { ProgressBar } from '../progress-bar.tsx';

/**
 * What is in the backup: played from there, brought back, taken out.
 * @param props.stored  how many of this device's entries are there: when it changes, the list is read again
 */
export function RemoteList(props: { sync: SyncService; stored: number }): JSX.Element {
  const i18n = useI18n();
  const { t, size, date, clock, number } = i18n;
  const { service } = useProduct();
  const remote = createRemoteEntries(props.sync, service, i18n);
  // Reading makes the backup report itself anew: only another number is a change.
  const stored = createMemo(() => props.stored);
  createEffect(on(stored, () => void remote.read()));
  const missing = (): readonly RemoteEntry[] => (remote.entries() ?? []).filter(({ isHere }) => !isHere);
  const facts = (entry: RemoteEntry): string =>
    [t(`library.one.${entry.kind}`), ...(entry.seconds === null ? [] : [clock(entry.seconds)]), size(entry.bytes), date(entry.storedMs)].join(' · ');
  return (
    <section class="card account-card backup-contents">
      <div class="backup-contents-head">
        <h2>{t('backup.contents')}</h2>
        <Show when={remote.entries()}>{(known) => <span class="quiet number">{known().length === 1 ? t('library.countOne') : t('library.count', { count: number(known().length, 0) })}</span>}</Show>
        <span class="grow" />
        <Show when={missing().length > 1}>
          <button class="button" type="button" disabled={remote.isBusy()} onClick={() => void remote.download(missing())}>
            <Icon name="download" size={18} /> {t('backup.downloadAll')}
          </button>
        </Show>
        <button class="icon-button" type="button" aria-label={t('backup.again')} title={t('backup.again')} disabled={remote.isBusy()} onClick={() => void remote.read()}>
          <Icon name="reset" size={18} />
        </button>
      </div>
      <Show when={remote.failure()}>{(error) => <ErrorMessage error={error()} />}</Show>
      <Show when={remote.entries()} fallback={<p class="quiet">{t(remote.failure() ? 'backup.awayText' : 'backup.listing')}</p>}>
        {(known) => (
          <Show when={known().length > 0} fallback={<p class="quiet">{t('backup.empty')}</p>}>
            <ul class="backup-list" aria-label={t('backup.contents')}>
              <For each={known()}>
                {(entry) => {
                  const name = (): string => remote.nameOf(entry);
                  const isPlaying = (): boolean => remote.player.isPlaying(entry.id);
                  return (
                    <li class={`backup-entry entry-${entry.kind}`}>
                      <button
                        class="entry-play"
                        type="button"
                        disabled={!entry.canPlay && !entry.isHere}
                        title={entry.canPlay || entry.isHere ? undefined : t('backup.mustDownload')}
                        aria-label={t(isPlaying() ? 'library.pause' : 'library.play', { name: name() })}
                        onClick={() => remote.player.toggle(entry)}
                      >
                        <Icon name={isPlaying() ? 'pause' : 'play'} size={18} filled={!isPlaying()} />
                      </button>
                      <span class="backup-entry-text">
                        <span class="backup-entry-name ellipsis" title={name()}>
                          {name()}
                        </span>
                        <span class="small quiet ellipsis">{facts(entry)}</span>
                      </span>
                      <Show
                        when={!entry.isHere}
                        fallback={
                          <span class="backup-entry-state small quiet">
                            <Icon name="check" size={16} /> {t('backup.here')}
                          </span>
                        }
                      >
                        <button class="button" type="button" disabled={remote.isBusy()} aria-label={t('backup.downloadName', { name: name() })} onClick={() => void remote.download([entry])}>
                          <Icon name="download" size={18} /> {t('backup.download')}
                        </button>
                      </Show>
                      <button class="icon-button entry-delete" type="button" disabled={remote.isBusy()} aria-label={t('backup.removeName', { name: name() })} title={t('item.forget')} onClick={() => void remote.remove(entry)}>
                        <Icon name="trash" size={18} />
                      </button>
                      <Show when={remote.fetching()?.id === entry.id}>
                        <span class="backup-entry-wide">
                          <ProgressBar percent={100 * (remote.fetching()?.fraction ?? 0)} label={t('backup.downloading', { name: name() })} />
                        </span>
                      </Show>
                      <Show when={remote.player.error(entry.id)}>{(error) => <span class="backup-entry-wide"><ErrorMessage error={error()} /></span>}</Show>
                    </li>
                  );
                }}
              </For>
            </ul>
          </Show>
        )}
      </Show>
      <Show when={remote.use()}>{(use) => <p class="small quiet number">{t('backup.use', { used: size(use().usedBytes), quota: size(use().quotaBytes) })}</p>}</Show>
    </section>
  );
}
