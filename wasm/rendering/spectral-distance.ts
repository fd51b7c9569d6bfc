/** Distances between spectra: frame by frame for two takes of the same moment, by their distributions for strangers. */
import type { Features, SpectrumStatistics } from '../../shared/features.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { hzToMel, melToHz } from '../../shared/units.ts';
import type { Engine } from '../host/engine.ts';
import { RealFft } from '../host/fft.ts';
import { readStereo } from './chain-stream.ts';

const SIZES = [512, 1024, 2048, 4096] as const;
const MEL_SIZE = 2048;
const MEL_BANDS = 128;
/** 100 dB under the reference's strongest bin (amplitude). */
const STFT_FLOOR = 1e-5;
/** 80 dB under its strongest band (power). */
const MEL_FLOOR = 1e-8;
/** Longer recordings are compared over twelve stretches, evenly spread: constant cost. */
const WHOLE_SECONDS = 60;
const STRETCHES = 12;

export interface PairedDistance {
  /** Spectral convergence plus mean absolute log-magnitude difference (nats), mean over resolutions and channels. */
  readonly stftDist: number;
  /** Mean absolute difference of 128 mel bands, dB. */
  readonly melDist: number;
}

/** Frames [from, to) to compare, in the result's time. */
function stretches(frames: number, sampleRate: number): readonly (readonly [number, number])[] {
  if (frames <= WHOLE_SECONDS * sampleRate) return [[0, frames]];
  const length = Math.floor((WHOLE_SECONDS * sampleRate) / STRETCHES);
  return Array.from({ length: STRETCHES }, (_, i) => {
    const from = Math.floor(((frames - length) * i) / (STRETCHES - 1));
    return [from, from + length] as const;
  });
}

/** Magnitudes of a Hann-windowed frame. */
class Magnitudes {
  readonly #fft: RealFft;
  readonly #window: Float32Array;
  readonly #frame: Float32Array;
  readonly #re: Float32Array;
  readonly #im: Float32Array;
  readonly bins: Float32Array;

  constructor(engine: Engine, size: number) {
    this.#fft = new RealFft(engine, size);
    this.#window = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
    this.#frame = new Float32Array(size);
    this.#re = new Float32Array(size / 2 + 1);
    this.#im = new Float32Array(size / 2 + 1);
    this.bins = new Float32Array(size / 2 + 1);
  }

  /** @returns `bins`, overwritten by the next call */
  of(samples: Float32Array, at: number): Float32Array {
    const { bins } = this;
    const [frame, re, im] = [this.#frame, this.#re, this.#im];
    for (let i = 0; i < frame.length; i += 1) frame[i] = samples[at + i]! * this.#window[i]!;
    this.#fft.forward(frame, re, im);
    for (let k = 0; k < bins.length; k += 1) bins[k] = Math.sqrt(re[k]! * re[k]! + im[k]! * im[k]!);
    return bins;
  }
}

/** Triangles of unit area, evenly spaced on the Slaney mel scale: [first bin, weights] per band. */
function melBank(sampleRate: number): readonly (readonly [number, Float64Array])[] {
  const high = Math.min(sampleRate / 2, 20_000);
  const edge = (i: number) => melToHz(hzToMel(20) + ((hzToMel(high) - hzToMel(20)) * i) / (MEL_BANDS + 1));
  const hz = (bin: number) => (bin * sampleRate) / MEL_SIZE;
  return Array.from({ length: MEL_BANDS }, (_, band) => {
    const [low, centre, top] = [edge(band), edge(band + 1), edge(band + 2)];
    const weights: number[] = [];
    let first = -1;
    for (let bin = 0; bin <= MEL_SIZE / 2; bin += 1) {
      const weight = Math.min((hz(bin) - low) / (centre - low), (top - hz(bin)) / (top - centre));
      if (weight <= 0) continue;
      if (first < 0) first = bin;
      weights.push(weight);
    }
    // Narrower than a bin: the nearest one.
    if (first < 0) return [Math.round((centre * MEL_SIZE) / sampleRate), Float64Array.of(1)] as const;
    const sum = weights.reduce((a, b) => a + b, 0);
    return [first, Float64Array.from(weights, (weight) => weight / sum)] as const;
  });
}

type Stereo = readonly [Float32Array, Float32Array];

/** Mean of both channels' power, summed into mel bands. */
function melPowers(bank: ReturnType<typeof melBank>, magnitudes: Magnitudes, stereo: Stereo, at: number, out: Float64Array): void {
  out.fill(0);
  for (const samples of stereo) {
    const bins = magnitudes.of(samples, at);
    bank.forEach(([first, weights], band) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1) sum += weights[i]! * bins[first + i]! ** 2;
      out[band]! += sum / 2;
    });
  }
}

interface Sums {
  readonly error: number[];
  readonly power: number[];
  readonly log: number[];
  readonly count: number[];
}

/**
 * Distance of two takes of the same performance, sample by sample.
 *
 * As the development cases' score measures it: STFT of 512, 1024, 2048 and 4096 (Hann, hop a quarter) per channel.
 * @param delayFrames the reference's delay behind the result, whole frames
 * @returns null where the rates differ or nothing overlaps
 * Source: Yamamoto, Song, Kim, "Parallel WaveGAN", ICASSP 2020 (multi-resolution STFT loss).
 */
export async function pairedDistance(
  engine: Engine,
  result: PcmSource,
  reference: PcmSource,
  delayFrames: number,
  onFraction: (fraction: number) => void,
): Promise<PairedDistance | null> {
  if (result.sampleRate !== reference.sampleRate) return null;
  const { sampleRate } = result;
  const start = Math.max(0, -delayFrames);
  const frames = Math.min(result.frames - start, reference.frames - Math.max(0, delayFrames));
  if (frames < SIZES[3]) return null;
  const parts = stretches(frames, sampleRate);
  const spectra = SIZES.map((size) => new Magnitudes(engine, size));
  const others = SIZES.map((size) => new Magnitudes(engine, size));
  const [mel, bank] = [2, melBank(sampleRate)];
  const [mine, theirs] = [new Float64Array(MEL_BANDS), new Float64Array(MEL_BANDS)];
  const readReference = ([from, to]: readonly [number, number]) => readStereo(reference, start + from + delayFrames, to - from);

  // The floors lie under the reference's own maximum, so it is looked through first.
  const highest = SIZES.map(() => [0, 0]);
  let highestMel = 0;
  for (const [index, part] of parts.entries()) {
    const stereo = await readReference(part);
    SIZES.forEach((size, s) => {
      stereo.forEach((samples, c) => {
        for (let at = 0; at + size <= samples.length; at += size / 4) {
          const top = spectra[s]!.of(samples, at).reduce((a, b) => Math.max(a, b), 0);
          highest[s]![c] = Math.max(highest[s]![c]!, top);
        }
      });
    });
    for (let at = 0; at + MEL_SIZE <= stereo[0].length; at += MEL_SIZE / 4) {
      melPowers(bank, spectra[mel]!, stereo, at, theirs);
      highestMel = theirs.reduce((a, b) => Math.max(a, b), highestMel);
    }
    onFraction((0.4 * (index + 1)) / parts.length);
  }
  if (highestMel === 0) return null;

  const sums: Sums[] = SIZES.map(() => ({ error: [0, 0], power: [0, 0], log: [0, 0], count: [0, 0] }));
  let [melSum, melCount] = [0, 0];
  for (const [index, part] of parts.entries()) {
    const [a, b] = [await readStereo(result, start + part[0], part[1] - part[0]), await readReference(part)];
    SIZES.forEach((size, s) => {
      for (let c = 0; c < 2; c += 1) {
        const floor = Math.max(highest[s]![c]!, 1e-12) * STFT_FLOOR;
        const sum = sums[s]!;
        for (let at = 0; at + size <= a[c]!.length; at += size / 4) {
          const x = spectra[s]!.of(a[c]!, at);
          const y = others[s]!.of(b[c]!, at);
          let [error, power, log] = [0, 0, 0];
          for (let k = 0; k < x.length; k += 1) {
            const [u, v] = [x[k]!, y[k]!];
            error += (u - v) ** 2;
            power += v * v;
            log += Math.abs(Math.log(Math.max(u, floor) / Math.max(v, floor)));
          }
          sum.error[c]! += error;
          sum.power[c]! += power;
          sum.log[c]! += log;
          sum.count[c]! += x.length;
        }
      }
    });
    for (let at = 0; at + MEL_SIZE <= a[0].length; at += MEL_SIZE / 4) {
      melPowers(bank, spectra[mel]!, a, at, mine);
      melPowers(bank, others[mel]!, b, at, theirs);
      const floor = highestMel * MEL_FLOOR;
      mine.forEach((power, band) => (melSum += Math.abs(10 * Math.log10(Math.max(power, floor) / Math.max(theirs[band]!, floor)))));
      melCount += MEL_BANDS;
    }
    onFraction(0.4 + (0.6 * (index + 1)) / parts.length);
  }
  let total = 0;
  for (const { error, power, log, count } of sums) {
    for (let c = 0; c < 2; c += 1) {
      total += Math.min(100, Math.sqrt(error[c]!) / Math.max(Math.sqrt(power[c]!), 1e-12)) + log[c]! / Math.max(1, count[c]!);
    }
  }
  return { stftDist: total / (SIZES.length * 2), melDist: melSum / Math.max(1, melCount) };
}

const PERCENTILES = ['p10Db', 'p50Db', 'p95Db'] as const;
const NATS_PER_DB = Math.LN10 / 20;

/** Mean absolute difference of three percentiles over the points both have, dB. */
function percentileDistanceDb(
  result: SpectrumStatistics,
  reference: SpectrumStatistics,
  points: readonly (readonly [result: number, reference: number])[],
  floorUnderPeakDb: number,
): number | null {
  const at = (values: readonly number[], position: number): number => {
    const low = Math.floor(position);
    const [a, b] = [values[low]!, values[Math.min(values.length - 1, low + 1)]!];
    return a + (b - a) * (position - low);
  };
  const floor = Math.max(...reference.p95Db) - floorUnderPeakDb;
  let sum = 0;
  for (const [mine, theirs] of points) {
    for (const name of PERCENTILES) sum += Math.abs(Math.max(floor, at(result[name], mine)) - Math.max(floor, at(reference[name], theirs)));
  }
  return points.length > 0 ? sum / (points.length * PERCENTILES.length) : null;
}

/**
 * Distance of two different performances: how far the distributions of their levels over time lie apart, frequency by
 * frequency. The mean absolute difference of the 10th, 50th and 95th percentile, of STFT bins from 40 Hz to 16 kHz
 * (nats) and of mel bands (dB). Nothing is compared moment by moment, because there are no common moments.
 */
export function distributionDistance(result: Features, reference: Features): { stftDist: number | null; melDist: number | null } {
  const binHz = (features: Features) => features.sampleRate / features.stft.fftSize;
  const top = Math.min(16_000, 0.45 * Math.min(result.sampleRate, reference.sampleRate));
  const bins: [number, number][] = [];
  for (let bin = Math.ceil(40 / binHz(reference)); bin * binHz(reference) <= top; bin += 1) {
    bins.push([(bin * binHz(reference)) / binHz(result), bin]);
  }
  const stft = percentileDistanceDb(result.stft, reference.stft, bins, 100);
  // Bands are placed alike while both rates reach 20 kHz.
  const sameBands = result.mel.bands === reference.mel.bands && Math.min(result.sampleRate, 40_000) === Math.min(reference.sampleRate, 40_000);
  const bands = Array.from({ length: result.mel.bands }, (_, band) => [band, band] as const);
  return {
    stftDist: stft === null ? null : stft * NATS_PER_DB,
    melDist: sameBands ? percentileDistanceDb(result.mel, reference.mel, bands, 80) : null,
  };
}
