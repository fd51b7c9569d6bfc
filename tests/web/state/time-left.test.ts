import { expect, test } from 'vitest';
import { secondsLeft } from '../../../web/state/time-left.ts';

test('a quarter done in 10 s leaves 30 s', () => {
  expect(secondsLeft({ percent: 25, startedMs: 1000 }, 11_000)).toBeCloseTo(30, 6);
});

test('there is no guess before the start, nor from almost nothing', () => {
  expect(secondsLeft({ percent: 25, startedMs: null }, 11_000)).toBeNull();
  expect(secondsLeft({ percent: 1, startedMs: 1000 }, 11_000)).toBeNull();
  expect(secondsLeft({ percent: 50, startedMs: 10_900 }, 11_000)).toBeNull();
});
