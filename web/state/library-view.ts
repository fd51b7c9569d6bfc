/** Which entries of the library are shown, and in which order. */
import type { LibraryEntry } from '../jobs/library/contract.ts';

export const KIND_FILTERS = ['all', 'recordings', 'takes', 'references', 'results', 'presets'] as const;
export type KindFilter = (typeof KIND_FILTERS)[number];

export const ORDERS = ['newest', 'name', 'longest', 'largest'] as const;
export type Order = (typeof ORDERS)[number];

export interface View {
  readonly kind: KindFilter;
  readonly text: string;
  readonly order: Order;
}

export function isKind({ kind, isReference }: Pick<LibraryEntry, 'kind' | 'isReference'>, filter: KindFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'recordings':
      return kind === 'recording';
    case 'takes':
      return kind === 'take';
    case 'references':
      return isReference;
    case 'results':
      return kind === 'result';
    case 'presets':
      return kind === 'preset';
    default:
      return filter satisfies never;
  }
}

/** Letters alone: case, accents and width of the characters make no difference to a search. */
export const plainText = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Every word asked for is somewhere in the name or a tag. */
export function hasText(entry: Pick<LibraryEntry, 'tags'>, name: string, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const all = plainText([name, ...entry.tags].join('\n'));
  return words.every((word) => all.includes(word));
}

export const wordsOf = (text: string): string[] => plainText(text).split(/\s+/).filter(Boolean);

/**
 * @param nameOf what an entry is called on screen
 * @param language of the reader, for the order of names
 */
export function viewOf(entries: readonly LibraryEntry[], { kind, text, order }: View, nameOf: (entry: LibraryEntry) => string, language: string): LibraryEntry[] {
  const words = wordsOf(text);
  const found = entries.filter((entry) => isKind(entry, kind) && hasText(entry, nameOf(entry), words));
  const collator = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  const newest = (a: LibraryEntry, b: LibraryEntry): number => b.addedMs - a.addedMs;
  switch (order) {
    case 'newest':
      return found.sort(newest);
    case 'name':
      return found.map((entry) => ({ entry, name: nameOf(entry) })).sort((a, b) => collator.compare(a.name, b.name) || newest(a.entry, b.entry)).map(({ entry }) => entry);
    case 'longest':
      return found.sort((a, b) => (b.seconds ?? -1) - (a.seconds ?? -1) || newest(a, b));
    case 'largest':
      return found.sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || newest(a, b));
    default:
      return order satisfies never;
  }
}
