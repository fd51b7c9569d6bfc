import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { foldPeaks } from '../../../web/jobs/peaks.ts';
import { measurePeaks, notingPeaks, PEAK_COLUMNS } from '../../../web/workers/peak-columns.ts';
import { whiteNoise } from '../../support/signals.ts';

const task = { signal: new AbortController().signal, onProgress: () => undefined };

test.each([100, 8191, 8192, 8193, 700_001])('%i frames: every column holds the least and the greatest of its frames, left and right', async (frames) => {
  const [left, right] = [whiteNoise(frames, 1), whiteNoise(frames, 2)];
  const { min, max } = await measurePeaks(pcmFromArrays([left, right], 48_000), task);
  const columns = Math.min(PEAK_COLUMNS, frames);
  const expected = Array.from({ length: columns }, () => [Infinity, -Infinity]);
  for (let i = 0; i < frames; i += 1) {
    const column = expected[Math.floor((i * columns) / frames)]!;
    column[0] = Math.min(column[0]!, left[i]!, right[i]!);
    column[1] = Math.max(column[1]!, left[i]!, right[i]!);
  }
  expect([min.length, max.length]).toEqual([columns, columns]);
  expect(expected.findIndex(([low, high], c) => low !== min[c] || high !== max[c])).toBe(-1);
});

test('what is noted while somebody reads is what reading for it alone finds, however it is cut', async () => {
  const pcm = pcmFromArrays([whiteNoise(100_003, 3), whiteNoise(100_003, 4).fill(Number.NaN, 500, 900)], 48_000);
  const noted = notingPeaks(pcm);
  for (let frame = 0; frame < pcm.frames; frame += 777) await noted.pcm.read(frame, 777);
  expect(noted.peaks()).toEqual(await measurePeaks(pcm, task));
});

test('folding to fewer columns keeps every peak, and to more repeats', () => {
  const peaks = { min: Float32Array.of(-1, -2, -3, -4), max: Float32Array.of(1, 2, 3, 4) };
  expect(foldPeaks(peaks, 2)).toEqual({ min: Float32Array.of(-2, -4), max: Float32Array.of(2, 4) });
  expect(foldPeaks(peaks, 1).max).toEqual(Float32Array.of(4));
  expect(foldPeaks(peaks, 8).max).toEqual(Float32Array.of(1, 1, 2, 2, 3, 3, 4, 4));
});
