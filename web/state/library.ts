/** The library as its page sees it: the entries, live, how they are called, and which of them are shown. */
import { createMemo, createSignal, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { I18n } from '../i18n/i18n.tsx';
import type { LibraryEntry, LibraryService } from '../jobs/library/contract.ts';
import { KIND_FILTERS, type KindFilter, isKind, type Order, viewOf } from './library-view.ts';

/** So many rows are added as the end of the list comes near. */
const ROWS_STEP = 30;

export function createLibraryState(service: LibraryService, { t, language }: Pick<I18n, 't' | 'language'>) {
  const [held, setHeld] = createStore<{ entries: LibraryEntry[]; isKnown: boolean }>({ entries: [], isKnown: false });
  onCleanup(
    service.watch((entries) => {
      // The store merges into what it holds; the service's own objects stay as they are.
      setHeld('entries', reconcile(structuredClone([...entries]), { key: 'id' }));
      setHeld('isKnown', true);
    }),
  );
  const byId = createMemo(() => new Map(held.entries.map((entry) => [entry.id, entry])));
  const find = (id: string | null): LibraryEntry | undefined => (id === null ? undefined : byId().get(id));
  /** What an entry is called: by the person, or by what it was made from. */
  const nameOf = (entry: LibraryEntry): string => {
    if (entry.name !== null) return entry.name || t('library.unnamed');
    const part = (id: string | null): string => {
      const from = find(id);
      return from?.name ?? t('job.unknownName');
    };
    return entry.referenceId === null ? t('job.preset', { target: part(entry.targetId) }) : t('job.pair', { target: part(entry.targetId), reference: part(entry.referenceId) });
  };
  /** The other way round: what was made from an entry. */
  const made = createMemo(() => {
    const found = new Map<string, LibraryEntry[]>();
    for (const entry of held.entries) {
      const sources = new Set(entry.kind === 'preset' ? [entry.resultId] : [entry.targetId, entry.referenceId]);
      for (const id of sources) if (id !== null) found.set(id, [...(found.get(id) ?? []), entry]);
    }
    return found;
  });

  const [kind, setKind] = createSignal<KindFilter>('all');
  const [text, setText] = createSignal('');
  const [order, setOrder] = createSignal<Order>('newest');
  const [rows, setRows] = createSignal(ROWS_STEP);
  const [openId, setOpenId] = createSignal<string | null>(null);
  const view = createMemo(() => viewOf(held.entries, { kind: kind(), text: text(), order: order() }, nameOf, language()));
  const counts = createMemo(() => Object.fromEntries(KIND_FILTERS.map((filter) => [filter, held.entries.filter((entry) => isKind(entry, filter)).length])) as Record<KindFilter, number>);
  const restart = (): void => void setRows(ROWS_STEP);

  return {
    get entries() {
      return held.entries;
    },
    get isKnown() {
      return held.isKnown;
    },
    find,
    nameOf,
    madeOf: (id: string): readonly LibraryEntry[] => made().get(id) ?? [],
    counts,
    view,
    /** The part of the view that is on the page: more of it as its end comes near. */
    shown: () => view().slice(0, rows()),
    hasMore: () => rows() < view().length,
    more: () => setRows((now) => now + ROWS_STEP),
    kind,
    setKind(wanted: KindFilter) {
      setKind(wanted);
      restart();
    },
    text,
    setText(wanted: string) {
      setText(wanted);
      restart();
    },
    order,
    setOrder(wanted: Order) {
      setOrder(wanted);
      restart();
    },
    openId,
    setOpenId,
    /** Opens an entry wherever it stands; what hides it is put aside. */
    reveal(id: string) {
      const isThere = (): number => view().findIndex((entry) => entry.id === id);
      if (isThere() < 0) {
        setKind('all');
        setText('');
      }
      if (isThere() < 0) return;
      setRows((now) => Math.max(now, isThere() + 1));
      setOpenId(id);
    },
  };
}

export type LibraryState = ReturnType<typeof createLibraryState>;
