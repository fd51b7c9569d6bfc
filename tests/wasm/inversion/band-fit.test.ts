import { expect, test } from 'vitest';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import { fitBands } from '../../../wasm/inversion/band-fit.ts';

const RATE = 48_000;
const hz = Array.from({ length: 54 }, (_, k) => 32 * 2 ** (k / 6));
const flat = hz.map(() => 1);

/** As between two records: a broad lift of the treble that ends at a cliff. */
const cliff = hz.map((f) => (f < 14_500 ? 17 / (1 + (9000 / f) ** 4) : 2));

const options = { maxBands: 8, types: ['peak', 'low_shelf', 'high_shelf'], freeOffset: true, enoughDb: 0.3, leastGain: 0.03, mostGainDb: 24 } as const;

/** RMS of what a response leaves of a curve, their means taken out, dB. */
function missDb(response: ArrayLike<number>, curve: readonly number[]): number {
  const rest = curve.map((db, k) => response[k]! - db);
  const mean = rest.reduce((sum, db) => sum + db, 0) / rest.length;
  return Math.sqrt(rest.reduce((sum, db) => sum + (db - mean) ** 2, 0) / rest.length);
}

const fitted = (restraintDb: number) => {
  const { bands } = fitBands(hz, cliff, flat, RATE, { ...options, restraintDb });
  const half = bands.map((band) => ({ ...band, gainDb: band.gainDb / 2 }));
  return {
    gainsDb: bands.reduce((sum, { gainDb }) => sum + Math.abs(gainDb), 0),
    missDb: missDb(equalizerResponseDb(bands, hz, RATE), cliff),
    missOfHalfDb: missDb(equalizerResponseDb(half, hz, RATE), cliff.map((db) => db / 2)),
  };
};

test('bands that fight each other are restrained: less gain in all, and half of it is nearer to half of the curve', () => {
  const [free, restrained] = [fitted(0.01), fitted(0.1)];
  expect(restrained.gainsDb).toBeLessThan(0.9 * free.gainsDb);
  expect(restrained.missOfHalfDb).toBeLessThan(0.6 * free.missOfHalfDb);
  expect(restrained.missDb).toBeLessThan(0.3);
});
