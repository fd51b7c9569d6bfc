/**
 * Logarithms of mel bands as speaker encoders are fed with them.
 * Source: Kaldi's compute-fbank-feats (D. Povey and others, The Kaldi speech recognition toolkit, ASRU 2011): frames that fit whole,
 * the mean of each taken off, pre-emphasis, a window, power spectrum, triangles that are equally wide on the mel scale
 * 1127 ln(1 + f / 700), natural logarithm over a floor of 2^-23. No dither: the same samples give the same rows.
 */
import { AppError } from '../../../shared/errors.ts';
import type { FilterBankSettings } from '../../../shared/speaker-encoder-manifest.ts';
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';

const FLOOR = 2 ** -23;
const mel = (hz: number): number => 1127 * Math.log1p(hz / 700);

const WINDOWS: Readonly<Record<FilterBankSettings['window'], (phase: number) => number>> = {
  hamming: (phase) => 0.54 - 0.46 * Math.cos(phase),
  hann: (phase) => 0.5 - 0.5 * Math.cos(phase),
  povey: (phase) => (0.5 - 0.5 * Math.cos(phase)) ** 0.85,
};

export interface FilterBankRows {
  readonly count: number;
  /** count x bands, row after row. */
  readonly rows: Float32Array<ArrayBuffer>;
}

/** For each band its weights over the bins of the spectrum. */
function triangles({ bands, low_hz, high_hz }: FilterBankSettings, rateHz: number, size: number): readonly { readonly first: number; readonly weights: readonly number[] }[] {
  const [low, high] = [mel(low_hz), mel(high_hz === 0 ? rateHz / 2 : high_hz)];
  const step = (high - low) / (bands + 1);
  return Array.from({ length: bands }, (_, band) => {
    const [left, centre, right] = [low + band * step, low + (band + 1) * step, low + (band + 2) * step];
    const weighted = Array.from({ length: size / 2 }, (_b, bin) => mel((bin * rateHz) / size)).map((at) => Math.max(0, Math.min((at - left) / (centre - left), (right - at) / (right - centre))));
    const first = Math.max(0, weighted.findIndex((weight) => weight > 0));
    return { first, weights: weighted.slice(first, weighted.findLastIndex((weight) => weight > 0) + 1) };
  });
}

/**
 * @param samples mono, full scale ±1
 * @throws AppError 'audio/too-short' for less than one window
 */
export function filterBank(engine: Engine, samples: Float32Array, rateHz: number, settings: FilterBankSettings): FilterBankRows {
  const length = Math.round((settings.window_ms * rateHz) / 1000);
  const hop = Math.max(1, Math.round((settings.hop_ms * rateHz) / 1000));
  if (samples.length < length) throw new AppError('audio/too-short', { seconds: Number((samples.length / rateHz).toFixed(2)), minimum: length / rateHz });
  const size = 2 ** Math.ceil(Math.log2(length));
  const count = 1 + Math.floor((samples.length - length) / hop);
  const { bands } = settings;
  const fft = new RealFft(engine, Math.max(32, size));
  const [re, im] = [new Float32Array(fft.size / 2 + 1), new Float32Array(fft.size / 2 + 1)];
  const window = Float32Array.from({ length }, (_, i) => WINDOWS[settings.window]((2 * Math.PI * i) / (length - 1)));
  const filters = triangles(settings, rateHz, fft.size);
  const frame = new Float32Array(length);
  const rows = new Float32Array(count * bands);
  for (let row = 0; row < count; row += 1) {
    const from = row * hop;
    let mean = 0;
    for (let i = 0; i < length; i += 1) mean += samples[from + i]! / length;
    for (let i = 0; i < length; i += 1) {
      const here = samples[from + i]! - mean;
      const before = samples[from + Math.max(0, i - 1)]! - mean;
      frame[i] = settings.full_scale * (here - settings.pre_emphasis * before) * window[i]!;
    }
    fft.forward(frame, re, im);
    filters.forEach(({ first, weights }, band) => {
      let power = 0;
      for (let k = 0; k < weights.length; k += 1) power += weights[k]! * (re[first + k]! ** 2 + im[first + k]! ** 2);
      rows[row * bands + band] = Math.log(Math.max(FLOOR, power));
    });
  }
  if (settings.mean === 'utterance') {
    for (let band = 0; band < bands; band += 1) {
      let sum = 0;
      for (let row = 0; row < count; row += 1) sum += rows[row * bands + band]!;
      for (let row = 0; row < count; row += 1) rows[row * bands + band]! -= sum / count;
    }
  }
  return { count, rows };
}
