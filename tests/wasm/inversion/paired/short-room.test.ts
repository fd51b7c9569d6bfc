import { expect, test } from 'vitest';
import type { Stereo } from '../../../../wasm/inversion/paired/excerpts.ts';
import { lookForShortRoom } from '../../../../wasm/inversion/paired/short-room.ts';
import { freshEngine } from '../../../support/engine.ts';
import { musicLike, randomNumbers } from '../../../support/signals.ts';

const RATE = 44_100;
const ECHOES = 200;
const take = musicLike(14, RATE, 21) as Stereo;

/** A plate of another make: velvet noise that decays (Karjalainen and Jarvelainen 2007), from a millisecond after the direct sound on. */
function onPlate(x: Float32Array, rt60Seconds: number, wetDb: number, seed: number): Float32Array {
  const random = randomNumbers(seed);
  const reach = rt60Seconds * RATE;
  const echoes = Array.from({ length: ECHOES }, (_, k) => {
    const frames = Math.round(0.001 * RATE + ((k + random()) / ECHOES) * reach);
    return { frames, gain: Math.sign(random() - 0.5) * 10 ** ((-3 * frames) / reach) };
  });
  const level = 10 ** (wetDb / 20) / Math.sqrt(echoes.reduce((sum, e) => sum + e.gain ** 2, 0));
  const y = x.slice();
  for (const { frames, gain } of echoes) for (let n = frames; n < y.length; n += 1) y[n]! += level * gain * x[n - frames]!;
  return y;
}

/** A peak of the cookbook's (R. Bristow-Johnson). */
function peaked(x: Float32Array, hz: number, q: number, gainDb: number): Float32Array {
  const w = (2 * Math.PI * hz) / RATE;
  const [root, alpha, c] = [10 ** (gainDb / 40), Math.sin(w) / (2 * q), -2 * Math.cos(w)];
  const a0 = 1 + alpha / root;
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return x.map((v) => {
    const y = ((1 + alpha * root) * v + c * x1 + (1 - alpha * root) * x2 - c * y1 - (1 - alpha / root) * y2) / a0;
    [x2, x1, y2, y1] = [x1, v, y1, y];
    return y;
  });
}

/** A leveller: what was loud a moment ago is turned down by half its excess over -20 dB. */
function levelled(x: Float32Array): Float32Array {
  let power = 0;
  return x.map((v) => {
    power += (v * v - power) / (0.03 * RATE);
    return v * Math.min(1, (0.01 / (power + 1e-9)) ** 0.25);
  });
}

const looked = async (made: (x: Float32Array, channel: number) => Float32Array) =>
  lookForShortRoom(await freshEngine(), [take], [[made(take[0], 0), made(take[1], 1)]], RATE);

test('a plate of 60 ms, 10 dB under the direct sound, shows, and its time is told within a quarter', async () => {
  const room = await looked((x) => onPlate(x, 0.06, -10, 3));
  expect(Math.abs(Math.log((room?.rt60Seconds ?? Infinity) / 0.06))).toBeLessThan(0.22);
});

test('a plate of 150 ms, 16 dB under the direct sound, shows behind an equalizer', async () => {
  const room = await looked((x) => peaked(onPlate(x, 0.15, -16, 5), 900, 2, 8));
  expect(Math.abs(Math.log((room?.rt60Seconds ?? Infinity) / 0.15))).toBeLessThan(0.22);
});

test.each([
  ['bands that ring', (x: Float32Array) => peaked(peaked(peaked(x, 450, 3, 9), 1100, 3, 9), 2600, 3, -9)],
  ['a bent wave', (x: Float32Array) => x.map((v) => Math.tanh(3 * v) / 3)],
  ['a leveller', levelled],
  ['noise', (x: Float32Array) => { const random = randomNumbers(9); return x.map((v) => v + 0.01 * (random() - 0.5)); }],
  ['nothing', (x: Float32Array) => x],
])('%s shows no short room', async (_, made) => {
  expect(await looked(made)).toBeNull();
});
