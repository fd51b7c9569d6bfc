/** A list of voices as it is searched and filtered; more of it as it is looked through. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import { listVoices } from '../../shared/api/voices.ts';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { Voice, Voices } from './voices.tsx';

export const SORTS = ['most_used', 'newest', 'name'] as const;

export interface WantedVoices {
  readonly search: string;
  /** Empty: any. */
  readonly language: string;
  readonly model: string;
  readonly tag: string;
  readonly sort: (typeof SORTS)[number];
}

interface Shown {
  readonly voices: readonly Voice[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** ms after the last key. */
const TYPED_MS = 220;
const NO_FILTERS: { languages: string[]; models: string[]; tags: string[] } = { languages: [], models: [], tags: [] };

export function createVoiceList(voices: Voices, scope: Accessor<'mine' | 'public' | 'all'>, limit = 24) {
  const [wanted, setWanted] = createSignal<WantedVoices>({ search: '', language: '', model: '', tag: '', sort: scope() === 'public' ? 'most_used' : 'newest' });
  const [shown, setShown] = createSignal<Shown | null>(null);
  const [filters, setFilters] = createSignal(NO_FILTERS);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  const [again, setAgain] = createSignal(0);
  let reading: AbortController | null = null;

  async function read(cursor: string | null): Promise<void> {
    reading?.abort();
    const mine = (reading = new AbortController());
    setBusy(true);
    try {
      const { search, sort, language, model, tag } = wanted();
      const found = await voices.api.call(listVoices, {
        query: { scope: scope(), search, sort, limit, ...(language ? { language } : {}), ...(model ? { model } : {}), ...(tag ? { tag } : {}), ...(cursor === null ? {} : { cursor }) },
        signal: mine.signal,
      });
      if (mine.signal.aborted) return;
      setFailure(null);
      setFilters(found.filters);
      setShown((before) => ({ voices: [...(cursor === null ? [] : (before?.voices ?? [])), ...found.voices], total: found.total, nextCursor: found.next_cursor }));
    } catch (thrown) {
      if (!mine.signal.aborted) setFailure(toAppError(thrown).toBody());
    } finally {
      if (!mine.signal.aborted) setBusy(false);
    }
  }
  onCleanup(() => reading?.abort());
  let typed: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(typed));
  createEffect(
    on([wanted, scope, voices.whose, again], ([now, where], before) => {
      if (before && before[1] !== where) setShown(null);
      clearTimeout(typed);
      const isTyped = before !== undefined && before[0].search !== now.search;
      typed = setTimeout(() => void read(null), isTyped ? TYPED_MS : 0);
    }),
  );
  return {
    wanted,
    want: (more: Partial<WantedVoices>) => setWanted((before) => ({ ...before, ...more })),
    /** Null until the first answer. */
    shown,
    filters,
    failure,
    isBusy,
    isFiltered: () => {
      const { search, language, model, tag } = wanted();
      return search.trim() + language + model + tag !== '';
    },
    clear: () => setWanted((before) => ({ ...before, search: '', language: '', model: '', tag: '' })),
    more: () => {
      const cursor = shown()?.nextCursor;
      if (cursor && !isBusy()) void read(cursor);
    },
    readAgain: () => setAgain((count) => count + 1),
  };
}

export type VoiceList = ReturnType<typeof createVoiceList>;
