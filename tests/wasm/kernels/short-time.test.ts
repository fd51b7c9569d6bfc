import { expect, test } from 'vitest';
import { RealFft } from '../../../wasm/host/fft.ts';
import { Rows } from '../../../wasm/host/rows.ts';
import { ShortTimeTransform } from '../../../wasm/host/short-time.ts';
import { hann } from '../../../wasm/inversion/paired/transfer-function.ts';
import { freshEngine } from '../../support/engine.ts';
import { randomNumbers, whiteNoise } from '../../support/signals.ts';

const SIZE = 512;
const HOP = 128;
/** 81 frames: more than are brought to the engine at once, and a rest that fills no frame. */
const [x, y] = [whiteNoise(SIZE + 80 * HOP + 77, 1), whiteNoise(SIZE + 80 * HOP + 77, 2)];

/** Every frame on its own, by the plain transform. */
async function framesOf(signal: Float32Array): Promise<{ re: Float32Array; im: Float32Array }[]> {
  const fft = new RealFft(await freshEngine(), SIZE);
  const window = hann(SIZE);
  return Array.from({ length: 81 }, (_, f) => {
    const [re, im] = [new Float32Array(SIZE / 2 + 1), new Float32Array(SIZE / 2 + 1)];
    fft.forward(signal.slice(f * HOP, f * HOP + SIZE).map((v, i) => v * window[i]!), re, im);
    return { re, im };
  });
}

test('magnitudes of many frames are those of each frame, within 1e-6 of the strongest', async () => {
  const transform = new ShortTimeTransform(await freshEngine(), SIZE, HOP, hann(SIZE));
  const bins = SIZE / 2 + 1;
  expect(transform.frames(x.length)).toBe(81);
  const all = new Float32Array(3 + 81 * bins);
  transform.magnitudes(x, all, 3);
  const expected = (await framesOf(x)).flatMap(({ re, im }) => [...re].map((r, k) => Math.hypot(r, im[k]!)));
  const largest = Math.max(...expected);
  const worst = expected.reduce((w, v, i) => Math.max(w, Math.abs(v - all[3 + i]!)), 0);
  expect(worst).toBeLessThan(1e-6 * largest);
  expect([...all.subarray(0, 3)]).toEqual([0, 0, 0]);
});

test('cross spectra are the sums of conj(X) Y over frames, within 1e-5, and do not remember the call before', async () => {
  const transform = new ShortTimeTransform(await freshEngine(), SIZE, HOP, hann(SIZE));
  transform.crossSpectra(y, y);
  const { xx, yy, re, im, frames } = transform.crossSpectra(x, y);
  expect(frames).toBe(81);
  const [a, b] = [await framesOf(x), await framesOf(y)];
  for (let k = 0; k <= SIZE / 2; k += 1) {
    const sum = (of: (f: number) => number) => a.reduce((total, _, f) => total + of(f), 0);
    const [powerX, powerY] = [sum((f) => a[f]!.re[k]! ** 2 + a[f]!.im[k]! ** 2), sum((f) => b[f]!.re[k]! ** 2 + b[f]!.im[k]! ** 2)];
    const scale = Math.sqrt(powerX * powerY);
    expect(Math.abs(xx[k]! - powerX)).toBeLessThan(1e-5 * powerX);
    expect(Math.abs(yy[k]! - powerY)).toBeLessThan(1e-5 * powerY);
    expect(Math.abs(re[k]! - sum((f) => a[f]!.re[k]! * b[f]!.re[k]! + a[f]!.im[k]! * b[f]!.im[k]!))).toBeLessThan(1e-5 * scale);
    expect(Math.abs(im[k]! - sum((f) => a[f]!.re[k]! * b[f]!.im[k]! - a[f]!.im[k]! * b[f]!.re[k]!))).toBeLessThan(1e-5 * scale);
  }
});

test('logarithms of rows of any length are natural, floored, and within 1e-6', async () => {
  const random = randomNumbers(3);
  const values = Float32Array.from({ length: 5003 }, () => 10 ** (12 * random() - 9));
  const logs = new Float32Array(values.length);
  new Rows(await freshEngine()).logarithms(values, 1e-6, logs);
  values.forEach((v, i) => expect(Math.abs(logs[i]! - Math.log(Math.max(Math.fround(1e-6), v)))).toBeLessThan(1e-6 * Math.max(1, Math.abs(logs[i]!))));
});

test('distances and Gram matrices of long rows are those of double precision, within 1e-6', async () => {
  const rows = new Rows(await freshEngine());
  const noise = [1, 2, 3].map((seed) => whiteNoise(5003, seed));
  const weights = whiteNoise(5003, 4).map(Math.abs);
  const sum = (of: (k: number) => number) => weights.reduce((total, _, k) => total + of(k), 0);
  const { squares, sizes } = rows.difference(noise[0]!, noise[1]!);
  expect(squares / sum((k) => (noise[0]![k]! - noise[1]![k]!) ** 2)).toBeCloseTo(1, 6);
  expect(sizes / sum((k) => Math.abs(noise[0]![k]! - noise[1]![k]!))).toBeCloseTo(1, 6);
  const gram = rows.gram(noise, weights);
  const power = sum((k) => weights[k]! * noise[0]![k]! ** 2);
  noise.forEach((a, i) => noise.forEach((b, j) => expect(Math.abs(gram[i]![j]! - sum((k) => weights[k]! * a[k]! * b[k]!))).toBeLessThan(1e-6 * power)));
});
