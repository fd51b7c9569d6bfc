import { expect, test } from 'vitest';
import type { MatchFirValues } from '../../../shared/params/match-fir.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { convolve } from '../../support/convolution.ts';
import { freshEngine } from '../../support/engine.ts';
import { levelAtDb } from '../../support/response.ts';
import { difference, nullDb } from '../../support/samples.ts';
import { randomNumbers, whiteNoise } from '../../support/signals.ts';

/** A symmetric filter: an impulse in the middle and seeded neighbours that fall off. */
function linearPhase(taps: number, seed: number): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  const centre = (taps - 1) / 2;
  const filter = new Float32Array(taps);
  filter[centre] = 1;
  for (let k = 1; k <= centre; k += 1) filter[centre + k] = filter[centre - k] = (random() - 0.5) * 0.6 * Math.exp((-8 * k) / taps);
  return filter;
}

const MID_SIDE = '1'.repeat(64);
const ONE = '2'.repeat(64);
const LONG = '3'.repeat(64);
const assets = {
  [MID_SIDE]: { sampleRate: 48_000, channels: [linearPhase(1023, 1), linearPhase(1023, 2)] },
  [ONE]: { sampleRate: 48_000, channels: [linearPhase(65, 3)] },
  [LONG]: { sampleRate: 48_000, channels: [linearPhase(8191, 4), linearPhase(8191, 5)] },
};

const values = (irKey: string | null, amount: number): MatchFirValues => ({ irKey, amount });

obeysTheLaws({
  effect: 'match-fir',
  neutral: values(MID_SIDE, 0),
  neutralNullDb: -Infinity,
  working: {
    'mid and side': values(MID_SIDE, 1),
    'one filter for both, by half': values(ONE, 0.5),
    'a long filter': values(LONG, 0.8),
    'no filter': values(null, 1),
  },
  commutesWithSwap: true,
  assets,
  notFaults: {
    // Half of a linear-phase filter comes before the sound. What is fitted is smooth and short; these are random taps.
    'pre-echo': { 'mid and side': 'random taps ring before an onset', 'a long filter': 'random taps ring before an onset' },
  },
  latencyOf: [values(MID_SIDE, 0), values(ONE, 1), values(LONG, 0.5), values(null, 1)],
});

async function filtered(left: Float32Array, right: Float32Array, set: MatchFirValues): Promise<[Float32Array, Float32Array]> {
  const chain = (await freshEngine()).createChain(48_000, [{ effect: 'match-fir', values: set }], assets);
  const late = chain.latencyFrames;
  const out = [left, right].map((channel) => {
    const padded = new Float32Array(left.length + late);
    padded.set(channel);
    return padded;
  }) as [Float32Array, Float32Array];
  chain.process(...out);
  return [out[0].subarray(late), out[1].subarray(late)];
}

const mid = (left: Float32Array, right: Float32Array): Float32Array => left.map((x, i) => (x + right[i]!) / 2);
const side = (left: Float32Array, right: Float32Array): Float32Array => left.map((x, i) => (x - right[i]!) / 2);

test.each([1, 0.5])('mid and side pass their own filters, blended by amount %f, within -115 dBFS', async (amount) => {
  const frames = 8000;
  const [left, right] = [whiteNoise(frames, 31, 0.4), whiteNoise(frames, 32, 0.4)];
  const [l, r] = await filtered(left, right, values(MID_SIDE, amount));
  const [forMid, forSide] = assets[MID_SIDE]!.channels;
  const expected = (x: Float32Array, h: Float32Array): Float32Array => {
    const padded = new Float32Array(frames + 511);
    padded.set(x);
    return convolve(padded, h).subarray(511).map((y, i) => amount * y + (1 - amount) * x[i]!);
  };
  expect(nullDb(mid(l, r), expected(mid(left, right), forMid!))).toBeLessThan(-115);
  expect(nullDb(side(l, r), expected(side(left, right), forSide!))).toBeLessThan(-115);
});

test('a filter of another rate stays symmetric, and keeps its response within 0.01 dB up to 18 kHz', async () => {
  const engine = await freshEngine();
  // Made of cosines of the frequency, as a smooth match is.
  const taps = new Float32Array(129);
  taps[64] = 1;
  for (let k = 1; k <= 12; k += 1) taps[64 + k] = taps[64 - k] = 0.3 * Math.cos(k) * Math.exp(-k / 4);
  for (const [from, to] of [[44_100, 48_000], [48_000, 44_100], [44_100, 96_000]] as const) {
    const chain = engine.createChain(to, [{ effect: 'match-fir', values: values(ONE, 1) }], { [ONE]: { sampleRate: from, channels: [taps] } });
    const late = chain.latencyFrames;
    const left = new Float32Array(late * 2);
    left[0] = 1;
    const right = left.slice();
    chain.process(left, right);
    const backwards = left.slice(1).reverse();
    expect(difference(left.subarray(late - 300, late + 300), backwards.subarray(late - 301, late + 299)).largest).toBeLessThan(1e-6);
    for (const hz of [100, 1000, 5000, 12_000, 18_000]) {
      const heard = levelAtDb(left, hz, to);
      expect(Math.abs(heard - levelAtDb(taps, hz, from))).toBeLessThan(0.01);
    }
  }
});
