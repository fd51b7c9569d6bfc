import { expect, test } from 'vitest';
import { inferredDecays } from '../../../../wasm/inversion/paired/decay-inference.ts';
import { type BandDecay, energyDecays, middleRt60 } from '../../../../wasm/inversion/paired/energy-decay.ts';
import { filtered } from '../../../../wasm/inversion/paired/linear-part.ts';
import { freshEngine } from '../../../support/engine.ts';
import { musicLike, whiteNoise } from '../../../support/signals.ts';

const RATE = 11_025;
const OCTAVES_HZ = [250, 500, 1000, 2000];
const engine = await freshEngine();
const dry = musicLike(10, RATE, 5);

/** Polack's room (1988): decaying noise, from 20 ms on. */
const room = (rt60Seconds: number, seed: number): Float32Array =>
  whiteNoise(Math.round(1.2 * rt60Seconds * RATE), seed).map((x, n) => (n < 0.02 * RATE ? 0 : 0.02 * x * 10 ** ((-3 * n) / (rt60Seconds * RATE))));
const inRoom = (rt60Seconds: number) => dry.map((x, c) => filtered(engine, x, room(rt60Seconds, 11 + c), 0)) as [Float32Array, Float32Array];

const wet = inRoom(0.5);
const powers = energyDecays(engine, [dry], [wet], RATE, OCTAVES_HZ);
const inferred = (decays: readonly BandDecay[], left = wet) => inferredDecays(engine, [dry], [left], decays, 2, RATE);
const allOf = (rt60Seconds: number): BandDecay[] => powers.map((d) => ({ ...d, rt60Seconds }));

test('in a room of 0.5 s decays half as long again come half way to it', async () => {
  expect(Math.abs(middleRt60(await inferred(allOf(0.75)))! / Math.sqrt(0.5 * 0.75) - 1)).toBeLessThan(0.1);
});

test('in a room of 0.5 s decays a third too short come half way to it', async () => {
  expect(Math.abs(middleRt60(await inferred(allOf(0.33)))! / Math.sqrt(0.5 * 0.33) - 1)).toBeLessThan(0.1);
});

test('a room of 0.3 s that powers read too short is read nearer by a tenth or more', async () => {
  const short = inRoom(0.3);
  const found = energyDecays(engine, [dry], [short], RATE, OCTAVES_HZ);
  const off = (decays: readonly BandDecay[]) => decays.reduce((sum, d) => sum + Math.abs(Math.log(d.rt60Seconds / 0.3)), 0);
  expect(off(await inferred(found, short))).toBeLessThan(0.9 * off(found));
});

/** Schroeder's room (1962): parallel combs whose delays sway by up to `swayFrames`. */
function swaying(x: Float32Array, rt60Seconds: number, swayFrames: number): Float32Array {
  const wet = new Float32Array(x.length);
  [389, 404, 373, 356, 319, 339].forEach((length, c) => {
    const keep = 10 ** ((-3 * length) / (rt60Seconds * RATE));
    const line = new Float32Array(x.length);
    for (let n = 0; n < x.length; n += 1) {
      const back = n - length - swayFrames * (1 + Math.sin((2 * Math.PI * (0.3 + 0.11 * c) * n) / RATE));
      const at = Math.floor(back);
      const echo = at < 0 ? 0 : (1 - back + at) * line[at]! + (back - at) * line[at + 1]!;
      line[n] = x[n]! + keep * echo;
      wet[n]! += 0.1 * echo;
    }
  });
  return wet;
}

test('where delays sway, what coheres falls faster than the room: decays stay as powers tell them', async () => {
  const changed = async (frames: number): Promise<boolean> => {
    const left = dry.map((x) => swaying(x, 0.9, frames)) as [Float32Array, Float32Array];
    const decays = energyDecays(engine, [dry], [left], RATE, OCTAVES_HZ);
    return (await inferred(decays, left)).some((d, b) => d.rt60Seconds !== decays[b]!.rt60Seconds);
  };
  expect(await changed(2)).toBe(false);
  expect(await changed(0)).toBe(true);
});

test('octaves that music hardly fills stay as powers tell them', async () => {
  const low = { ...powers[0]!, hz: 125, rt60Seconds: 0.8 };
  expect((await inferred([low, ...powers]))[0]).toEqual(low);
});
