import { expect, test } from 'vitest';
import { allPages } from '../../../web/api/pages.ts';

test('a list is read to its end, each page from where the one before said', async () => {
  const pages = [{ names: ['a', 'b'], next_cursor: 'b' }, { names: ['c'], next_cursor: 'c' }, { names: ['d'], next_cursor: null }];
  const asked: unknown[] = [];
  const read = await allPages(async (from) => (asked.push(from), pages[asked.length - 1]!));
  expect(read.flatMap(({ names }) => names)).toEqual(['a', 'b', 'c', 'd']);
  expect(asked).toEqual([{}, { cursor: 'b' }, { cursor: 'c' }]);
});
