import { expect, test } from 'vitest';
import type { ReverbValues } from '../../../shared/params/reverb.ts';
import type { ImpulseResponse } from '../../../shared/style.ts';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { convolve } from '../../support/convolution.ts';
import { freshEngine } from '../../support/engine.ts';
import { nullDb } from '../../support/samples.ts';
import { sine, whiteNoise } from '../../support/signals.ts';
import { decayingNoise } from '../../support/styles.ts';

const MONO = '1'.repeat(64);
const STEREO = '2'.repeat(64);
const TRUE_STEREO = '4'.repeat(64);
const SYMMETRIC = '5'.repeat(64);
const SHORT = '6'.repeat(64);

const response = (seconds: number, seed: number): Float32Array<ArrayBuffer> => decayingNoise(seconds, 48_000, seed);
const [own, cross] = [response(0.31, 1), response(0.31, 2)];

const assets: Record<string, ImpulseResponse> = {
  [MONO]: { sampleRate: 48_000, channels: [response(0.7, 3)] },
  [STEREO]: { sampleRate: 48_000, channels: [response(0.3, 4), response(0.3, 5)] },
  [TRUE_STEREO]: { sampleRate: 48_000, channels: [6, 7, 8, 9].map((seed) => response(0.3, seed)) },
  [SYMMETRIC]: { sampleRate: 48_000, channels: [own, cross, cross, own] },
  [SHORT]: { sampleRate: 48_000, channels: [new Float32Array([0.5])] },
};

const values = (irKey: string | null, mix: number, preDelayMs: number): ReverbValues => ({ irKey, mix, preDelayMs, ringOutSeconds: 30 });

obeysTheLaws({
  effect: 'reverb',
  neutral: values(MONO, 0, 10),
  neutralNullDb: -Infinity,
  working: {
    'one channel': values(MONO, 0.4, 12.3),
    'true stereo, the same from both sides': values(SYMMETRIC, 0.8, 250),
    'one tap': values(SHORT, 0.5, 0),
    'no response': values(null, 0.5, 0),
  },
  commutesWithSwap: true,
  assets,
  latencyOf: [values(MONO, 0, 10), values(STEREO, 0.01, 0), values(SHORT, 0.2, 30), values(null, 1, 10)],
});

const FRAMES = 30_000;
const left = whiteNoise(FRAMES, 21, 0.3);
const right = whiteNoise(FRAMES, 22, 0.3);

/** The wet sound alone at mix 1, on time. */
async function wet(irKey: string, preDelayMs: number): Promise<[Float32Array, Float32Array]> {
  const chain = (await freshEngine()).createChain(48_000, [{ effect: 'reverb', values: values(irKey, 1, preDelayMs) }], assets);
  const late = chain.latencyFrames;
  const out = [left, right].map((channel) => {
    const padded = new Float32Array(FRAMES + late);
    padded.set(channel);
    return padded;
  }) as [Float32Array, Float32Array];
  chain.process(...out);
  return [out[0].subarray(late).map((x, i) => x - left[i]!), out[1].subarray(late).map((x, i) => x - right[i]!)];
}

const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x + b[i]!);

test('one response serves both sides, as the sum of products says, within -115 dBFS', async () => {
  const [l, r] = await wet(MONO, 0);
  const [h] = assets[MONO]!.channels;
  expect(nullDb(l, convolve(left, h!))).toBeLessThan(-115);
  expect(nullDb(r, convolve(right, h!))).toBeLessThan(-115);
});

test('two responses are left and right', async () => {
  const [l, r] = await wet(STEREO, 0);
  const [hl, hr] = assets[STEREO]!.channels;
  expect(nullDb(l, convolve(left, hl!))).toBeLessThan(-115);
  expect(nullDb(r, convolve(right, hr!))).toBeLessThan(-115);
});

test('four responses are left to left, left to right, right to left, right to right', async () => {
  const [l, r] = await wet(TRUE_STEREO, 0);
  const [ll, lr, rl, rr] = assets[TRUE_STEREO]!.channels;
  expect(nullDb(l, sum(convolve(left, ll!), convolve(right, rl!)))).toBeLessThan(-115);
  expect(nullDb(r, sum(convolve(left, lr!), convolve(right, rr!)))).toBeLessThan(-115);
});

test.each([0.02, 33.3, 250])('a pre-delay of %f ms is that many whole frames', async (preDelayMs) => {
  const frames = Math.round(preDelayMs * 48);
  const [l] = await wet(SHORT, preDelayMs);
  expect(nullDb(l.subarray(frames), left.subarray(0, FRAMES - frames).map((x) => x * 0.5))).toBeLessThan(-115);
  expect(nullDb(l.subarray(0, frames), new Float32Array(frames))).toBeLessThan(-140);
});

test('a response of another rate keeps its gain at every frequency', async () => {
  const engine = await freshEngine();
  const ir = { sampleRate: 44_100, channels: [new Float32Array(200)] };
  ir.channels[0]![100] = 0.8;
  for (const hz of [100, 1000, 10_000]) {
    const chain = engine.createChain(48_000, [{ effect: 'reverb', values: values(MONO, 1, 0) }], { [MONO]: ir });
    const dry = sine(24_000, hz, 48_000);
    const out = dry.slice();
    chain.process(out, dry.slice());
    const steady = out.subarray(12_000).map((x, i) => x - dry[12_000 + i - chain.latencyFrames]!);
    const power = steady.reduce((total, x) => total + x * x, 0) / steady.length;
    expect(10 * Math.log10(power / 0.125)).toBeCloseTo(20 * Math.log10(0.8), 2);
  }
});
