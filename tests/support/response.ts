/** Measured frequency responses of chains. */
import type { Chain } from '../../wasm/host/engine.ts';

/** What the left channel answers to an impulse there, scaled to an impulse of 1. */
export function impulseResponse(chain: Chain, frames: number, amplitude = 1): Float32Array<ArrayBuffer> {
  const left = new Float32Array(frames);
  left[0] = amplitude;
  chain.process(left, new Float32Array(frames));
  return left.map((x) => x / amplitude);
}

/** Level in dB of a response at one frequency (a sum over all its samples: exact, slow). */
export function levelAtDb(ir: ArrayLike<number>, hz: number, sampleRate: number): number {
  let re = 0;
  let im = 0;
  const step = (2 * Math.PI * hz) / sampleRate;
  for (let i = 0; i < ir.length; i += 1) {
    re += ir[i]! * Math.cos(step * i);
    im -= ir[i]! * Math.sin(step * i);
  }
  return 10 * Math.log10(re * re + im * im);
}

/** Frequencies evenly spaced on a logarithmic axis, both ends included. */
export const logSpaced = (fromHz: number, toHz: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => fromHz * (toHz / fromHz) ** (i / (count - 1)));
