/** What somebody sends who means no good, in the places of an honest request. */

/** They mean something to a database, a page, a shell, a path or a format string. */
export const HOSTILE_TEXTS = [
  "'; DROP TABLE users; --", '" OR ""="', "\\'; SELECT pg_sleep(9); --", '%_\\', '$1 {0} ${x} %s %n', '<script>alert(1)</script>', '../../etc/passwd', 'a\r\nSet-Cookie: eve=1',
  '\u202e\u0301\ufeff\u{1f4a9}', 'x'.repeat(100_000), '',
];
/** No text of Unicode that a database can hold: NUL, half a pair of surrogates. */
export const UNSTORABLE_TEXTS = ['a\0b', 'a\ud800b'];
export const HOSTILE_NUMBERS = [-1, 0, 1.5, 2 ** 31, 2 ** 53 - 1, 1e308, -1e308];
/** Of another form. */
export const HOSTILE_VALUES: readonly unknown[] = [null, true, 7, [], {}, [[]], { $ne: null }, { toString: 'x', constructor: {} }];

export type Place = readonly (string | number)[];

/** More of one list or style would be the same again. */
const MOST_LEAVES = 12;

/** Where an object has values that hold no others. */
export function leavesOf(value: unknown, at: Place = []): { readonly at: Place; readonly value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ at, value }];
  const inner = Object.entries(value).flatMap(([name, one]) => (Array.isArray(value) && Number(name) > 1 ? [] : leavesOf(one, [...at, Array.isArray(value) ? Number(name) : name])));
  return inner.slice(0, MOST_LEAVES);
}

/** A copy with another value there. */
export function altered<T>(whole: T, [first, ...rest]: Place, value: unknown): T {
  const copy = (Array.isArray(whole) ? [...whole] : { ...(whole as object) }) as Record<string | number, unknown>;
  copy[first!] = rest.length === 0 ? value : altered(copy[first!], rest, value);
  return copy as T;
}
