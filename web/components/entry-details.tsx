import { A, useNavigate } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createUniqueId, For, Show } from 'solid-js';
import { useI18n } from '../i18n/i18n.tsx';
import type { LibraryEntry } from '../jobs/library/contract.ts';
import { downloadEntry } from '../state/entry-download.ts';
import type { LibraryState } from '../state/library.ts';
import { studioAddress } from '../state/studio-address.ts';
import { useProduct } from '../state/product.tsx';
import { useBackup } from '../state/backup.tsx';
import { EntryBackupActions, EntryBackupText } from './backup/entry-backup.tsx';
import { Icon } from './icon.tsx';
import { ShareButton } from './share-button.tsx';
import { TagEditor } from './tag-editor.tsx';

/** What an entry is called, where it came from, what was made of it, and what can be done with it. */
export function EntryDetails(props: { entry: LibraryEntry; library: LibraryState; onDelete: (entry: LibraryEntry) => void; onError: (thrown: unknown) => void }): JSX.Element {
  const { t, number, date } = useI18n();
  const { service } = useProduct();
  const navigate = useNavigate();
  const backup = useBackup();
  const nameId = createUniqueId();
  const sources = (): LibraryEntry[] => [props.entry.resultId, props.entry.targetId, props.entry.referenceId].flatMap((id) => props.library.find(id) ?? []);
  const made = (): readonly LibraryEntry[] => props.library.madeOf(props.entry.id);
  const attempt = (work: Promise<unknown>): void => void work.catch((thrown: unknown) => props.onError(thrown));
  const isAudio = (): boolean => props.entry.kind !== 'preset' && props.entry.state === 'ready';
  const rate = (): string => `${number((props.entry.sampleRate ?? 0) / 1000, (props.entry.sampleRate ?? 0) % 1000 === 0 ? 0 : 1)} kHz`;
  const useAs = (role: 'reference' | 'target'): void => {
    if (role === 'reference') attempt(service.library.markReference(props.entry.id, true));
    navigate(studioAddress({ [role]: props.entry.id }));
  };
  const link = (entry: LibraryEntry) => (
    <li>
      <button class="entry-link" type="button" onClick={() => props.library.reveal(entry.id)}>
        <span class={`dot kind-${entry.kind}`} />
        {props.library.nameOf(entry)}
      </button>
    </li>
  );
  return (
    <div class="entry-details">
      <div class="entry-fields">
        <div class="entry-field">
          <label for={nameId}>{t('library.name')}</label>
          <input
            id={nameId}
            class="field"
            value={props.entry.name ?? ''}
            placeholder={props.library.nameOf(props.entry)}
            maxlength={200}
            onChange={(event) => attempt(service.library.rename(props.entry, event.currentTarget.value))}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.isComposing) event.currentTarget.blur();
            }}
          />
        </div>
        <div class="entry-field">
          <span class="entry-label">{t('library.tags')}</span>
          <TagEditor tags={props.entry.tags} onTags={(tags) => attempt(service.library.tag(props.entry.id, tags))} />
        </div>
      </div>
      <dl class="entry-facts">
        <div>
          <dt>{t('library.from')}</dt>
          <dd>{t(`origin.${props.entry.origin}`)}</dd>
        </div>
        <div>
          <dt>{t('library.added')}</dt>
          <dd class="number">{date(props.entry.addedMs, true)}</dd>
        </div>
        <Show when={backup?.isOffered() && isAudio()}>
          <div>
            <dt>{t('item.label')}</dt>
            <dd>
              <EntryBackupText item={backup!.item(props.entry.id)} />
            </dd>
          </div>
        </Show>
        <Show when={isAudio() && props.entry.sampleRate !== null}>
          <div>
            <dt>{t('library.format')}</dt>
            <dd class="number">
              {rate()}, {t(props.entry.channels === 1 ? 'drop.mono' : 'drop.stereo')}
            </dd>
          </div>
        </Show>
        <Show when={sources().length > 0}>
          <div class="wide">
            <dt>{t('library.madeFrom')}</dt>
            <dd>
              <ul class="entry-links">
                <For each={sources()}>{link}</For>
              </ul>
            </dd>
          </div>
        </Show>
        <Show when={props.entry.kind !== 'preset'}>
          <div class="wide">
            <dt>{t('library.madeOfIt')}</dt>
            <dd>
              <Show when={made().length > 0} fallback={<span class="quiet">{t('library.nothingMade')}</span>}>
                <ul class="entry-links">
                  <For each={made()}>{link}</For>
                </ul>
              </Show>
            </dd>
          </div>
        </Show>
      </dl>
      <div class="entry-actions">
        <Show when={props.entry.kind === 'result' && props.entry.jobId}>
          {(job) => (
            <A class="button primary" href={studioAddress({ job: job() })}>
              {t('library.openResult')}
            </A>
          )}
        </Show>
        <Show when={props.entry.kind === 'preset'}>
          <A class="button primary" href={studioAddress({ preset: props.entry.id })}>
            {t('library.applyPreset')}
          </A>
          <ShareButton presetId={props.entry.id} name={props.library.nameOf(props.entry)} />
        </Show>
        <Show when={isAudio() && props.entry.kind !== 'result'}>
          <button class="button" type="button" onClick={() => useAs('target')}>
            <span class="dot track-target" /> {t('library.useTarget')}
          </button>
          <button class="button" type="button" onClick={() => useAs('reference')}>
            <span class="dot track-reference" /> {t('library.useReference')}
          </button>
        </Show>
        <button class="button" type="button" disabled={props.entry.kind !== 'preset' && !isAudio()} onClick={() => attempt(downloadEntry(service, props.entry, props.library.nameOf(props.entry)))}>
          <Icon name="download" size={18} /> {t('library.download')}
        </button>
        <Show when={backup?.isOffered() && isAudio()}>
          <EntryBackupActions backup={backup!} entryId={props.entry.id} onError={props.onError} />
        </Show>
        <span class="grow" />
        <button class="button danger" type="button" onClick={() => props.onDelete(props.entry)}>
          <Icon name="trash" size={18} /> {t('library.delete')}
        </button>
      </div>
    </div>
  );
}
