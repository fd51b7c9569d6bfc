import { expect, test } from 'vitest';
import type { LibraryEntry } from '../../../web/jobs/library/contract.ts';
import { isKind, KIND_FILTERS, ORDERS, viewOf, type View } from '../../../web/state/library-view.ts';

const entry = (name: string, more: Partial<LibraryEntry> = {}): LibraryEntry => ({
  id: name, name, ending: '.wav', kind: 'recording', tags: [], addedMs: 0, origin: 'file', state: 'ready', isReference: false, seconds: 1, sampleRate: 48000, channels: 2,
  bytes: 1, integratedLufs: null, targetId: null, referenceId: null, resultId: null, jobId: null, ...more,
});
const ENTRIES = [
  entry('Take 10', { addedMs: 1, seconds: 30, bytes: 5 }),
  entry('take 9', { addedMs: 3, kind: 'take', seconds: 10, bytes: 50, tags: ['Küche', '声音'] }),
  entry('Café', { addedMs: 2, kind: 'result', seconds: 20, bytes: 500, isReference: true }),
  entry('Radio', { addedMs: 4, kind: 'preset', seconds: null, bytes: null }),
];
const shown = (view: Partial<View>, language = 'en') => viewOf(ENTRIES, { kind: 'all', text: '', order: 'newest', ...view }, ({ name }) => name ?? '', language).map(({ name }) => name);

test.each([
  ['newest', ['Radio', 'take 9', 'Café', 'Take 10']],
  ['name', ['Café', 'Radio', 'take 9', 'Take 10']],
  ['longest', ['Take 10', 'Café', 'take 9', 'Radio']],
  ['largest', ['Café', 'take 9', 'Take 10', 'Radio']],
] as const)('ordered by %s; numbers in names count as numbers, what has no length comes last', (order, expected) => {
  expect(shown({ order })).toEqual(expected);
  expect(ORDERS).toContain(order);
});

test.each([
  ['cafe', ['Café']],
  ['CAFÉ', ['Café']],
  ['kuche', ['take 9']],
  ['声', ['take 9']],
  ['9 take', ['take 9']],
  ['ｔａｋｅ', ['take 9', 'Take 10']],
  ['   ', ['Radio', 'take 9', 'Café', 'Take 10']],
  ['nothing such', []],
])('a search for %j finds %j: every word, whatever its case, accents or width', (text, expected) => {
  expect(shown({ text })).toEqual(expected);
});

test.each([
  ['all', 4], ['recordings', 1], ['takes', 1], ['references', 1], ['results', 1], ['presets', 1],
] as const)('of kind %s there are %d', (kind, count) => {
  expect(ENTRIES.filter((one) => isKind(one, kind))).toHaveLength(count);
  expect(KIND_FILTERS).toContain(kind);
});

test('entries are left in the order they came in', () => {
  const before = [...ENTRIES];
  shown({ order: 'name' });
  expect(ENTRIES).toEqual(before);
});
