/**
 * Steady noise made softer: a Wiener gain from the a priori signal-to-noise ratio, decided by what the frame before was.
 * Sources: Y. Ephraim, D. Malah, IEEE Trans. ASSP 32 (1984), the decision-directed ratio; P. Scalart, J. Vieira Filho,
 * ICASSP 1996, the gain. Departs from them: noise is what the quietest tenth of the frames has, since a sample of some
 * seconds has no leader of noise alone; and no bin is made softer than 12 dB, which leaves no "musical" tones.
 */
import type { Engine } from '../../../wasm/host/engine.ts';
import { RealFft } from '../../../wasm/host/fft.ts';

/** About 46 ms at 22 kHz: harmonics of a low voice stay apart. */
const SIZE = 1024;
const HOP = SIZE / 4;
/** How much the frame before decides. */
const MEMORY = 0.98;
const LEAST_GAIN = 10 ** (-12 / 20);
const LEAST_RATIO = 10 ** (-25 / 10);
const QUIET_SHARE = 0.1;
/** The mean power of white noise over that of its quietest tenth of frames: 1.101 of 20 draws of 8 s with these frames. */
const QUIET_BIAS = 1.1;

/** Square roots of Hann: twice windowed, frames a quarter apart sum up to 2. */
const WINDOW = Float32Array.from({ length: SIZE }, (_, i) => Math.sqrt(0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE)));

/**
 * @param samples mono
 * @returns as many; what was silent stays silent
 */
export function softenNoise(engine: Engine, samples: Float32Array): Float32Array<ArrayBuffer> {
  const fft = new RealFft(engine, SIZE);
  const bins = SIZE / 2 + 1;
  // A frame of silence before and after, so that every sample lies in four frames.
  const padded = new Float32Array(samples.length + 2 * SIZE);
  padded.set(samples, SIZE);
  const count = Math.floor((padded.length - SIZE) / HOP) + 1;
  const spectra = Array.from({ length: count }, (_, frame) => {
    const [re, im] = [new Float32Array(bins), new Float32Array(bins)];
    fft.forward(padded.subarray(frame * HOP, frame * HOP + SIZE).map((value, i) => value * WINDOW[i]!), re, im);
    return { re, im };
  });
  const noise = noisePower(spectra, bins);
  const output = new Float32Array(padded.length);
  const frameOut = new Float32Array(SIZE);
  const before = new Float64Array(bins);
  for (const [frame, { re, im }] of spectra.entries()) {
    for (let k = 0; k < bins; k += 1) {
      const after = (re[k]! ** 2 + im[k]! ** 2) / noise[k]!;
      const ratio = Math.max(LEAST_RATIO, MEMORY * before[k]! + (1 - MEMORY) * Math.max(0, after - 1));
      const gain = Math.max(LEAST_GAIN, ratio / (1 + ratio));
      before[k] = gain * gain * after;
      re[k]! *= gain;
      im[k]! *= gain;
    }
    fft.inverse(re, im, frameOut);
    for (let i = 0; i < SIZE; i += 1) output[frame * HOP + i]! += 0.5 * WINDOW[i]! * frameOut[i]!;
  }
  return output.slice(SIZE, SIZE + samples.length);
}

/** Mean power per bin of the quietest tenth of the frames that are not digital silence. */
function noisePower(spectra: readonly { readonly re: Float32Array; readonly im: Float32Array }[], bins: number): Float64Array {
  const levels = spectra
    .map(({ re, im }, frame) => ({ frame, power: re.reduce((sum, value, k) => sum + value * value + im[k]! ** 2, 0) }))
    .filter(({ power }) => power > 1e-9)
    .toSorted((a, b) => a.power - b.power);
  const quiet = levels.slice(0, Math.max(1, Math.round(QUIET_SHARE * levels.length)));
  const noise = new Float64Array(bins).fill(1e-12);
  for (const { frame } of quiet) {
    const { re, im } = spectra[frame]!;
    for (let k = 0; k < bins; k += 1) noise[k]! += (QUIET_BIAS * (re[k]! ** 2 + im[k]! ** 2)) / quiet.length;
  }
  return noise;
}
