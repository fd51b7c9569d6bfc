import { expect, test } from 'vitest';
import { analogueResponseDb, equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { EqualizerBand, EqualizerValues } from '../../../shared/params/equalizer.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';
import { impulseResponse, levelAtDb, logSpaced } from '../../support/response.ts';
import { randomNumbers } from '../../support/signals.ts';

const band = (type: EqualizerBand['type'], fHz: number, q: number, gainDb: number): EqualizerBand => ({ type, fHz, q, gainDb });

const EIGHT: EqualizerValues = {
  bands: [
    band('high_pass', 30, 0.71, 0),
    band('low_shelf', 120, 0.8, 4),
    band('peak', 250, 1.2, -3),
    band('peak', 700, 3, 5),
    band('peak', 2500, 1, -2.5),
    band('peak', 6000, 0.6, 2),
    band('high_shelf', 9000, 0.7, -6),
    band('low_pass', 18000, 0.71, 0),
  ],
};

obeysTheLaws({
  effect: 'equalizer',
  neutral: { bands: [band('peak', 1000, 1, 0), band('high_shelf', 8000, 0.7, 0)] },
  neutralNullDb: -Infinity,
  working: {
    'eight bands': EIGHT,
    'three bands, one at rest': { bands: [band('peak', 60, 12, 24), band('low_shelf', 300, 1, 0), band('high_shelf', 5000, 0.5, 12)] },
  },
  commutesWithSwap: true,
});

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));

test.each([44_100, 48_000, 96_000])('the engine plays the response that the screen and the inverter compute, within 0.01 dB at %i Hz', async (sampleRate) => {
  const engine = await freshEngine();
  const random = randomNumbers(7);
  const types = ['peak', 'low_shelf', 'high_shelf', 'high_pass', 'low_pass'] as const;
  for (let round = 0; round < 25; round += 1) {
    const bands =
      round === 0
        ? EIGHT.bands
        : [band(types[round % 5]!, 60 * 350 ** random(), 0.2 * 30 ** random(), random() * 48 - 24), band('peak', 100 * 150 ** random(), 1, random() * 24 - 12)];
    const hz = logSpaced(30, sampleRate * 0.45, 12);
    const ir = impulseResponse(engine.createChain(sampleRate, [{ effect: 'equalizer', values: { bands } }]), 24_000);
    const expected = equalizerResponseDb(bands, hz, sampleRate);
    const measured = hz.map((f) => levelAtDb(ir, f, sampleRate));
    // Where the response is under -80 dB the f32 samples of the answer limit the measurement.
    const audible = hz.flatMap((_, i) => (expected[i]! > -80 ? [i] : []));
    expect(largest(audible.map((i) => measured[i]!), audible.map((i) => expected[i]!))).toBeLessThan(0.01);
  }
});

const upTo = (fraction: number, sampleRate: number) => logSpaced(20, (fraction * sampleRate) / 2, 200);

/** Largest distance from the analogue filter where that one is over -40 dB. */
function matchErrorDb(bands: EqualizerBand[], sampleRate: number): number {
  const hz = upTo(0.9, sampleRate);
  const wanted = analogueResponseDb(bands, hz);
  const made = equalizerResponseDb(bands, hz, sampleRate);
  return Math.max(...hz.map((_, i) => (wanted[i]! > -40 ? Math.abs(made[i]! - wanted[i]!) : 0)));
}

const FREQUENCIES = [20, 100, 1000, 3000, 6000, 9000];
const worst = (type: EqualizerBand['type'], qs: number[], gains: number[], frequencies = FREQUENCIES) =>
  Math.max(...qs.flatMap((q) => gains.flatMap((g) => frequencies.map((f) => matchErrorDb([band(type, f, q, g)], 44_100)))));

test('a peak up to 0.4 of Nyquist follows the analogue one up to 0.9 of Nyquist within 0.75 dB', () => {
  expect(worst('peak', [0.3, 0.7, 1.5, 4], [-12, -4, 4, 12])).toBeLessThan(0.75);
});

test('a shelf up to 0.4 of Nyquist follows the analogue one up to 0.9 of Nyquist within 0.4 dB', () => {
  expect(worst('low_shelf', [0.3, 0.7, 1], [-12, -4, 4, 12])).toBeLessThan(0.4);
  expect(worst('high_shelf', [0.3, 0.7, 1], [-12, -4, 4, 12])).toBeLessThan(0.4);
});

test('a Butterworth high pass follows the analogue one within 0.1 dB, a low pass within 1.2 dB', () => {
  expect(worst('high_pass', [Math.SQRT1_2], [0])).toBeLessThan(0.1);
  expect(worst('low_pass', [Math.SQRT1_2], [0])).toBeLessThan(1.2);
});

test('opposite gains cancel', () => {
  const hz = upTo(0.99, 48_000);
  for (const type of ['peak', 'low_shelf', 'high_shelf'] as const) {
    const sum = equalizerResponseDb([band(type, 9000, 0.8, 9), band(type, 9000, 0.8, -9)], hz, 48_000);
    expect(Math.max(...sum.map(Math.abs))).toBeLessThan(1e-9);
  }
});

test('every band of the box is a stable filter at every rate from 8 to 192 kHz', () => {
  const hz = [0, 100, 3999];
  for (const type of ['peak', 'low_shelf', 'high_shelf', 'high_pass', 'low_pass'] as const) {
    for (const sampleRate of [8000, 44_100, 192_000]) {
      for (const fHz of [10, 500, 3000, 12_000, 24_000]) {
        for (const q of [0.1, 0.7, 3, 12]) {
          for (const g of [-24, -1, 1, 24]) {
            const db = equalizerResponseDb([band(type, fHz, q, g)], hz, sampleRate);
            expect(db.every((x) => Number.isFinite(x) && x < 60)).toBe(true);
          }
        }
      }
    }
  }
});

test('the tail follows from the slowest band', async () => {
  const engine = await freshEngine();
  const tailMs = (bands: EqualizerBand[]) => engine.createChain(48_000, [{ effect: 'equalizer', values: { bands } }]).tailFrames / 48;
  expect(tailMs([band('peak', 1000, 1, 0)])).toBe(0);
  expect(tailMs([band('peak', 1000, 1, 6)])).toBeLessThan(10);
  expect(tailMs([band('peak', 1000, 1, 6), band('peak', 20, 12, 12)])).toBeGreaterThan(2000);
});
