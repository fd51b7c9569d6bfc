import { useNavigate } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { Show } from 'solid-js';
import { type I18n, useI18n } from '../../i18n/i18n.tsx';
import type { ItemState } from '../../jobs/sync/contract.ts';
import type { Backup } from '../../state/backup.tsx';
import { Icon } from '../icon.tsx';
import './entry-backup.css';

const textOf = (item: ItemState, { t, number }: I18n): string => (item.status === 'uploading' ? t('item.uploading', { percent: number(item.percent, 0) }) : t(`item.${item.status}`));

/** Where an entry stands, small: a sign and, where it moves or failed, words. */
export function EntryBackup(props: { item: ItemState }): JSX.Element {
  const i18n = useI18n();
  const text = (): string => textOf(props.item, i18n);
  return (
    <Show when={props.item.status !== 'here'}>
      <span class={`entry-backup backup-${props.item.status}`} role="img" aria-label={text()} title={text()}>
        <Icon name={props.item.status === 'failed' ? 'alert' : 'cloud'} size={16} />
        <Show when={props.item.status === 'uploading' && props.item}>{(moving) => <span class="number">{i18n.number(moving().percent, 0)}&nbsp;%</span>}</Show>
      </span>
    </Show>
  );
}

/** The same in words, with the reason where there is one. */
export function EntryBackupText(props: { item: ItemState }): JSX.Element {
  const i18n = useI18n();
  return (
    <>
      {textOf(props.item, i18n)}
      <Show when={props.item.status === 'failed' && props.item}>{(failed) => <span class="entry-backup-reason small">{i18n.error(failed().error)}</span>}</Show>
    </>
  );
}

/** What can be done about it. Without a vault the way leads to one. */
export function EntryBackupActions(props: { backup: Backup; entryId: string; onError: (thrown: unknown) => void }): JSX.Element {
  const { t } = useI18n();
  const navigate = useNavigate();
  const item = (): ItemState => props.backup.item(props.entryId);
  const attempt = (work: Promise<unknown>): void => void work.catch((thrown: unknown) => props.onError(thrown));
  const backUp = (): void => {
    attempt(props.backup.sync.choose([props.entryId], true));
    const { pause } = props.backup.state() ?? { pause: null };
    if (pause === 'no-vault' || pause === 'locked' || pause === 'signed-out') navigate('/backup');
  };
  const button = (text: 'item.backUp' | 'item.stop' | 'item.retry', go: () => void) => (
    <button class="button" type="button" onClick={go}>
      <Icon name={text === 'item.stop' ? 'close' : 'cloud'} size={18} /> {t(text)}
    </button>
  );
  return (
    <>
      <Show when={item().status === 'here'}>{button('item.backUp', backUp)}</Show>
      <Show when={item().status === 'failed'}>{button('item.retry', () => attempt(props.backup.sync.retry(props.entryId)))}</Show>
      <Show when={item().status === 'queued' || item().status === 'uploading'}>{button('item.stop', () => attempt(props.backup.sync.choose([props.entryId], false)))}</Show>
    </>
  );
}
