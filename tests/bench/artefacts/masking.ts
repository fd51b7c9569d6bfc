/**
 * How far a fault lies over what the music around it masks, so that injected faults have a size that is heard, whatever the
 * detector looks at: noise-to-mask ratio in steps of half a Bark, the largest of the bands, in 10 ms.
 *
 * Source: ITU-R BS.1387-1, annex 2: Bark scale, level of presentation (full scale is 92 dB SPL), spreading (27 dB a Bark
 * downwards, Terhardt's level-dependent slope upwards), forward smearing (8 ms, 50 ms at 100 Hz), mask offset, threshold in
 * quiet, and the 1.5 dB of a band from which it calls a frame disturbed.
 * Departs from it: windows of 10 ms in place of 43, which would smear a click over its surroundings; spread powers add up
 * plainly; no weighting of outer and middle ear but for the threshold in quiet. Masking backwards is what the window holds.
 */
import type { Engine } from '../../../wasm/host/engine.ts';
import { RealFft } from '../../../wasm/host/fft.ts';

const WINDOW_SECONDS = 0.0107;
/** Windows before the fault that may still mask it, half a window apart: 80 ms. */
const EARLIER = 15;
const FULL_SCALE_DB = 92;
const STEP_BARK = 0.5;
const LOWEST_HZ = 200;
const HIGHEST_HZ = 16_000;
const DISTURBED_DB = 1.5;

const barkOf = (hz: number): number => 7 * Math.asinh(hz / 650);
const hzOf = (bark: number): number => 650 * Math.sinh(bark / 7);

/** dB SPL; Terhardt. */
const quietDb = (hz: number): number => 3.64 * (hz / 1000) ** -0.8 - 6.5 * Math.exp(-0.6 * (hz / 1000 - 3.3) ** 2) + 1e-3 * (hz / 1000) ** 4;

interface Band {
  readonly hz: number;
  readonly from: number;
  readonly to: number;
  readonly offsetDb: number;
  readonly quiet: number;
  /** What is left of it half a window later. */
  readonly left: number;
}

export class Masking {
  readonly #fft: RealFft;
  readonly #bands: readonly Band[];
  readonly #shape: Float32Array;
  readonly #buffer: Float32Array;
  readonly #re: Float32Array;
  readonly #im: Float32Array;

  constructor(engine: Engine, sampleRate: number) {
    const size = 2 ** Math.round(Math.log2(WINDOW_SECONDS * sampleRate));
    this.#fft = new RealFft(engine, size);
    const [first, last] = [barkOf(LOWEST_HZ), barkOf(Math.min(HIGHEST_HZ, 0.48 * sampleRate))];
    const bin = (bark: number) => Math.round((hzOf(bark) * size) / sampleRate);
    this.#bands = Array.from({ length: Math.floor((last - first) / STEP_BARK) + 1 }, (_, k) => {
      const bark = first + k * STEP_BARK;
      const hz = hzOf(bark);
      const from = bin(bark - STEP_BARK / 2);
      const seconds = 0.008 + (100 / hz) * 0.042;
      const to = Math.max(from + 1, bin(bark + STEP_BARK / 2));
      return { hz, from, to, offsetDb: bark <= 12 ? 3 : 0.25 * bark, quiet: 10 ** (quietDb(hz) / 10), left: Math.exp(-size / 2 / sampleRate / seconds) };
    });
    this.#shape = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size));
    this.#buffer = new Float32Array(size);
    this.#re = new Float32Array(size / 2 + 1);
    this.#im = new Float32Array(size / 2 + 1);
  }

  /** @returns dB over what calls a frame disturbed, in the band where `fault` stands out most around a frame */
  marginDb(fault: Float32Array, music: Float32Array, frame: number): number {
    const noise = this.#powers(fault, frame);
    const mask = this.#mask(music, frame);
    return Math.max(...noise.map((power, band) => 10 * Math.log10((power + 1e-20) / mask[band]!))) - DISTURBED_DB;
  }

  /** The masked threshold, band by band. */
  #mask(music: Float32Array, frame: number): number[] {
    let held = this.#bands.map(() => 0);
    for (let back = EARLIER; back >= 0; back -= 1) {
      const spread = this.#spread(this.#powers(music, frame - (back * this.#fft.size) / 2));
      held = spread.map((power, band) => Math.max(power, held[band]! * this.#bands[band]!.left));
    }
    return held.map((power, band) => power * 10 ** (-this.#bands[band]!.offsetDb / 10) + this.#bands[band]!.quiet);
  }

  #spread(powers: readonly number[]): number[] {
    const out = powers.map(() => 0);
    powers.forEach((power, from) => {
      const upDb = Math.min(-1, -24 - 230 / this.#bands[from]!.hz + 2 * Math.log10(Math.max(power, 1))) * STEP_BARK;
      for (let to = 0; to < out.length; to += 1) out[to]! += power * 10 ** ((to < from ? 27 * STEP_BARK * (to - from) : upDb * (to - from)) / 10);
    });
    return out;
  }

  /** re 0 dB SPL. */
  #powers(samples: Float32Array, frame: number): number[] {
    const { size } = this.#fft;
    const start = Math.round(frame - size / 2);
    for (let i = 0; i < size; i += 1) this.#buffer[i] = (samples[start + i] ?? 0) * this.#shape[i]!;
    this.#fft.forward(this.#buffer, this.#re, this.#im);
    // A sine of full scale: the sum over its bins is 3/32 of the size squared.
    const scale = 10 ** (FULL_SCALE_DB / 10) / ((3 / 32) * size * size);
    return this.#bands.map(({ from, to }) => {
      let sum = 0;
      for (let bin = from; bin < to; bin += 1) sum += this.#re[bin]! ** 2 + this.#im[bin]! ** 2;
      return sum * scale;
    });
  }
}
