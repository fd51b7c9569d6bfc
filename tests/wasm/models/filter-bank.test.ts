import { expect, test } from 'vitest';
import type { FilterBankSettings } from '../../../shared/speaker-encoder-manifest.ts';
import { filterBank } from '../../../wasm/models/speaker/filter-bank.ts';
import { freshEngine } from '../../support/engine.ts';
import { sine, whiteNoise } from '../../support/signals.ts';

const RATE = 16_000;
const KALDI: FilterBankSettings = { kind: 'log-mel', bands: 80, window_ms: 25, hop_ms: 10, window: 'hamming', low_hz: 20, high_hz: 0, pre_emphasis: 0.97, full_scale: 32_768, mean: 'none' };

/** By the definition: a discrete Fourier transform, every weight worked out where it is needed. */
function rowByDefinition(samples: Float32Array, from: number, settings: FilterBankSettings): number[] {
  const [length, size] = [400, 512];
  const piece = Array.from({ length }, (_, i) => samples[from + i]! * settings.full_scale);
  const mean = piece.reduce((sum, value) => sum + value, 0) / length;
  const centred = piece.map((value) => value - mean);
  const shaped = centred.map((value, i) => (value - settings.pre_emphasis * (i === 0 ? value : centred[i - 1]!)) * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (length - 1))));
  const power = Array.from({ length: size / 2 }, (_, bin) => {
    let [re, im] = [0, 0];
    shaped.forEach((value, i) => {
      re += value * Math.cos((2 * Math.PI * bin * i) / size);
      im -= value * Math.sin((2 * Math.PI * bin * i) / size);
    });
    return re * re + im * im;
  });
  const mel = (hz: number) => 1127 * Math.log(1 + hz / 700);
  const step = (mel(RATE / 2) - mel(20)) / (settings.bands + 1);
  return Array.from({ length: settings.bands }, (_, band) => {
    const [left, centre, right] = [band, band + 1, band + 2].map((k) => mel(20) + k * step) as [number, number, number];
    let sum = 0;
    power.forEach((value, bin) => {
      const at = mel((bin * RATE) / size);
      if (at > left && at < right) sum += value * (at <= centre ? (at - left) / (centre - left) : (right - at) / (right - centre));
    });
    return Math.log(Math.max(sum, 2 ** -23));
  });
}

test('rows are those of the definition', async () => {
  const samples = whiteNoise(1200, 7, 0.3);
  const { count, rows } = filterBank(await freshEngine(), samples, RATE, KALDI);
  expect(count).toBe(1 + Math.floor((1200 - 400) / 160));
  for (const row of [0, 3]) rowByDefinition(samples, row * 160, KALDI).forEach((value, band) => expect(rows[row * 80 + band]).toBeCloseTo(value, 3));
});

test('a tone stands in its own band; silence is the floor; with the mean taken off a steady sound is nothing', async () => {
  const engine = await freshEngine();
  const { rows } = filterBank(engine, sine(RATE, 1000, RATE, 0.5), RATE, KALDI);
  const first = Array.from(rows.subarray(0, 80));
  const mel = (hz: number) => 1127 * Math.log(1 + hz / 700);
  expect(Math.abs(first.indexOf(Math.max(...first)) - ((mel(1000) - mel(20)) / ((mel(8000) - mel(20)) / 81) - 1))).toBeLessThan(1);
  expect(new Set(filterBank(engine, new Float32Array(RATE), RATE, KALDI).rows)).toEqual(new Set([Math.fround(Math.log(2 ** -23))]));
  const steady = filterBank(engine, sine(RATE, 1000, RATE, 0.5), RATE, { ...KALDI, mean: 'utterance' }).rows;
  expect(Math.max(...steady.map(Math.abs))).toBeLessThan(0.2);
});

test('less than a window is too short', async () => {
  const engine = await freshEngine();
  expect(() => filterBank(engine, new Float32Array(399), RATE, KALDI)).toThrow(expect.objectContaining({ code: 'audio/too-short' }));
});
