/** Sample-level distances of a render to the right answer: multi-resolution STFT, mel, pitch. */
import { hzToMel, melToHz } from '../../../shared/units.ts';
import type { Engine } from '../../../wasm/host/engine.ts';
import { RealFft } from '../../../wasm/host/fft.ts';
import { percentile } from '../../../wasm/analysis/programme-loudness.ts';
import { hann, type Stereo, toDb } from './spectrum.ts';

const SIZES = [512, 1024, 2048, 4096] as const;
const MEL_SIZE = 2048;
const MEL_BANDS = 128;

/** Magnitudes, one row per frame; hop a quarter; a full-scale sine peaks near size / 4. */
function magnitudes(engine: Engine, row: Float32Array, size: number): Float32Array[] {
  const fft = new RealFft(engine, size);
  const window = hann(size);
  const [re, im, piece] = [new Float32Array(size / 2 + 1), new Float32Array(size / 2 + 1), new Float32Array(size)];
  const frames: Float32Array[] = [];
  const hop = size / 4;
  for (let at = 0; at + size <= Math.max(row.length, size); at += hop) {
    for (let i = 0; i < size; i += 1) piece[i] = (row[at + i] ?? 0) * window[i]!;
    fft.forward(piece, re, im);
    frames.push(re.map((x, k) => Math.hypot(x, im[k]!)));
  }
  return frames;
}

/**
 * Spectral convergence plus mean log difference (nats), mean over sizes and channels.
 * Source: R. Yamamoto, E. Song, J.-M. Kim, "Parallel WaveGAN", ICASSP 2020.
 */
export function mrstft(engine: Engine, out: Stereo, truth: Stereo, sizes: readonly number[] = SIZES): number {
  let total = 0;
  for (const size of sizes) {
    for (const channel of [0, 1] as const) {
      const [mine, theirs] = [magnitudes(engine, out[channel], size), magnitudes(engine, truth[channel], size)];
      const highest = theirs.reduce((high, frame) => frame.reduce((h, x) => Math.max(h, x), high), 1e-12);
      const floor = highest * 1e-5;
      let [error, power, logs, count] = [0, 0, 0, 0];
      theirs.forEach((frame, n) => {
        const other = mine[n]!;
        for (let k = 0; k < frame.length; k += 1) {
          const [a, b] = [other[k]!, frame[k]!];
          error += (a - b) ** 2;
          power += b * b;
          logs += Math.abs(Math.log(Math.max(a, floor) / Math.max(b, floor)));
        }
        count += frame.length;
      });
      total += Math.min(100, Math.sqrt(error) / Math.max(Math.sqrt(power), 1e-12)) + logs / count;
    }
  }
  return total / (2 * sizes.length);
}

/** Triangles of unit sum, even on the Slaney mel scale from 20 Hz. */
function melBank(sampleRate: number): Float64Array[] {
  const [low, high] = [hzToMel(20), hzToMel(Math.min(sampleRate / 2, 20_000))];
  const points = Array.from({ length: MEL_BANDS + 2 }, (_, k) => melToHz(low + ((high - low) * k) / (MEL_BANDS + 1)));
  const bins = Array.from({ length: MEL_SIZE / 2 + 1 }, (_, k) => (k * sampleRate) / MEL_SIZE);
  return Array.from({ length: MEL_BANDS }, (_, band) => {
    const [from, middle, to] = [points[band]!, points[band + 1]!, points[band + 2]!];
    const row = Float64Array.from(bins, (hz) => Math.max(0, Math.min((hz - from) / (middle - from), (to - hz) / (to - middle))));
    if (!row.some((w) => w > 0)) row[bins.reduce((best, hz, k) => (Math.abs(hz - middle) < Math.abs(bins[best]! - middle) ? k : best), 0)] = 1;
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((w) => w / sum);
  });
}

export function melDistanceDb(engine: Engine, out: Stereo, truth: Stereo, sampleRate: number): number {
  const bank = melBank(sampleRate);
  const powers = (stereo: Stereo) => {
    const [left, right] = stereo.map((row) => magnitudes(engine, row, MEL_SIZE)) as [Float32Array[], Float32Array[]];
    return left.map((frame, n) => {
      const mean = Float64Array.from(frame, (x, k) => (x * x + right[n]![k]! ** 2) / 2);
      return bank.map((row) => row.reduce((sum, w, k) => (w === 0 ? sum : sum + w * mean[k]!), 0));
    });
  };
  const [mine, theirs] = [powers(out), powers(truth)];
  const floor = theirs.reduce((high, frame) => Math.max(high, ...frame), 1e-12) * 1e-8;
  let [sum, count] = [0, 0];
  theirs.forEach((frame, n) =>
    frame.forEach((power, band) => {
      sum += Math.abs(toDb(Math.max(mine[n]![band]!, floor)) - toDb(Math.max(power, floor)));
      count += 1;
    }),
  );
  return sum / count;
}

const CENTS_STEP = 5;
const REACH_CENTS = 700;
/** Peaks stand out of their surroundings of 300 cents; only they vote. */
const FLATTENING_STEPS = 60;

/** Musical interval from the truth up to the render, by the log-frequency spectra of the same frames; null where none is heard. */
export function pitchOffsetCents(engine: Engine, out: Stereo, truth: Stereo, sampleRate: number): number | null {
  const size = sampleRate < 64_000 ? 8192 : 16_384;
  const mono = ([left, right]: Stereo) => left.map((l, i) => (l + right[i]!) / 2);
  const [mine, theirs] = [magnitudes(engine, mono(out), size), magnitudes(engine, mono(truth), size)];
  const grid = Array.from({ length: Math.ceil((1200 * Math.log2(4000 / 80)) / CENTS_STEP) }, (_, k) => (80 * 2 ** ((k * CENTS_STEP) / 1200) * size) / sampleRate);
  const energies = theirs.map((frame) => frame.reduce((a, b) => a + b, 0));
  const least = percentile(energies.toSorted((a, b) => a - b), 0.4);
  const frames = energies.flatMap((energy, n) => (energy > least ? [n] : []));
  const peaks = (frame: Float32Array): Float64Array => {
    const row = grid.map((bin) => {
      const k = Math.floor(bin);
      const [a, b] = [Math.sqrt(frame[k]!), Math.sqrt(frame[k + 1] ?? 0)];
      return a + (bin - k) * (b - a);
    });
    const before = [0];
    row.forEach((x, i) => before.push(before[i]! + x));
    const flat = Float64Array.from(row, (x, i) => {
      const [from, to] = [Math.max(0, i - FLATTENING_STEPS / 2), Math.min(row.length, i + FLATTENING_STEPS / 2)];
      return Math.max(0, x - (before[to]! - before[from]!) / FLATTENING_STEPS);
    });
    const size2 = Math.sqrt(flat.reduce((sum, x) => sum + x * x, 0));
    return size2 < 1e-12 ? flat : flat.map((x) => x / size2);
  };
  const reach = REACH_CENTS / CENTS_STEP;
  const votes = new Float64Array(2 * reach + 1);
  const every = Math.max(1, Math.floor(frames.length / 400));
  for (let n = 0; n < frames.length; n += every) {
    const [u, v] = [peaks(mine[frames[n]!]!), peaks(theirs[frames[n]!]!)];
    for (let lag = -reach; lag <= reach; lag += 1) {
      let sum = 0;
      for (let i = Math.max(0, -lag); i < Math.min(v.length, u.length - lag); i += 1) sum += u[i + lag]! * v[i]!;
      votes[lag + reach]! += sum;
    }
  }
  const best = votes.indexOf(Math.max(...votes));
  if (!(votes[best]! > 0)) return null;
  const [y0, y1, y2] = [votes[best - 1], votes[best]!, votes[best + 1]];
  const bend = y0 === undefined || y2 === undefined ? 0 : y0 - 2 * y1 + y2;
  return (best - reach + (Math.abs(bend) > 1e-12 ? (0.5 * (y0! - y2!)) / bend : 0)) * CENTS_STEP;
}
