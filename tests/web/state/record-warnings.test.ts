import { expect, test } from 'vitest';
import { warningsOf, type RecordFacts } from '../../../web/state/record-warnings.ts';

const OFF = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const FINE: RecordFacts = {
  isSecure: true,
  canStayAwake: true,
  quotaBytes: 10e9,
  secondsLeft: 50_000,
  input: { sampleRate: 48_000, deviceLabel: 'Built-in Microphone', processing: OFF },
};
const codes = (change: Partial<RecordFacts>) => warningsOf({ ...FINE, ...change }).map(({ code }) => code);

test('where all is well nothing is said', () => {
  expect(codes({})).toEqual([]);
  expect(codes({ input: null, quotaBytes: null, secondsLeft: null })).toEqual([]);
});

test('a headset in its hands-free profile is named for what it is, another slow microphone for its rate', () => {
  expect(codes({ input: { sampleRate: 16_000, deviceLabel: 'AirPods Pro', processing: OFF } })).toEqual(['bluetooth']);
  expect(codes({ input: { sampleRate: 8000, deviceLabel: 'WH-1000XM4 (Bluetooth)', processing: OFF } })).toEqual(['bluetooth']);
  expect(codes({ input: { sampleRate: 16_000, deviceLabel: 'USB camera', processing: OFF } })).toEqual(['low-rate']);
  expect(codes({ input: { sampleRate: 48_000, deviceLabel: 'AirPods Pro', processing: OFF } })).toEqual([]);
});

test('little room is said with how long it lasts, and comes before everything else', () => {
  expect(warningsOf({ ...FINE, secondsLeft: 900, canStayAwake: false })).toEqual([{ code: 'low-space', seconds: 900 }, { code: 'no-wake-lock' }]);
});

test('processing that is on, a screen that sleeps and a private window are said', () => {
  expect(codes({ input: { ...FINE.input!, processing: { ...OFF, noiseSuppression: true } } })).toEqual(['processing']);
  expect(codes({ canStayAwake: false })).toEqual(['no-wake-lock']);
  expect(codes({ quotaBytes: 5 * 2 ** 30 })).toEqual(['private']);
});

test('on a page that is not secure that is all there is to say', () => {
  expect(codes({ isSecure: false, canStayAwake: false, secondsLeft: 1 })).toEqual(['insecure']);
});
