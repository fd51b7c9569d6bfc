import { beforeAll, describe, expect, test } from 'vitest';
import { compileKernel, type Kernel } from '../../support/kernel.ts';
import { difference } from '../../support/samples.ts';
import { randomNumbers, sine, whiteNoise } from '../../support/signals.ts';
import { toneFit } from '../../support/tone-fit.ts';

const RATE = 44_100;
const MAX_FRAMES = 256;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await compileKernel('oversampler');
  kernel.call('prepareOversampler');
});

interface Trip {
  readonly high: Float32Array<ArrayBuffer>;
  readonly back: Float32Array<ArrayBuffer>;
}

/** Up and down again, in chunks of `chunkOf` frames, from silence. */
function trip(input: Float32Array, doublings: number, chunkOf: () => number): Trip {
  const state = kernel.free;
  const [low, high] = [state + 4096, state + 8192];
  kernel.f32(state, 1024).fill(0);
  const times = 2 ** doublings;
  const out = { high: new Float32Array(input.length * times), back: new Float32Array(input.length) };
  for (let at = 0; at < input.length; ) {
    const frames = Math.min(chunkOf(), MAX_FRAMES, input.length - at);
    kernel.f32(low, frames).set(input.subarray(at, at + frames));
    kernel.call('upsample', state, doublings, low, high, frames);
    out.high.set(kernel.f32(high, frames * times), at * times);
    kernel.call('downsample', state, doublings, high, low, frames);
    out.back.set(kernel.f32(low, frames), at);
    at += frames;
  }
  return out;
}

describe.each([1, 2])('%i doublings', (doublings) => {
  test('there and back is a delay of whole frames, within 0.002 dB up to 20 kHz', () => {
    const late = kernel.call('oversamplerLatency', doublings);
    for (const hz of [50, 1000, 10_000, 19_000, 20_000]) {
      const input = sine(6000, hz, RATE, 1);
      const { back } = trip(input, doublings, () => MAX_FRAMES);
      expect(difference(back.subarray(1000 + late), input.subarray(1000, 6000 - late)).largest).toBeLessThan(10 ** (0.002 / 20) - 1);
    }
  });

  test('images of a tone are under -96 dB of it at the higher rate', () => {
    for (const hz of [997, 7000, 19_500]) {
      const { high } = trip(sine(6000, hz, RATE), doublings, () => MAX_FRAMES);
      expect(toneFit(high.subarray(4000), hz, RATE * 2 ** doublings).restDb).toBeLessThan(-96);
    }
  });

  test('tones above the lower band are gone on the way down, under -96 dB', () => {
    const times = 2 ** doublings;
    for (const hz of [24_300, 30_000, 41_000]) {
      const [state, low, high] = [kernel.free, kernel.free + 4096, kernel.free + 8192];
      kernel.f32(state, 1024).fill(0);
      const input = sine(2048 * times, hz, RATE * times, 1);
      let loudest = 0;
      for (let at = 0; at < 2048; at += MAX_FRAMES) {
        kernel.f32(high, MAX_FRAMES * times).set(input.subarray(at * times, (at + MAX_FRAMES) * times));
        kernel.call('downsample', state, doublings, high, low, MAX_FRAMES);
        if (at >= 512) loudest = kernel.f32(low, MAX_FRAMES).reduce((peak, x) => Math.max(peak, Math.abs(x)), loudest);
      }
      expect(20 * Math.log10(loudest)).toBeLessThan(-96);
    }
  });

  test('any chunk length gives the same samples, bit for bit', () => {
    const input = whiteNoise(5000, 9);
    const whole = trip(input, doublings, () => MAX_FRAMES);
    const random = randomNumbers(4);
    for (const chunkOf of [() => 1, () => 97, () => 1 + Math.floor(random() * 256)]) {
      const cut = trip(input, doublings, chunkOf);
      expect(difference(whole.high, cut.high).first).toBe(-1);
      expect(difference(whole.back, cut.back).first).toBe(-1);
    }
  });
});
