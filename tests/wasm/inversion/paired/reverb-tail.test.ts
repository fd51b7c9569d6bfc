import { expect, test } from 'vitest';
import { lookForTail, showsTail } from '../../../../wasm/inversion/paired/reverb-tail.ts';
import type { Stereo } from '../../../../wasm/inversion/paired/excerpts.ts';
import { freshEngine } from '../../../support/engine.ts';
import { musicLike } from '../../../support/signals.ts';

const RATE = 44_100;
const take = musicLike(14, RATE, 21) as Stereo;

/**
 * Schroeder's room (1962), not one of ours: parallel combs whose delays sway by a few frames, the wet sound `wetDb`
 * under the dry.
 */
function inSwayingRoom(x: Float32Array, wetDb: number, rt60Seconds: number, swayFrames: number, seed: number): Float32Array {
  const wet = new Float32Array(x.length);
  [1557, 1617, 1491, 1422, 1277, 1356].forEach((delay, c) => {
    const length = delay + 23 * seed;
    const keep = 10 ** ((-3 * length) / (rt60Seconds * RATE));
    const line = new Float32Array(x.length);
    for (let n = 0; n < x.length; n += 1) {
      const back = n - length - swayFrames * (1 + Math.sin((2 * Math.PI * (0.3 + 0.11 * c) * n) / RATE));
      const at = Math.floor(back);
      const t = back - at;
      const echo = at < 0 ? 0 : (1 - t) * line[at]! + t * line[at + 1]!;
      line[n] = x[n]! + keep * echo;
      wet[n]! += echo;
    }
  });
  const power = (row: Float32Array) => row.reduce((s, v) => s + v * v, 0);
  const gain = 10 ** (wetDb / 20) * Math.sqrt(power(x) / power(wet));
  return x.map((v, n) => v + gain * wet[n]!);
}

const looked = async (reference: Stereo) => lookForTail(await freshEngine(), [take], [reference], RATE);

test('a room 22 dB under the direct sound shows', async () => {
  expect(showsTail(await looked([inSwayingRoom(take[0], -22, 1.2, 0, 1), inSwayingRoom(take[1], -22, 1.2, 0, 2)]))).toBe(true);
});

test('a room whose delays sway by up to 2 frames shows', async () => {
  expect(showsTail(await looked([inSwayingRoom(take[0], -12, 1.2, 1, 1), inSwayingRoom(take[1], -12, 1.2, 1, 2)]))).toBe(true);
});

test('where the wave is bent and no room is added, no room shows', async () => {
  const bent = (x: Float32Array): Float32Array => x.map((v) => Math.tanh(3 * v) / 3);
  expect(showsTail(await looked([bent(take[0]), bent(take[1])]))).toBe(false);
});

test('where nothing was done, no room shows', async () => {
  expect(showsTail(await looked(take))).toBe(false);
});
