import { expect, test } from 'vitest';
import { backingOffsetFrames } from '../../../web/audio/input/backing.ts';
import { roundTripOf } from '../../../web/audio/input/round-trip.ts';
import { createRoundTrips, MOST_MS } from '../../../web/state/round-trips.ts';


function storage(text: string | null = null) {
  let held = text;
  return { getItem: () => held, setItem: (_: string, value: string) => void (held = value) };
}

const MICROPHONE = { deviceLabel: 'Interface', sampleRate: 48_000 };

test('a round trip is kept for its microphone and rate, and is there again after a reload', () => {
  const store = storage();
  const before = createRoundTrips(store);
  before.set(MICROPHONE, { latencyMs: 12.5, how: 'measured' });
  const after = createRoundTrips(store);
  expect(after.of(MICROPHONE)).toEqual({ latencyMs: 12.5, how: 'measured' });
  expect(after.of({ ...MICROPHONE, sampleRate: 44_100 })).toBeNull();
  expect(after.of({ ...MICROPHONE, deviceLabel: 'Other' })).toBeNull();
  expect(after.of(null)).toBeNull();
});

test('what was typed wrongly is brought into its range, what is stored wrongly is forgotten', () => {
  const trips = createRoundTrips(storage('{nonsense'));
  expect(trips.of(MICROPHONE)).toBeNull();
  trips.set(MICROPHONE, { latencyMs: 1e9, how: 'manual' });
  expect(trips.of(MICROPHONE)!.latencyMs).toBe(MOST_MS);
});

const heard = (delayFrames: number) => ({ delayFrames, clarityDb: 60 });
const missed = { delayFrames: 7, clarityDb: 12 };

test('several probes give their median, and how far they lie apart', () => {
  const trip = roundTripOf([heard(480), heard(481), heard(482), missed], 48_000);
  expect(trip.status).toBe('measured');
  if (trip.status !== 'measured') return;
  expect(trip.latencyMs).toBeCloseTo(10.02, 2);
  expect(trip.spreadMs).toBeCloseTo(0.042, 3);
});

test('half of them unheard is not heard, a jump between them is unsteady', () => {
  expect(roundTripOf([heard(480), heard(480), missed, missed], 48_000)).toEqual({ status: 'not-heard' });
  expect(roundTripOf([heard(480), heard(480), heard(960), heard(960)], 48_000)).toEqual({ status: 'unsteady', spreadMs: 10 });
});

test('a backing belongs a round trip after it was sent to the output, and its start lies before by what was skipped', () => {
  expect(backingOffsetFrames({ startContextFrame: 10_000, fromFrame: 0 }, 9000, 20, 48_000)).toBe(1960);
  expect(backingOffsetFrames({ startContextFrame: 10_000, fromFrame: 48_000 }, 9000, 20, 48_000)).toBe(1960 - 48_000);
});
