/**
 * Fundamental frequency by YIN, 100 values a second.
 * Source: de Cheveigné and Kawahara, YIN, JASA 111 (2002), steps 1 to 5. The difference function is computed by FFT.
 */
import type { Features } from '../../shared/features.ts';
import type { Engine } from '../host/engine.ts';
import { RealFft } from '../host/fft.ts';
import { percentile } from './programme-loudness.ts';

const RATE_HZ = 100;
const LOWEST_HZ = 60;
const HIGHEST_HZ = 1100;
/** YIN's absolute threshold, and the aperiodicity up to which a frame counts as voiced. */
const THRESHOLD = 0.15;
const VOICED = 0.25;
/** Frames this far under the loudest (in power) are pauses. */
const SILENCE_SHARE = 1e-4;

export class PitchTrack {
  readonly #sampleRate: number;
  readonly #window: number;
  readonly #maxLag: number;
  readonly #fft: RealFft;
  readonly #line: Float32Array;
  readonly #hz: number[] = [];
  readonly #power: number[] = [];
  #lineStart = 0;
  #filled = 0;

  constructor(engine: Engine, sampleRate: number) {
    this.#sampleRate = sampleRate;
    this.#maxLag = Math.ceil(sampleRate / LOWEST_HZ);
    this.#window = Math.ceil(sampleRate * 0.025);
    this.#fft = new RealFft(engine, 2 ** Math.ceil(Math.log2(this.#window + this.#maxLag + 1)));
    this.#line = new Float32Array(this.#window + this.#maxLag + 1 + 65_536);
  }

  /** @param left, right frames in order */
  add(left: Float32Array, right: Float32Array): void {
    for (let from = 0; from < left.length; from += 65_536) {
      const count = Math.min(65_536, left.length - from);
      for (let i = 0; i < count; i += 1) {
        const mid = 0.5 * (left[from + i]! + right[from + i]!);
        this.#line[this.#filled + i] = Number.isFinite(mid) ? mid : 0;
      }
      this.#filled += count;
      this.#drain();
    }
  }

  #drain(): void {
    const need = this.#window + this.#maxLag + 1;
    let start = Math.round((this.#hz.length * this.#sampleRate) / RATE_HZ) - this.#lineStart;
    while (start + need <= this.#filled) {
      this.#frame(this.#line.subarray(start, start + need));
      start = Math.round((this.#hz.length * this.#sampleRate) / RATE_HZ) - this.#lineStart;
    }
    const drop = Math.min(this.#filled, Math.max(0, start));
    this.#line.copyWithin(0, drop, this.#filled);
    this.#filled -= drop;
    this.#lineStart += drop;
  }

  #frame(samples: Float32Array): void {
    const { size } = this.#fft;
    const half = size / 2 + 1;
    const [ar, ai, br, bi] = [0, 1, 2, 3].map(() => new Float32Array(half)) as [Float32Array, Float32Array, Float32Array, Float32Array];
    this.#fft.forward(samples.subarray(0, this.#window), ar, ai);
    this.#fft.forward(samples, br, bi);
    for (let k = 0; k < half; k += 1) {
      const re = br[k]! * ar[k]! + bi[k]! * ai[k]!;
      bi[k] = bi[k]! * ar[k]! - br[k]! * ai[k]!;
      br[k] = re;
    }
    const correlation = new Float32Array(size);
    this.#fft.inverse(br, bi, correlation);
    let energy = 0;
    for (let i = 0; i < this.#window; i += 1) energy += samples[i]! ** 2;
    const first = energy;
    let cumulative = 0;
    const difference = new Float64Array(this.#maxLag + 1).fill(1);
    for (let lag = 1; lag <= this.#maxLag; lag += 1) {
      energy += samples[lag + this.#window - 1]! ** 2 - samples[lag - 1]! ** 2;
      const d = Math.max(0, first + energy - 2 * correlation[lag]!);
      cumulative += d;
      difference[lag] = cumulative > 0 ? (d * lag) / cumulative : 1;
    }
    this.#power.push(first / this.#window);
    this.#hz.push(this.#pick(difference));
  }

  /** First dip under the threshold, else the deepest; refined by a parabola. 0 where unvoiced. */
  #pick(difference: Float64Array): number {
    const minLag = Math.floor(this.#sampleRate / HIGHEST_HZ);
    let best = minLag;
    for (let lag = minLag; lag < this.#maxLag; lag += 1) {
      if (difference[lag]! < difference[best]!) best = lag;
      if (difference[lag]! < THRESHOLD && difference[lag + 1]! >= difference[lag]!) {
        best = lag;
        break;
      }
    }
    if (difference[best]! > VOICED || best <= minLag) return 0;
    const [before, at, after] = [difference[best - 1]!, difference[best]!, difference[best + 1]!];
    const curvature = before - 2 * at + after;
    return this.#sampleRate / (best + (curvature > 0 ? (0.5 * (before - after)) / curvature : 0));
  }

  finish(): NonNullable<Features['f0']> {
    const loudest = this.#power.reduce((high, power) => Math.max(high, power), 0);
    const hz = this.#hz.map((value, i) => (this.#power[i]! > loudest * SILENCE_SHARE ? Math.round(value * 100) / 100 : 0));
    const voiced = hz.filter((value) => value > 0).toSorted((a, b) => a - b);
    return {
      algorithm: 'yin',
      rateHz: RATE_HZ,
      hz,
      voicedShare: hz.length === 0 ? 0 : voiced.length / hz.length,
      medianHz: voiced.length < 10 ? null : percentile(voiced, 0.5),
    };
  }
}
