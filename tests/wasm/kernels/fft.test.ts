import { describe, expect, test } from 'vitest';
import { RealFft } from '../../../wasm/host/fft.ts';
import { freshEngine } from '../../support/engine.ts';
import { difference } from '../../support/samples.ts';
import { whiteNoise } from '../../support/signals.ts';

const SIZES = [32, 64, 128, 256, 512, 1024, 2048, 8192, 65_536, 131_072];

/** One bin of the DFT in double precision. */
function bin(samples: Float32Array, k: number): [number, number] {
  let [re, im] = [0, 0];
  for (let i = 0; i < samples.length; i += 1) {
    const angle = (-2 * Math.PI * ((k * i) % samples.length)) / samples.length;
    re += samples[i]! * Math.cos(angle);
    im += samples[i]! * Math.sin(angle);
  }
  return [re, im];
}

describe.each(SIZES)('a real FFT of %i points', (size) => {
  test('agrees with the DFT within -130 dB of the spectrum', async () => {
    const fft = new RealFft(await freshEngine(), size);
    const input = whiteNoise(size, size);
    const re = new Float32Array(size / 2 + 1);
    const im = new Float32Array(size / 2 + 1);
    fft.forward(input, re, im);
    const bins = size <= 2048 ? Array.from({ length: size / 2 + 1 }, (_, k) => k) : [0, 1, 2, 3, 5, 77, size / 4, size / 2 - 3, size / 2 - 1, size / 2];
    let [error, power] = [0, 0];
    for (const k of bins) {
      const [r, i] = bin(input, k);
      error += (re[k]! - r) ** 2 + (im[k]! - i) ** 2;
      power += r * r + i * i;
    }
    expect(10 * Math.log10(error / power)).toBeLessThan(-130);
  });

  test('is undone by its inverse', async () => {
    const fft = new RealFft(await freshEngine(), size);
    const input = whiteNoise(size, size + 1);
    const re = new Float32Array(size / 2 + 1);
    const im = new Float32Array(size / 2 + 1);
    const output = new Float32Array(size);
    fft.forward(input, re, im);
    fft.inverse(re, im, output);
    expect(difference(input, output).largest).toBeLessThan(1e-6);
  });
});
