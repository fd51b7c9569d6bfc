import { expect, test } from 'vitest';
import { Deconvolution } from '../../../../wasm/inversion/paired/deconvolution.ts';
import { emptySpectrum, LongFft } from '../../../../wasm/inversion/paired/long-fft.ts';
import { freshEngine } from '../../../support/engine.ts';
import { difference } from '../../../support/samples.ts';
import { whiteNoise } from '../../../support/signals.ts';

const convolve = (x: Float32Array, h: Float32Array): Float32Array =>
  x.map((_, i) => {
    let sum = 0;
    for (let n = 0; n < h.length && n <= i; n += 1) sum += h[n]! * x[i - n]!;
    return sum;
  });

test('two responses from two inputs to one output come back within -60 dB', async () => {
  const taps = 200;
  // Silence at the end, so that the last tails are recorded too.
  const inputs = [1, 2].map((seed) => whiteNoise(20_000, seed).map((x, i) => (i < 19_000 ? x : 0)));
  const responses = [3, 4].map((seed) => whiteNoise(taps, seed, 1).map((x, n) => x * Math.exp(-n / 40)));
  const [a, b] = inputs.map((x, i) => convolve(x, responses[i]!));
  const output = a!.map((x, i) => x + b![i]!);
  const system = new Deconvolution(await freshEngine(), [{ inputs, outputs: [output] }], taps, 0, 48_000, () => 1);
  const none = inputs.map((_, i) => new Float32Array(taps).fill(1e-6 * system.inputEnergy[i]!));
  const found = system.solve(0, none, 60);
  found.forEach((h, i) => expect(difference(h, responses[i]!).largest).toBeLessThan(1e-3));
  expect(system.remainder(0, found) / system.outputEnergy[0]!).toBeLessThan(1e-5);
});

test('a response that begins before its cause is found at the lead', async () => {
  const input = whiteNoise(10_000, 5);
  const output = new Float32Array(input.length);
  output.set(input.subarray(3));
  const system = new Deconvolution(await freshEngine(), [{ inputs: [input], outputs: [output] }], 64, 8, 48_000, () => 1);
  const [h] = system.solve(0, [new Float32Array(64).fill(1e-6 * system.inputEnergy[0]!)], 40);
  expect(h!.indexOf(h!.reduce((x, y) => Math.max(x, y)))).toBe(5);
  expect(h![5]!).toBeCloseTo(1, 2);
});

test('a transform of 2^19, joined from shorter ones, comes back within -110 dB', async () => {
  const fft = new LongFft(await freshEngine(), 2 ** 19);
  const input = whiteNoise(2 ** 19, 6);
  const spectrum = emptySpectrum(2 ** 19);
  fft.forward(input, spectrum);
  const output = new Float32Array(input.length);
  fft.inverse(spectrum, output);
  expect(difference(output, input).largest).toBeLessThan(3e-6);
  // One bin by its definition.
  const k = 777;
  let [re, im] = [0, 0];
  input.forEach((x, i) => {
    re += x * Math.cos((2 * Math.PI * k * i) / input.length);
    im -= x * Math.sin((2 * Math.PI * k * i) / input.length);
  });
  expect(Math.abs(spectrum.re[k]! - re)).toBeLessThan(0.01);
  expect(Math.abs(spectrum.im[k]! - im)).toBeLessThan(0.01);
});
