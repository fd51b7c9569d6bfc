import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { movedBounds, SHORTEST_SECONDS } from '../../../web/state/take-review.ts';
import { readPeaks } from '../../../web/state/take-peaks.ts';

const WHOLE = { startSeconds: 0, endSeconds: 10 };

test('bounds stay within the take and apart from one another', () => {
  expect(movedBounds(WHOLE, 'start', -3, 10)).toEqual(WHOLE);
  expect(movedBounds(WHOLE, 'end', 30, 10)).toEqual(WHOLE);
  expect(movedBounds(WHOLE, 'start', 4, 10)).toEqual({ startSeconds: 4, endSeconds: 10 });
  expect(movedBounds({ startSeconds: 4, endSeconds: 6 }, 'start', 9, 10).startSeconds).toBeCloseTo(6 - SHORTEST_SECONDS);
  expect(movedBounds({ startSeconds: 4, endSeconds: 6 }, 'end', 1, 10).endSeconds).toBeCloseTo(4 + SHORTEST_SECONDS);
  expect(movedBounds({ startSeconds: 0, endSeconds: 0.2 }, 'start', 0.1, 0.2)).toEqual({ startSeconds: 0, endSeconds: 0.2 });
});

test('peaks hold the lowest and highest of both channels, and are told as they grow', async () => {
  const left = new Float32Array(1000);
  const right = new Float32Array(1000);
  left[5] = 0.75;
  right[995] = -0.5;
  let parts = 0;
  const { min, max } = await readPeaks(pcmFromArrays([left, right], 48_000), 200, new AbortController().signal, () => parts++);
  expect(max[1]).toBe(0.75);
  expect(min[199]).toBe(-0.5);
  expect([...max].filter(Boolean)).toHaveLength(1);
  expect(parts).toBe(3);
});

test('reading peaks ends when nobody looks any more', async () => {
  const looking = new AbortController();
  let read = 0;
  const pcm = { ...pcmFromArrays([new Float32Array(1000)], 48_000), read: async () => (read++, looking.abort(), [new Float32Array(10)]) };
  await readPeaks(pcm, 100, looking.signal, () => undefined);
  expect(read).toBe(1);
});
