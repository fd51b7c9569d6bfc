import { expect, test } from 'vitest';
import { freshEngine } from '../../support/engine.ts';
import { sine, whiteNoise } from '../../support/signals.ts';

async function truePeakDb(wave: Float32Array, sampleRate: number): Promise<number> {
  const meter = (await freshEngine()).createMeter('true-peak', sampleRate);
  meter.process(wave, wave);
  return 20 * Math.log10(meter.finish()[0]!);
}

/** Band-limited interpolation by a long windowed sinc: slow, and right. */
function interpolatedPeakDb(wave: Float32Array, steps: number): number {
  const reach = 200;
  let peak = 0;
  for (let i = reach; i < wave.length - reach; i += 1) {
    for (let step = 0; step < steps; step += 1) {
      const fraction = step / steps;
      let sum = 0;
      for (let k = -reach; k <= reach; k += 1) {
        const x = k - fraction;
        const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
        sum += wave[i + k]! * sinc * Math.cos((Math.PI * x) / (2 * (reach + 1))) ** 2;
      }
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return 20 * Math.log10(peak);
}

// In the manner of EBU Tech 3341, cases 20 to 23: one peak between samples, at each of four places on a grid of quarters.
test.each([0, 1, 2, 3])('a band-limited pulse reads 0 dBTP when its top lies %i quarters of a frame off', async (quarters) => {
  const pulse = Float32Array.from({ length: 4800 }, (_, i) => {
    const x = i - 2400 - quarters / 4;
    const window = Math.abs(x) < 400 ? Math.cos((Math.PI * x) / 800) ** 2 : 0;
    return (x === 0 ? 1 : Math.sin(0.8 * Math.PI * x) / (0.8 * Math.PI * x)) * window;
  });
  const reading = await truePeakDb(pulse, 48_000);
  expect(reading).toBeLessThan(0.2);
  expect(reading).toBeGreaterThan(-0.4);
});

test('noise up to 0.85 of Nyquist reads within 0.1 dB of a four times longer interpolator on the same grid', async () => {
  const white = whiteNoise(2000, 21, 0.8);
  white.fill(0, 0, 400);
  white.fill(0, 1600);
  // a smooth low-pass, so that both interpolators see the same band
  const taps = Array.from({ length: 129 }, (_, k) => {
    const x = k - 64;
    return (x === 0 ? 0.85 : Math.sin(0.85 * Math.PI * x) / (Math.PI * x)) * Math.cos((Math.PI * x) / 130) ** 2;
  });
  const limited = white.map((_, i) => taps.reduce((sum, tap, k) => sum + tap * (white[i - k + 64] ?? 0), 0));
  expect(Math.abs((await truePeakDb(limited, 48_000)) - interpolatedPeakDb(limited, 4))).toBeLessThan(0.1);
});

test('the true peak is never under the sample peak', async () => {
  for (const seed of [1, 2, 3]) {
    const noise = whiteNoise(5000, seed, 0.9);
    const peak = 20 * Math.log10(noise.reduce((high, x) => Math.max(high, Math.abs(x)), 0));
    expect(await truePeakDb(noise, 44_100)).toBeGreaterThanOrEqual(peak - 1e-6);
  }
});

test('a peak on the last frame is heard', async () => {
  const wave = new Float32Array(3000);
  wave[2999] = 0.5;
  expect(await truePeakDb(wave, 48_000)).toBeCloseTo(-6.02, 2);
});

test.each([8000, 44_100, 96_000, 192_000])('a full-scale sine at a quarter of %i Hz that misses its tops reads 0 dBTP', async (sampleRate) => {
  const wave = sine(sampleRate, sampleRate / 4, sampleRate, 1, Math.PI / 4);
  for (let i = 0; i < 400; i += 1) {
    wave[i]! *= i / 400;
    wave[wave.length - 1 - i]! *= i / 400;
  }
  expect(Math.abs(await truePeakDb(wave, sampleRate))).toBeLessThan(0.1);
});

/** The meter's own interpolator (48 taps, Kaiser beta 8, cut-off 0.98), at every frame. */
function everyGapDb(wave: Float32Array): number {
  const bessel = (x: number) => {
    let [sum, term] = [1, 1];
    for (let k = 1; k < 48; k += 1) sum += term *= (x * x) / (4 * k * k);
    return sum;
  };
  const rows = [1, 2, 3].map((phase) =>
    Array.from({ length: 48 }, (_, tap) => {
      const x = tap - 23 - phase / 4;
      const arch = 1 - (x / 24) ** 2;
      return arch > 0 ? (Math.sin(Math.PI * 0.98 * x) / (Math.PI * x)) * (bessel(8 * Math.sqrt(arch)) / bessel(8)) : 0;
    }),
  );
  let peak = 0;
  for (let i = -24; i < wave.length + 24; i += 1) {
    peak = Math.max(peak, Math.abs(wave[i] ?? 0));
    for (const row of rows) peak = Math.max(peak, Math.abs(row.reduce((sum, tap, k) => sum + tap * (wave[i - 23 + k] ?? 0), 0)));
  }
  return 20 * Math.log10(peak);
}

test('passing over what cannot be the peak misses none, in noise, bass, bursts near Nyquist, squares and clicks', async () => {
  const burst = (hz: number) => sine(4000, hz, 48_000, 0.7, 0.3).map((x, i) => x * Math.exp(-(((i - 2600) / 60) ** 2)));
  const bass = sine(4000, 60, 48_000, 0.68);
  const waves = [
    whiteNoise(4000, 5), bass, burst(23_500), burst(12_000),
    burst(19_000).map((x, i) => 0.4 * x + bass[i]!),
    sine(4000, 997, 48_000).map((x) => 0.5 * Math.sign(x)),
    whiteNoise(4000, 6, 0.3).map((x, i) => (i === 1777 ? 0.6 : x)),
  ];
  for (const wave of waves) expect(await truePeakDb(wave, 48_000)).toBeCloseTo(everyGapDb(wave), 4);
});
