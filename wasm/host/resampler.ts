/** Sample-rate conversion with the engine's windowed-sinc resampler; delay-free and the same for any cut. */
import type { PcmSource } from '../../shared/pcm.ts';
import type { Engine } from './engine.ts';

/** Most output frames asked of the engine at once. */
const RUN_FRAMES = 8192;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * One pair of rates. Output frame k lies at input time k x from / to; a recording of n frames becomes
 * ceil(n x to / from). Stop band -120 dB; flat to 0.92 of the lower Nyquist frequency.
 */
export class Resampler {
  /** The ratio of the rates in lowest terms: every `down` input frames last as long as `up` output frames. */
  readonly up: number;
  readonly down: number;
  readonly #engine: Engine;
  readonly #plan: number;
  readonly #taps: number;
  readonly #input: number;
  readonly #output: number;

  /** @param fromHz, toHz whole numbers, 8 000 to 192 000 */
  constructor(engine: Engine, fromHz: number, toHz: number) {
    const divisor = gcd(fromHz, toHz);
    const { raw } = engine;
    this.#engine = engine;
    this.up = toHz / divisor;
    this.down = fromHz / divisor;
    this.#plan = raw.allocate(raw.resamplerPlanBytes(fromHz, toHz));
    this.#taps = raw.resamplerPlan(this.#plan, fromHz, toHz);
    this.#input = raw.allocate((Math.ceil((RUN_FRAMES * this.down) / this.up) + this.#taps + 1) * 4);
    this.#output = raw.allocate(RUN_FRAMES * 4);
  }

  outputFrames(inputFrames: number): number {
    return Math.ceil((inputFrames * this.up) / this.down);
  }

  /** The input frames that outputs `frame` to `frame + frames` depend on; may reach over both ends. */
  inputRange(frame: number, frames: number): { start: number; frames: number } {
    const start = Math.floor((frame * this.down) / this.up) - this.#taps / 2 + 1;
    const last = Math.floor(((frame + Math.max(0, frames - 1)) * this.down) / this.up);
    return { start, frames: last + this.#taps / 2 + 1 - start };
  }

  /**
   * @param input the frames of `inputRange(frame, frames)`, zeros beyond the recording's ends
   * @returns `frames` output frames
   */
  run(input: Float32Array, frame: number, frames: number): Float32Array<ArrayBuffer> {
    const { raw } = this.#engine;
    const output = new Float32Array(frames);
    const { start } = this.inputRange(frame, frames);
    for (let done = 0; done < frames; done += RUN_FRAMES) {
      const count = Math.min(RUN_FRAMES, frames - done);
      const range = this.inputRange(frame + done, count);
      const from = range.start - start;
      this.#engine.f32(this.#input, range.frames).set(input.subarray(from, from + range.frames));
      raw.resample(this.#plan, ((frame + done) * this.down) % this.up, this.#input, this.#output, count);
      output.set(this.#engine.f32(this.#output, count), done);
    }
    return output;
  }

  /** A whole signal at once. */
  resampleAll(input: Float32Array): Float32Array<ArrayBuffer> {
    const frames = this.outputFrames(input.length);
    const range = this.inputRange(0, frames);
    const padded = new Float32Array(range.frames);
    padded.set(input.subarray(0, range.frames + range.start), -range.start);
    return this.run(padded, 0, frames);
  }
}

/** The recording at another rate, read in pieces like any other; itself where the rate is the same. */
export function resamplePcm(pcm: PcmSource, toHz: number, engine: Engine): PcmSource {
  if (pcm.sampleRate === toHz) return pcm;
  const resampler = new Resampler(engine, pcm.sampleRate, toHz);
  const frames = resampler.outputFrames(pcm.frames);
  return {
    sampleRate: toHz,
    channels: pcm.channels,
    frames,
    notices: pcm.notices,
    async read(frame, count) {
      const wanted = Math.max(0, Math.min(count, frames - frame));
      const range = resampler.inputRange(frame, wanted);
      const start = Math.max(0, range.start);
      const rows = await pcm.read(start, Math.max(0, Math.min(pcm.frames, range.start + range.frames) - start));
      return rows.map((row) => {
        const padded = new Float32Array(range.frames);
        padded.set(row, start - range.start);
        return resampler.run(padded, frame, wanted);
      });
    },
  };
}
