import type { JSX } from 'solid-js';
import { createEffect, createResource, createSignal, For, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { EntryRow } from '../components/entry-row.tsx';
import { ExportDialog } from '../components/export-dialog.tsx';
import { FallbackDialog } from '../components/fallback-dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { LibraryBar } from '../components/library-bar.tsx';
import { LibrarySafety } from '../components/library-safety.tsx';
import { ErrorMessage } from '../components/message.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import type { LibraryEntry } from '../jobs/library/contract.ts';
import { createAdding } from '../state/adding.ts';
import { createEntryPlayer } from '../state/entry-player.ts';
import { createLibraryState } from '../state/library.ts';
import { useProduct } from '../state/product.tsx';
import { createSight } from '../state/sight.ts';
import './library.css';

/** Everything there is, in one list. */
export function Library(props: { installed: boolean }): JSX.Element {
  const i18n = useI18n();
  const { t, number, size } = i18n;
  const { service } = useProduct();
  const library = createLibraryState(service.library, i18n);
  const player = createEntryPlayer(service);
  const adding = createAdding(service);
  const sight = createSight();
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isExporting, setExporting] = createSignal(false);
  const [nowMs, setNowMs] = createSignal(Date.now());
  const [use, { refetch: readUse }] = createResource(() => service.storageUse().catch(() => undefined));
  const [backup, { refetch: readBackup }] = createResource(() => service.library.lastBackup().catch(() => null));
  createEffect(on(() => library.entries.length, () => void readUse(), { defer: true }));

  const fail = (thrown: unknown): void => void setFailure(toAppError(thrown).toBody());
  const attempt = (work: Promise<unknown>): void => void work.catch(fail);
  let list: HTMLUListElement | undefined;
  const remove = (entry: LibraryEntry): void => {
    player.forget(entry.id);
    if (library.openId() === entry.id) library.setOpenId(null);
    // The button goes with its row; the keyboard goes on in the list.
    list?.focus({ preventScroll: true });
    attempt(service.library.bin([{ id: entry.id, kind: entry.kind, name: library.nameOf(entry) }]));
  };
  const importPreset = (file: File): void =>
    attempt(
      service.importPreset(file).then(async (style) => {
        const id = await service.library.savePreset({ name: file.name.replace(/(\.tonetwin)?\.json$/i, ''), style, from: null });
        library.reveal(id);
      }),
    );
  const takeFiles = (files: Iterable<File>): void => {
    for (const file of files) {
      if (/\.json$/i.test(file.name)) importPreset(file);
      else void adding.add(file);
    }
  };

  const [over, setOver] = createSignal(0);
  const enter = (event: DragEvent): void => {
    event.preventDefault();
    setOver((depth) => depth + 1);
  };
  const leave = (): void => void setOver((depth) => Math.max(0, depth - 1));
  const allow = (event: DragEvent): void => event.preventDefault();
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(0);
    takeFiles(event.dataTransfer?.files ?? []);
  };
  onMount(() => {
    document.title = `${t('library.title')} \u00b7 Tonetwin`;
    document.addEventListener('dragenter', enter);
    document.addEventListener('dragleave', leave);
    document.addEventListener('dragover', allow);
    document.addEventListener('drop', drop);
  });
  onCleanup(() => {
    document.removeEventListener('dragenter', enter);
    document.removeEventListener('dragleave', leave);
    document.removeEventListener('dragover', allow);
    document.removeEventListener('drop', drop);
  });
  /** The end of the list: when it comes near, more rows are made. */
  const follow = (end: HTMLElement): void => {
    const near = new IntersectionObserver(([where]) => where?.isIntersecting && library.more(), { rootMargin: '1200px 0px' });
    // Rows that were added may still leave the end in sight: looked at anew after each.
    createEffect(() => {
      library.shown();
      near.unobserve(end);
      near.observe(end);
    });
    onCleanup(() => near.disconnect());
  };
  const count = (): string => {
    const [found, all] = [library.view().length, library.entries.length];
    if (found !== all) return t('library.countOf', { count: number(found, 0), all: number(all, 0) });
    return all === 1 ? t('library.countOne') : t('library.count', { count: number(all, 0) });
  };

  return (
    <>
      <main id="tool" class="library" classList={{ over: over() > 0 }}>
        <div class="library-head">
          <h1>{t('library.title')}</h1>
          <span class="quiet number" role="status">
            {library.isKnown ? count() : ''}
          </span>
          <Show when={use.latest}>{(known) => <span class="library-use quiet number">{t('safety.used', { used: size(known().usedBytes), quota: size(known().quotaBytes) })}</span>}</Show>
          <span class="grow" />
          <span class="button file-button">
            <Icon name="sliders" size={18} /> <span aria-hidden="true">{t('library.importPreset')}</span>
            <input
              type="file"
              accept=".json,application/json"
              aria-label={t('library.importPreset')}
              onChange={(event) => {
                takeFiles(event.currentTarget.files ?? []);
                event.currentTarget.value = '';
              }}
            />
          </span>
          <span class="button primary file-button">
            <Icon name="plus" size={18} /> <span aria-hidden="true">{t('library.add')}</span>
            <input
              type="file"
              multiple
              accept="audio/*,video/*,.wav,.aif,.aiff,.flac,.mp3,.m4a,.ogg,.oga,.opus,.webm,.wma,.ac3,.amr,.caf"
              aria-label={t('library.add')}
              onChange={(event) => {
                takeFiles(event.currentTarget.files ?? []);
                event.currentTarget.value = '';
              }}
            />
          </span>
        </div>
        <LibrarySafety
          use={use.latest}
          installed={props.installed}
          backup={backup.latest}
          entries={library.entries}
          nowMs={nowMs()}
          onPersist={() => attempt(service.requestPersistence().then(readUse))}
          onExport={() => setExporting(true)}
        />
        <Show when={failure()}>{(error) => <ErrorMessage error={error()} onDismiss={() => setFailure(null)} />}</Show>
        <For each={adding.items()}>
          {(item) => (
            <Show when={item.error} fallback={<div class="card adding"><span class="ellipsis">{t('library.adding', { name: item.file.name })}</span><ProgressBar percent={100 * item.fraction} label={t('library.adding', { name: item.file.name })} /></div>}>
              {(error) => <ErrorMessage error={error()} onDismiss={() => adding.dismiss(item.file)} />}
            </Show>
          )}
        </For>
        <div class="card library-card">
          <LibraryBar library={library} />
          <Switch>
            <Match when={!library.isKnown}>
              <p class="library-note quiet">{t('library.reading')}</p>
            </Match>
            <Match when={library.entries.length === 0}>
              <div class="library-note">
                <Icon name="wave" size={40} />
                <p class="library-note-title">{t('library.empty')}</p>
                <p class="quiet">{t('library.emptyHint')}</p>
              </div>
            </Match>
            <Match when={library.view().length === 0}>
              <p class="library-note quiet">{t('library.none')}</p>
            </Match>
            <Match when={true}>
              <ul ref={list} class="library-list" tabindex={-1} aria-label={t('library.title')}>
                <For each={library.shown()}>{(entry) => <EntryRow entry={entry} library={library} player={player} sight={sight} onDelete={remove} onError={fail} />}</For>
              </ul>
              <div ref={follow} class="library-end" />
            </Match>
          </Switch>
        </div>
        <Show when={over() > 0}>
          <div class="library-drop" aria-hidden="true">
            {t('library.dropNow')}
          </div>
        </Show>
      </main>
      <ExportDialog
        open={isExporting()}
        library={library}
        onClose={() => setExporting(false)}
        onDone={() => {
          setNowMs(Date.now());
          void readBackup();
        }}
      />
      <FallbackDialog name={adding.question()?.name ?? null} onRefuse={() => adding.question()?.answer(false)} onAllow={() => adding.question()?.answer(true)} />
    </>
  );
}
