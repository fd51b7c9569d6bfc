/**
 * Sample rate conversion for listening, on the main thread and without the engine: each output frame depends on its
 * place in the recording alone, so pieces join without a click however they are cut.
 */

/** Planar frames of a recording from `frame` on; where the recording has none, zeros. Always `frames` long. */
export type FrameReader = (frame: number, frames: number) => Promise<Float32Array<ArrayBuffer>[]>;

/** Zero crossings on each side of the kernel. */
const CROSSINGS = 16;
/** Kernel values per crossing; between them linear interpolation, error below -80 dB. */
const PHASES = 512;
/** Kaiser window, about 80 dB of stop band (Kaiser 1974: beta = 0.1102 (A - 8.7)). */
const BETA = 7.86;

function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const kernel = (() => {
  const table = new Float64Array(CROSSINGS * PHASES + 2);
  for (let i = 0; i <= CROSSINGS * PHASES; i++) {
    const x = i / PHASES;
    const sinc = i === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    table[i] = (sinc * besselI0(BETA * Math.sqrt(Math.max(0, 1 - (x / CROSSINGS) ** 2)))) / besselI0(BETA);
  }
  return table;
})();

/**
 * A reader at another sample rate.
 *
 * @param read  planar frames at `fromHz`
 * @returns a reader at `toHz`; frame n lies at n fromHz / toHz of the source
 *
 * Source: windowed-sinc interpolation, J. O. Smith, Digital Audio Resampling Home Page (CCRMA, 2002).
 */
export function resampledReader(read: FrameReader, fromHz: number, toHz: number): FrameReader {
  if (fromHz === toHz) return read;
  const ratio = fromHz / toHz;
  const cutoff = Math.min(1, 1 / ratio);
  const reach = Math.ceil(CROSSINGS / cutoff) + 1;
  const scale = cutoff * PHASES;
  return async (frame, frames) => {
    const first = Math.floor(frame * ratio) - reach;
    const last = Math.ceil((frame + frames) * ratio) + reach;
    const source = await read(first, last - first);
    return source.map((channel) => {
      const out = new Float32Array(frames);
      for (let n = 0; n < frames; n++) {
        const position = (frame + n) * ratio - first;
        const from = Math.ceil(position - CROSSINGS / cutoff);
        const to = Math.floor(position + CROSSINGS / cutoff);
        let sum = 0;
        for (let k = from; k <= to; k++) {
          const at = Math.abs(position - k) * scale;
          const index = at | 0;
          const below = kernel[index]!;
          sum += channel[k]! * (below + (at - index) * (kernel[index + 1]! - below));
        }
        out[n] = sum * cutoff;
      }
      return out;
    });
  };
}
