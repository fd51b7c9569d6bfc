/** What holds of every measurement. */
import { expect, test } from 'vitest';
import { METERS, type MeterName } from '../../../shared/generated/abi.ts';
import { freshEngine } from '../../support/engine.ts';
import { musicLike, whiteNoise } from '../../support/signals.ts';

/** Everything a meter tells: what it drained, then how it finished. */
async function told(name: MeterName, sampleRate: number, left: Float32Array, right: Float32Array, chunk = 65_536): Promise<Float64Array> {
  const meter = (await freshEngine()).createMeter(name, sampleRate);
  const values: number[] = [];
  for (let from = 0; from < left.length; from += chunk) {
    const part = left.subarray(from, from + chunk);
    meter.process(part, left === right ? part : right.subarray(from, from + chunk), (drained) => values.push(...drained));
  }
  values.push(...meter.finish());
  return Float64Array.from(values);
}

/** Bit for bit, without printing long arrays. */
const sameBits = (a: Float64Array, b: Float64Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

test.each(METERS)('%s tells the same for any chunk length, bit for bit', async (name) => {
  const [left, right] = musicLike(2.3, 44_100, 4);
  const whole = await told(name, 44_100, left, right);
  expect(whole.length).toBeGreaterThan(0);
  for (const chunk of [997, 4096, 16_384, 1 << 20]) expect(sameBits(await told(name, 44_100, left, right, chunk), whole), `${chunk} frames`).toBe(true);
});

test.each(METERS)('%s measures mono as two equal channels', async (name) => {
  const [left] = musicLike(1.7, 48_000, 5);
  expect(sameBits(await told(name, 48_000, left, left), await told(name, 48_000, left, left.slice()))).toBe(true);
});

test.each(METERS.flatMap((name) => [8000, 11_025, 22_050, 44_100, 96_000, 192_000].map((rate) => [name, rate] as const)))(
  '%s tells numbers at %i Hz, whatever it hears',
  async (name, sampleRate) => {
    const frames = Math.round(1.3 * sampleRate);
    const impulse = new Float32Array(frames);
    impulse[frames >> 1] = 1;
    const square = Float32Array.from({ length: frames }, (_, i) => (Math.floor(i / 40) % 2 === 0 ? 1 : -1));
    for (const wave of [whiteNoise(frames, 3, 1), new Float32Array(frames), new Float32Array(frames).fill(0.7), impulse, square]) {
      const values = await told(name, sampleRate, wave, wave);
      expect(values.findIndex((value) => !Number.isFinite(value))).toBe(-1);
    }
  },
);
