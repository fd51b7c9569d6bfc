/**
 * A size beside the music, whatever is masked: power in 1/3-octave bands from 400 Hz to 16 kHz in 10 ms (about the ear's
 * temporal window, Moore et al., J. Acoust. Soc. Am. 83, 1988), fault over music, in a quarter of the bands.
 */
import type { Engine } from '../../../wasm/host/engine.ts';
import { RealFft } from '../../../wasm/host/fft.ts';

const WINDOW_SECONDS = 0.0107;
const FIRST_HZ = 400;
const BANDS = 17;
const QUARTER = 4;
/** Music is never taken to be quieter than this: of faults in silence every size would do. Mean square, -70 dBFS. */
const FLOOR_POWER = 1e-7;

export class Excess {
  readonly #fft: RealFft;
  readonly #edges: readonly number[];
  readonly #shape: Float32Array;
  readonly #buffer: Float32Array;
  readonly #re: Float32Array;
  readonly #im: Float32Array;

  constructor(engine: Engine, sampleRate: number) {
    const size = 2 ** Math.round(Math.log2(WINDOW_SECONDS * sampleRate));
    this.#fft = new RealFft(engine, size);
    this.#edges = Array.from({ length: BANDS + 1 }, (_, k) => Math.min(size / 2, Math.round((FIRST_HZ * 2 ** ((k - 0.5) / 3) * size) / sampleRate)));
    this.#shape = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size));
    this.#buffer = new Float32Array(size);
    this.#re = new Float32Array(size / 2 + 1);
    this.#im = new Float32Array(size / 2 + 1);
  }

  /** @returns dB by which `fault` exceeds `music` around a frame, in a quarter of the bands */
  ofDb(fault: Float32Array, music: Float32Array, frame: number): number {
    const [theirs, ours] = [this.#bands(music, frame), this.#bands(fault, frame)];
    const floor = (FLOOR_POWER * this.#fft.size * this.#fft.size) / 16 / BANDS;
    const excess = ours.map((power, band) => 10 * Math.log10((power + 1e-20) / (theirs[band]! + floor)));
    return excess.toSorted((a, b) => b - a)[QUARTER - 1]!;
  }

  #bands(samples: Float32Array, frame: number): number[] {
    const { size } = this.#fft;
    const start = frame - size / 2;
    for (let i = 0; i < size; i += 1) this.#buffer[i] = (samples[start + i] ?? 0) * this.#shape[i]!;
    this.#fft.forward(this.#buffer, this.#re, this.#im);
    return Array.from({ length: BANDS }, (_, band) => {
      let sum = 0;
      for (let bin = this.#edges[band]!; bin < Math.max(this.#edges[band]! + 1, this.#edges[band + 1]!); bin += 1) sum += this.#re[bin]! ** 2 + this.#im[bin]! ** 2;
      return sum;
    });
  }
}
