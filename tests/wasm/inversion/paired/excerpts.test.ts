import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../../shared/pcm.ts';
import { endOf } from '../../../../wasm/inversion/paired/excerpts.ts';

const silence = (seconds: number, rate: number) => pcmFromArrays([new Float32Array(seconds * rate)], rate);
const aligned = { paired: true, confidence: 1, delayFrames: 0, polarity: 1, driftPpm: 0, pitchSemitones: 0 } as const;

test('the end of a reference in seconds of the target takes delay, rate and drift into account', () => {
  const target = silence(4, 48_000);
  expect(endOf(silence(5, 48_000), target, aligned)).toBe(5);
  expect(endOf(silence(5, 44_100), target, aligned)).toBe(5);
  expect(endOf(silence(5, 44_100), target, { ...aligned, delayFrames: 24_000 })).toBe(4.5);
  expect(endOf(silence(5, 48_000), target, { ...aligned, delayFrames: -48_000, driftPpm: 100 })).toBeCloseTo(6 / 1.0001, 9);
});
