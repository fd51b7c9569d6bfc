import { expect, test } from 'vitest';
import { newId } from '../../server/ids.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test('an id is a UUID of version 7 that begins with its time (RFC 9562)', () => {
  const id = newId(NOW);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(NOW);
});

test('a later one sorts behind an earlier one, and no two are the same', () => {
  expect([newId(NOW + 1), newId(NOW)].sort()[0]!.startsWith(newId(NOW).slice(0, 13))).toBe(true);
  expect(new Set(Array.from({ length: 10_000 }, () => newId(NOW))).size).toBe(10_000);
});

test('those of one millisecond sort as they were made', () => {
  const made = Array.from({ length: 1000 }, () => (newId(NOW + 3), newId(NOW + 2)));
  expect(made.toSorted()).toEqual(made);
});
