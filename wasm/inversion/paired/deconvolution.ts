/**
 * The impulse responses between signals by regularised least squares, long ones too: the normal equations are Toeplitz
 * in blocks, are never written out, and are solved by conjugate gradients with convolutions by FFT.
 * Source: R. H. Chan, M. K. Ng, "Conjugate gradient methods for Toeplitz systems", SIAM Review 1996.
 */
import type { Engine } from '../../host/engine.ts';
import { addProduct, emptySpectrum, LongFft, multiplyConjugate, type Spectrum, transformSize } from './long-fft.ts';

export interface Recorded {
  /** One or two inputs, equal lengths. */
  readonly inputs: readonly Float32Array[];
  readonly outputs: readonly Float32Array[];
}

/** Weight of a frequency in the squared error: makes loud and quiet octaves count the same. */
export type Whitening = (hz: number) => number;

export class Deconvolution {
  readonly taps: number;
  /** Frames by which a response may begin before its cause. */
  readonly lead: number;
  readonly inputCount: number;
  readonly #fft: LongFft;
  /** Spectra of the correlations between inputs, row by column. */
  readonly #matrix: Spectrum[][];
  /** Correlations of inputs with outputs at the lags of the taps: [output][input]. */
  readonly #right: Float32Array[][];
  /** Weighted energy of the outputs and of the inputs. */
  readonly outputEnergy: number[];
  readonly inputEnergy: number[];

  constructor(engine: Engine, recorded: readonly Recorded[], taps: number, lead: number, sampleRate: number, whitening: Whitening) {
    this.taps = taps;
    this.lead = lead;
    this.inputCount = recorded[0]!.inputs.length;
    const outputCount = recorded[0]!.outputs.length;
    const lags = grid(this.inputCount, this.inputCount, () => new Float32Array(2 * taps));
    this.#right = grid(outputCount, this.inputCount, () => new Float32Array(taps));
    this.outputEnergy = Array.from({ length: outputCount }, () => 0);
    for (const { inputs, outputs } of recorded) {
      const size = transformSize(inputs[0]!.length + taps + lead);
      const fft = new LongFft(engine, size);
      const weights = Float32Array.from({ length: size / 2 + 1 }, (_, k) => whitening((k * sampleRate) / size));
      const transformed = (signal: Float32Array): Spectrum => {
        const spectrum = emptySpectrum(size);
        fft.forward(signal, spectrum);
        for (let k = 0; k < weights.length; k += 1) {
          spectrum.re[k]! *= weights[k]!;
          spectrum.im[k]! *= weights[k]!;
        }
        return spectrum;
      };
      const xs = inputs.map(transformed);
      const ys = outputs.map(transformed);
      const product = emptySpectrum(size);
      const lagged = new Float32Array(size);
      xs.forEach((a, i) => {
        xs.forEach((b, j) => {
          // (A h)_i(n) = sum over m of r_ij(n - m) h_j(m), r_ij(l) = sum x_i(t) x_j(t + l).
          multiplyConjugate(a, b, product);
          fft.inverse(product, lagged);
          const row = lags[i]![j]!;
          for (let l = 0; l < taps; l += 1) row[l]! += lagged[l]!;
          for (let l = 1; l < taps; l += 1) row[2 * taps - l]! += lagged[size - l]!;
        });
        ys.forEach((y, o) => {
          multiplyConjugate(a, y, product);
          fft.inverse(product, lagged);
          const row = this.#right[o]![i]!;
          for (let n = 0; n < taps; n += 1) row[n]! += lagged[n >= lead ? n - lead : size + n - lead]!;
        });
      });
      ys.forEach((y, o) => {
        multiplyConjugate(y, y, product);
        fft.inverse(product, lagged);
        this.outputEnergy[o]! += lagged[0]!;
      });
    }
    this.inputEnergy = lags.map((row, i) => row[i]![0]!);
    this.#fft = new LongFft(engine, transformSize(2 * taps));
    this.#matrix = lags.map((row) => row.map((lag) => this.#circulant(lag)));
  }

  #circulant(lag: Float32Array): Spectrum {
    const { size } = this.#fft;
    const wrapped = new Float32Array(size);
    wrapped.set(lag.subarray(0, this.taps));
    wrapped.set(lag.subarray(this.taps + 1), size - this.taps + 1);
    const spectrum = emptySpectrum(size);
    this.#fft.forward(wrapped, spectrum);
    return spectrum;
  }

  /** Normal matrix times responses, plus the regularisation. */
  #apply(responses: readonly Float32Array[], lambda: readonly Float32Array[]): Float32Array[] {
    const spectra = responses.map((h) => {
      const spectrum = emptySpectrum(this.#fft.size);
      this.#fft.forward(h, spectrum);
      return spectrum;
    });
    return this.#matrix.map((row, i) => {
      const sum = emptySpectrum(this.#fft.size);
      row.forEach((r, j) => addProduct(r, spectra[j]!, sum));
      const result = new Float32Array(this.taps);
      this.#fft.inverse(sum, result);
      for (let n = 0; n < this.taps; n += 1) result[n]! += lambda[i]![n]! * responses[i]![n]!;
      return result;
    });
  }

  /**
   * Responses from every input to one output.
   * @param lambda   weight of a tap's square in what is minimised, per input and tap
   * @param expected what the responses are where the recordings say nothing; zero if left out
   */
  solve(output: number, lambda: readonly Float32Array[], iterations: number, expected?: readonly Float32Array[]): Float32Array[] {
    const right = this.#right[output]!;
    const inverse = lambda.map((row, i) => row.map((l) => 1 / (this.inputEnergy[i]! + l)));
    const x = right.map((row) => new Float32Array(row.length));
    const r = right.map((row) => row.slice());
    if (expected) this.#apply(expected, lambda.map((row) => new Float32Array(row.length))).forEach((row, i) => axpy(r[i]!, row, -1));
    let z = r.map((row, i) => row.map((v, n) => v * inverse[i]![n]!));
    const p = z.map((row) => row.slice());
    let rz = inner(r, z);
    const start = rz;
    for (let iteration = 0; iteration < iterations && rz > 1e-9 * start; iteration += 1) {
      const ap = this.#apply(p, lambda);
      const alpha = rz / inner(p, ap);
      if (!Number.isFinite(alpha)) break;
      x.forEach((row, i) => axpy(row, p[i]!, alpha));
      r.forEach((row, i) => axpy(row, ap[i]!, -alpha));
      z = r.map((row, i) => row.map((v, n) => v * inverse[i]![n]!));
      const next = inner(r, z);
      const beta = next / rz;
      p.forEach((row, i) => {
        const zi = z[i]!;
        for (let n = 0; n < row.length; n += 1) row[n] = zi[n]! + beta * row[n]!;
      });
      rz = next;
    }
    if (expected) x.forEach((row, i) => axpy(row, expected[i]!, 1));
    return x;
  }

  /** Gain of the direct sound alone from an input to an output. */
  directGain(output: number, input: number): number {
    return this.#right[output]![input]![this.lead]! / Math.max(1e-20, this.inputEnergy[input]!);
  }

  /** What a response from an input does to that input's sound as a gain: the value of one tap that would do most nearly the same. */
  actingGain(input: number, response: Float32Array): number {
    const spectrum = emptySpectrum(this.#fft.size);
    const product = emptySpectrum(this.#fft.size);
    this.#fft.forward(response, spectrum);
    addProduct(this.#matrix[input]![input]!, spectrum, product);
    const result = new Float32Array(this.taps);
    this.#fft.inverse(product, result);
    return result[this.lead]! / Math.max(1e-20, this.inputEnergy[input]!);
  }

  /** Weighted energy of what responses leave of an output. */
  remainder(output: number, responses: readonly Float32Array[]): number {
    const none = responses.map((h) => new Float32Array(h.length));
    return this.outputEnergy[output]! - 2 * inner(responses, this.#right[output]!) + inner(responses, this.#apply(responses, none));
  }
}

const grid = <T>(rows: number, columns: number, make: () => T): T[][] => Array.from({ length: rows }, () => Array.from({ length: columns }, make));

function inner(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let sum = 0;
  a.forEach((row, i) => {
    const other = b[i]!;
    for (let n = 0; n < row.length; n += 1) sum += row[n]! * other[n]!;
  });
  return sum;
}

function axpy(into: Float32Array, of: Float32Array, scale: number): void {
  for (let n = 0; n < into.length; n += 1) into[n]! += scale * of[n]!;
}
