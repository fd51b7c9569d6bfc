import { expect, test } from 'vitest';
import type { MeterReading } from '../../../web/audio/input/meter-messages.ts';
import { type Levels, nextLevels, NO_LEVELS, QUIETEST_DB } from '../../../web/state/input-meter.ts';

const reading = (peaks: readonly number[], change: Partial<MeterReading> = {}): MeterReading => ({
  contextFrame: 0, min: new Float32Array(4), max: new Float32Array(4), peaks, clippedFrames: 0, isDigitalSilence: false, momentaryLufs: null, ...change,
});

/** Readings of 40 ms each. */
function follow(readings: readonly MeterReading[]): Levels[] {
  const [holds, all]: [number[], Levels[]] = [[], []];
  let [levels, wasClipping] = [NO_LEVELS, false];
  readings.forEach((next, i) => {
    levels = nextLevels(levels, next, holds, i * 0.04, wasClipping);
    wasClipping = next.clippedFrames > 0;
    all.push(levels);
  });
  return all;
}

test('a level jumps to a peak and falls 20 dB in 1.7 s (IEC 60268-18)', () => {
  const levels = follow([reading([1]), ...Array.from({ length: 43 }, () => reading([0]))]);
  expect(levels[0]!.channels[0]!.levelDb).toBe(0);
  expect(levels[Math.round(1.7 / 0.04)]!.channels[0]!.levelDb).toBeCloseTo(-20, 0);
});

test('a peak is held for 1.5 s, then what is there now', () => {
  const levels = follow([reading([0.5]), ...Array.from({ length: 60 }, () => reading([0.01]))]);
  expect(levels[30]!.channels[0]!.holdDb).toBeCloseTo(-6, 1);
  expect(levels[45]!.channels[0]!.holdDb).toBeLessThan(-15);
});

test('the highest peak of all stays, channels are apart, nothing lies below the scale', () => {
  const last = follow([reading([0.25, 0]), reading([0.001, 0])]).at(-1)!;
  expect(last.highestDb).toBeCloseTo(-12, 1);
  expect(last.channels[1]).toEqual({ levelDb: QUIETEST_DB, holdDb: QUIETEST_DB });
});

test('one loud place is one clip, however long it lasts', () => {
  const hot = reading([1], { clippedFrames: 30 });
  expect(follow([hot, hot, reading([0.5]), hot]).at(-1)!.clips).toBe(2);
});

test('of silence no peak is known', () => {
  expect(follow([reading([0])]).at(-1)!.highestDb).toBeNull();
});
