import { expect, test } from 'vitest';
import type { LimiterValues } from '../../../shared/params/limiter.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';
import { musicLike, pinkNoise, randomNumbers, sine, whiteNoise } from '../../support/signals.ts';
import { truePeakDb } from '../../support/true-peak.ts';

obeysTheLaws({
  effect: 'limiter',
  // The laws' material stays under full scale.
  neutral: { tpDb: 0, lookaheadMs: 3, releaseMs: 120 },
  neutralNullDb: -Infinity,
  working: {
    'hard at work': { tpDb: -12, lookaheadMs: 3, releaseMs: 120 },
    'short look-ahead': { tpDb: -9, lookaheadMs: 0.5, releaseMs: 1 },
    'long look-ahead': { tpDb: -6, lookaheadMs: 10, releaseMs: 2000 },
  },
  commutesWithSwap: true,
  ceilingDbtp: (values) => values.tpDb,
  latencyOf: [0.5, 1.7, 3, 10].map((lookaheadMs) => ({ tpDb: 0, lookaheadMs, releaseMs: 50 })),
});

/** The whole output, rung out, of both channels carrying the same signal. */
async function limited(input: Float32Array, values: LimiterValues, sampleRate: number): Promise<Float32Array> {
  const chain = (await freshEngine()).createChain(sampleRate, [{ effect: 'limiter', values }]);
  const left = new Float32Array(input.length + chain.latencyFrames + 100);
  left.set(input);
  chain.process(left, left.slice());
  return left;
}

function hostile(frames: number, sampleRate: number): Record<string, Float32Array> {
  const random = randomNumbers(1);
  const music = musicLike(frames / sampleRate, sampleRate, 3)[0];
  return {
    'white noise, +30 dB': whiteNoise(frames, 1, 31),
    'random full-scale signs': Float32Array.from({ length: frames }, () => (random() < 0.5 ? -4 : 4)),
    'rare large clicks': Float32Array.from({ length: frames }, () => (random() < 0.01 ? (random() - 0.5) * 20 : 0.1 * (random() - 0.5))),
    'a square of 997 Hz': sine(frames, 997, sampleRate, 1).map((x) => 3 * Math.sign(x)),
    'a sine at a quarter of the rate, between its samples': sine(frames, sampleRate / 4, sampleRate, 2, Math.PI / 4),
    'a sine beside a quarter of the rate': sine(frames, sampleRate / 4 + 3, sampleRate, 2),
    'a sine near Nyquist': sine(frames, sampleRate * 0.479, sampleRate, 3),
    'clipped music': music.map((x) => 2 * Math.max(-1, Math.min(1, x * 8))),
    'music, +30 dB': music.map((x) => x * 31),
    'pink noise': pinkNoise(frames, 3, 8),
    'bursts': Float32Array.from({ length: frames }, (_, i) => (Math.floor(i / 2000) % 2 ? 10 * Math.sin(i * 1.3) : 0)),
    'a sweep to Nyquist': Float32Array.from({ length: frames }, (_, i) => 3 * Math.sin((Math.PI * i * i) / (2 * frames))),
  };
}

const SETTINGS: readonly LimiterValues[] = [
  { tpDb: -1, lookaheadMs: 3, releaseMs: 120 },
  { tpDb: -1, lookaheadMs: 0.5, releaseMs: 1 },
  { tpDb: -14, lookaheadMs: 10, releaseMs: 2000 },
];

test.each([44_100, 48_000, 96_000])('no material passes the ceiling on a foreign 4x meter at %i Hz', async (sampleRate) => {
  const over: string[] = [];
  for (const values of SETTINGS) {
    for (const [name, input] of Object.entries(hostile(24_000, sampleRate))) {
      const excessDb = truePeakDb(await limited(input, values, sampleRate)) - values.tpDb;
      if (excessDb > 0) over.push(`${name}, look-ahead ${values.lookaheadMs} ms: +${excessDb.toFixed(3)} dB`);
    }
  }
  expect(over).toEqual([]);
});

test('loud music comes within 0.25 dB of the ceiling', async () => {
  const [left] = musicLike(2, 48_000, 5);
  const out = await limited(left.map((x) => x * 10), SETTINGS[0]!, 48_000);
  expect(truePeakDb(out)).toBeGreaterThan(-1.25);
});

test('what stays under the ceiling is only delayed, bit for bit, also after the limiter has worked and let go', async () => {
  const quiet = whiteNoise(480_000, 8, 0.3);
  quiet[2000] = 6;
  const chain = (await freshEngine()).createChain(48_000, [{ effect: 'limiter', values: { tpDb: -1, lookaheadMs: 3, releaseMs: 50 } }]);
  const out = quiet.slice();
  chain.process(out, quiet.slice());
  const late = chain.latencyFrames;
  const at = (from: number, to: number) => out.subarray(from + late, to + late).every((x, i) => x === quiet[from + i]);
  expect([at(0, 1500), at(2000, 2200), at(400_000, 470_000)]).toEqual([true, false, true]);
});

test('after a short peak the gain is back by 63 % within the release time, a little later for the slow part', async () => {
  const sampleRate = 48_000;
  const input = new Float32Array(96_000).fill(0.1);
  input.fill(1.2, 20_000, 20_010);
  const chain = (await freshEngine()).createChain(sampleRate, [{ effect: 'limiter', values: { tpDb: -6, lookaheadMs: 3, releaseMs: 100 } }]);
  const out = input.slice();
  chain.process(out, input.slice());
  const gain = (i: number) => out[i + chain.latencyFrames]! / 0.1;
  const lowest = Math.min(...Array.from({ length: 500 }, (_, k) => gain(20_011 + k)));
  let recovered = 20_011;
  while (1 - gain(recovered) > (1 - lowest) * Math.exp(-1)) recovered += 1;
  const ms = (recovered - 20_010) / 48;
  expect(ms).toBeGreaterThan(95);
  expect(ms).toBeLessThan(140);
});
