import { expect, test } from 'vitest';
import type { ExciterValues } from '../../../shared/params/exciter.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';
import { sine } from '../../support/signals.ts';
import { toneDb } from '../../support/spectrum.ts';

obeysTheLaws({
  effect: 'exciter',
  neutral: { fHz: 4000, driveDb: 12, even: 0.3, amount: 0 },
  neutralNullDb: -Infinity,
  working: {
    'as switched on': { fHz: 4000, driveDb: 12, even: 0.3, amount: 0.25 },
    'low and hard': { fHz: 20, driveDb: 36, even: 1, amount: 2 },
  },
  commutesWithSwap: true,
});

/** What the exciter adds to a sine of amplitude 0.5, settled, as levels re the sine. */
async function addedTo(hz: number, values: Omit<ExciterValues, 'amount'>, sampleRate = 48_000): Promise<(atHz: number) => number> {
  const chain = (await freshEngine()).createChain(sampleRate, [{ effect: 'exciter', values: { ...values, amount: 1 } }]);
  const input = sine(sampleRate, hz, sampleRate, 0.5);
  const out = input.slice();
  chain.process(out, input.slice());
  const late = chain.latencyFrames;
  const added = out.subarray(sampleRate / 2).map((x, i) => x - input[sampleRate / 2 + i - late]!);
  return (atHz) => toneDb(added, atHz, sampleRate) - toneDb(input, hz, sampleRate);
}

test.each([[12], [36]])('harmonics come without the tone itself: it changes by less than 0.1 dB at a drive of %i dB', async (driveDb) => {
  const level = await addedTo(1001.37, { fHz: 500, driveDb, even: 0.3 });
  expect(level(1001.37)).toBeLessThan(-38);
  expect(level(3 * 1001.37)).toBeGreaterThan(-20);
});

test('even 0 makes odd harmonics only; even 1 makes the second the strongest', async () => {
  const odd = await addedTo(1001.37, { fHz: 500, driveDb: 12, even: 0 });
  expect(odd(2 * 1001.37)).toBeLessThan(-120);
  expect(odd(3 * 1001.37)).toBeGreaterThan(-20);
  const even = await addedTo(1001.37, { fHz: 500, driveDb: 12, even: 1 });
  expect(even(2 * 1001.37)).toBeGreaterThan(even(3 * 1001.37) + 6);
});

test('a tone far under the band gets nothing', async () => {
  const level = await addedTo(100, { fHz: 4000, driveDb: 12, even: 0.3 });
  for (const k of [1, 2, 3, 5]) expect(level(100 * k)).toBeLessThan(-80);
});

/** The strongest tone where a harmonic beyond Nyquist would fold back to, under 18 kHz and away from true harmonics. */
function strongestAliasDb(level: (hz: number) => number, hz: number, sampleRate: number): number {
  const folded = Array.from({ length: 60 }, (_, i) => (i + 2) * hz)
    .filter((f) => f > sampleRate / 2)
    .map((f) => Math.abs(f - sampleRate * Math.round(f / sampleRate)))
    .filter((f) => f > 50 && f < 18_000 && Math.abs(f - hz * Math.round(f / hz)) > 40);
  return Math.max(...folded.map(level));
}

test.each([
  [44_100, 12, [1001.37, 5006.85]],
  [48_000, 12, [1001.37, 5006.85, 9012.33]],
  [48_000, 24, [1001.37, 5006.85]],
  [96_000, 12, [9012.33]],
  [96_000, 24, [5006.85]],
])('aliases stay under -80 dB at %i Hz and a drive of %i dB for tones of %j Hz', async (sampleRate, driveDb, tones) => {
  for (const hz of tones) {
    const level = await addedTo(hz, { fHz: 500, driveDb, even: 0.3 }, sampleRate);
    expect(strongestAliasDb(level, hz, sampleRate)).toBeLessThan(-80);
  }
});

test('the proportion of harmonics to the band holds from loud to quiet at a high drive', async () => {
  const engine = await freshEngine();
  const third = (amplitude: number) => {
    const chain = engine.createChain(48_000, [{ effect: 'exciter', values: { fHz: 500, driveDb: 36, even: 0, amount: 1 } }]);
    const out = sine(48_000, 1001.37, 48_000, amplitude);
    chain.process(out, out.slice());
    return toneDb(out.subarray(24_000), 3004.11, 48_000) - 20 * Math.log10(amplitude);
  };
  expect(Math.abs(third(0.8) - third(0.2))).toBeLessThan(1);
});
