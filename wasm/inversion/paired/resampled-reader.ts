/** Reading a recording at any rate from any fractional position: delay, drift and sample-rate differences in one go. */
import { pcmFromArrays, type PcmSource } from '../../../shared/pcm.ts';

const PHASES = 512;

/** Zeroth-order modified Bessel function, by its series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

interface Kernel {
  /** Taps on each side. */
  readonly reach: number;
  /** (PHASES + 1) rows of 2 reach taps, each row summing to 1. */
  readonly rows: Float32Array;
}

const kernels = new Map<string, Kernel>();

/**
 * Kaiser-windowed sinc, tabulated by fractional position.
 * Source: J. O. Smith, "Digital audio resampling", CCRMA; Kaiser beta 10 keeps the images under -100 dB.
 */
function kernelFor(cutoff: number, crossings: number): Kernel {
  const key = `${cutoff.toFixed(6)}/${crossings}`;
  const known = kernels.get(key);
  if (known) return known;
  const reach = Math.ceil(crossings / cutoff);
  const rows = new Float32Array((PHASES + 1) * 2 * reach);
  const beta = 10;
  for (let phase = 0; phase <= PHASES; phase += 1) {
    let sum = 0;
    const row = rows.subarray(phase * 2 * reach, (phase + 1) * 2 * reach);
    for (let tap = 0; tap < 2 * reach; tap += 1) {
      const t = tap - reach + 1 - phase / PHASES;
      const x = t * cutoff;
      const inside = 1 - (t / reach) ** 2;
      const sinc = Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      row[tap] = inside > 0 ? sinc * besselI0(beta * Math.sqrt(inside)) : 0;
      sum += row[tap]!;
    }
    for (let tap = 0; tap < 2 * reach; tap += 1) row[tap]! /= sum;
  }
  const kernel = { reach, rows };
  if (kernels.size > 16) kernels.clear();
  kernels.set(key, kernel);
  return kernel;
}

/** Taps between two phases of the table. */
function rowBetween({ reach, rows }: Kernel, phase: number): Float64Array {
  const base = Math.floor(phase) * 2 * reach;
  const mix = phase - Math.floor(phase);
  return Float64Array.from({ length: 2 * reach }, (_, tap) => rows[base + tap]! * (1 - mix) + rows[Math.min(rows.length - 1, base + 2 * reach + tap)]! * mix);
}

export interface ReadPlan {
  /** Position of the first frame, in frames of the source; may be fractional or negative. */
  readonly startFrame: number;
  /** Frames of the source per frame of the answer. */
  readonly step: number;
  readonly frames: number;
  /** Zero crossings of the interpolator on each side; 32 for audio, 8 for a rough look. */
  readonly crossings?: number;
}

/**
 * Frames of a recording interpolated at startFrame + i step; silence before its start and after its end.
 * @returns one array per channel, each `frames` long
 *
 * Exact: with step 1 and a whole start the samples themselves; otherwise -90 dB up to 0.9 of the narrower band.
 * Cost: 2 crossings multiplications a sample (times step, when that is over 1).
 */
export async function readResampled(source: PcmSource, plan: ReadPlan): Promise<Float32Array[]> {
  const { startFrame, step, frames, crossings = 32 } = plan;
  const isPlain = step === 1 && Number.isInteger(startFrame);
  const kernel = kernelFor(step > 1 ? 0.97 / step : 1, crossings);
  const { reach, rows } = kernel;
  const margin = isPlain ? 0 : reach + 1;
  const first = Math.floor(startFrame) - margin;
  const last = Math.ceil(startFrame + (frames - 1) * step) + margin + 1;
  const from = Math.max(0, first);
  const until = Math.min(source.frames, last);
  const held = until > from ? await source.read(from, until - from) : [];
  return Array.from({ length: source.channels }, (_, c) => {
    const input = new Float32Array(last - first);
    if (held[c]) input.set(held[c], from - first);
    if (isPlain) return input.slice(0, frames);
    const output = new Float32Array(frames);
    if (Number.isInteger(step)) {
      // Every position has the same fraction: one row does it all.
      const position = startFrame - first;
      const whole = Math.floor(position);
      const taps = rowBetween(kernel, (position - whole) * PHASES);
      for (let i = 0, at = whole - reach + 1; i < frames; i += 1, at += step) {
        let sum = 0;
        for (let tap = 0; tap < taps.length; tap += 1) sum += input[at + tap]! * taps[tap]!;
        output[i] = sum;
      }
      return output;
    }
    for (let i = 0; i < frames; i += 1) {
      const position = startFrame + i * step - first;
      const whole = Math.floor(position);
      const phase = (position - whole) * PHASES;
      const row = Math.floor(phase);
      const mix = phase - row;
      const base = row * 2 * reach;
      const at = whole - reach + 1;
      let low = 0;
      let high = 0;
      for (let tap = 0; tap < 2 * reach; tap += 1) {
        const x = input[at + tap]!;
        low += x * rows[base + tap]!;
        high += x * rows[base + 2 * reach + tap]!;
      }
      output[i] = low + (high - low) * mix;
    }
    return output;
  });
}

/** A signal at `factor` times fewer frames a second, for a rough look: what lies over 0.9 of the new band is lost. */
export async function lowered(signal: Float32Array, factor: number): Promise<Float32Array> {
  const [low] = await readResampled(pcmFromArrays([signal], 1), { startFrame: 0, step: factor, frames: Math.floor(signal.length / factor), crossings: 8 });
  return low!;
}
