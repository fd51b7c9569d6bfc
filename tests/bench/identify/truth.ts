/** What a chain does, measured with impulses: its linear curve, its room. */
import { fitLine } from './line.ts';
import { processed, type Step, type Stereo } from './processors.ts';

const IMPULSE = 0.25;
const SECONDS = 4;

function impulse(rate: number, left: number, right: number): Stereo {
  const rows = [new Float32Array(SECONDS * rate), new Float32Array(SECONDS * rate)] as const;
  // Not at the very start: some plug-ins wake up.
  rows[0][rate] = left * IMPULSE;
  rows[1][rate] = right * IMPULSE;
  return rows;
}

/** Responses left-left, left-right, right-left, right-right from the moment of the impulse. */
export function responsesOf(steps: readonly Step[], rate: number): Float32Array[] {
  const answers = [processed(impulse(rate, 1, 0), rate, steps), processed(impulse(rate, 0, 1), rate, steps)];
  return answers.flatMap((answer) => answer.map((row) => row.subarray(rate).map((x) => x / IMPULSE)));
}

/** Twelve points an octave, 40 Hz to 16 kHz. */
export const JUDGED_HZ: readonly number[] = Array.from({ length: Math.floor(12 * Math.log2(16_000 / 40)) + 1 }, (_, k) => 40 * 2 ** (k / 12));

/** Level of a response at frequencies, dB. */
export function curveDb(response: Float32Array, hz: readonly number[], rate: number): number[] {
  return hz.map((f) => {
    const turn = (2 * Math.PI * f) / rate;
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    let [wr, wi, re, im] = [1, 0, 0, 0];
    for (const x of response) {
      re += x * wr;
      im += x * wi;
      [wr, wi] = [wr * c - wi * s, wr * s + wi * c];
    }
    return 10 * Math.log10(re * re + im * im + 1e-20);
  });
}

/** What an equalizer does to the mid channel. */
export function equalizerCurve(steps: readonly Step[], rate: number): number[] {
  const [ll, lr, rl, rr] = responsesOf(steps, rate) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const mid = ll.map((x, n) => (x + lr[n]! + rl[n]! + rr[n]!) / 2);
  return curveDb(mid.subarray(0, rate), JUDGED_HZ, rate);
}

/** Two octave-wide band-passes in a row (R. Bristow-Johnson, constant peak gain). */
function octaveOf(row: Float32Array, hz: number, rate: number): Float32Array {
  const w = (2 * Math.PI * hz) / rate;
  const alpha = Math.sin(w) / (2 * Math.SQRT2);
  const [b, a1, a2] = [alpha / (1 + alpha), (-2 * Math.cos(w)) / (1 + alpha), (1 - alpha) / (1 + alpha)];
  const once = (input: Float32Array) => {
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    return input.map((x) => {
      const y = b * (x - x2) - a1 * y1 - a2 * y2;
      [x2, x1, y2, y1] = [x1, x, y1, y];
      return y;
    });
  };
  return once(once(row));
}

/** Where the decay is no straight line at all, as with a few echoes, there is no reverberation time. */
const LEAST_CORRELATION = 0.95;

/** Seconds for 60 dB, from the fall between 5 and 25 dB under the start (T20), all channels together. */
function t20Of(channels: readonly Float32Array[], rate: number): { seconds: number; correlation: number } | null {
  const length = channels[0]!.length;
  const energy = new Float64Array(length + 1);
  for (let n = length - 1; n >= 0; n -= 1) energy[n] = energy[n + 1]! + channels.reduce((sum, c) => sum + c[n]! ** 2, 0);
  if (!(energy[0]! > 0)) return null;
  const step = Math.round(0.001 * rate);
  const points: [number, number][] = [];
  for (let n = 0; n < length; n += step) {
    const db = 10 * Math.log10(energy[n]! / energy[0]! + 1e-12);
    if (db <= -5 && db >= -25) points.push([n / rate, db]);
  }
  if (points.length < 8) return null;
  const { slope, correlation } = fitLine(points);
  return slope < 0 ? { seconds: -60 / slope, correlation: -correlation } : null;
}

/**
 * Reverberation time as one number: T20 in the octaves of 500 Hz and 1 kHz, their mean (ISO 3382-1). Of all bands at once
 * it would be the time of what rings longest, be it at 22 kHz, and of a damped plate neither the bass's nor the treble's.
 * @param isTruth whether it must be a decay: else what is found counts as it is
 */
export function rt60Of(channels: readonly Float32Array[], rate: number, isTruth = true): number | null {
  const octaves = [500, 1000].map((hz) => t20Of(channels.map((c) => octaveOf(c, hz, rate)), rate));
  if (octaves.some((o) => o === null || (isTruth && o.correlation < LEAST_CORRELATION))) return null;
  return octaves.reduce((sum, o) => sum + o!.seconds / octaves.length, 0);
}

/** The same of all bands at once. */
export const wholeBandRt60Of = (channels: readonly Float32Array[], rate: number): number | null => {
  const t20 = t20Of(channels, rate);
  return t20 && t20.correlation > LEAST_CORRELATION ? t20.seconds : null;
};

/** Music has nothing above, and nobody hears it: a plate may ring at 22 kHz with ten times the energy of all the rest. */
const HEARD_HZ = 18_000;

/** A low-pass of second order (R. Bristow-Johnson), twice. */
function heardOf(row: Float32Array, rate: number): Float32Array {
  const w = 2 * Math.PI * Math.min(HEARD_HZ / rate, 0.45);
  const alpha = Math.sin(w) * Math.SQRT1_2;
  const [b, a1, a2] = [(1 - Math.cos(w)) / 2 / (1 + alpha), (-2 * Math.cos(w)) / (1 + alpha), (1 - alpha) / (1 + alpha)];
  const once = (input: Float32Array) => {
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    return input.map((x) => {
      const y = b * (x + 2 * x1 + x2) - a1 * y1 - a2 * y2;
      [x2, x1, y2, y1] = [x1, x, y1, y];
      return y;
    });
  };
  return once(once(row));
}

/** The room behind a chain's direct sound: its channels, and the wet gain and the pre-delay as our reverb states them. */
export function roomOf(steps: readonly Step[], rate: number): { channels: Float32Array[]; mix: number; preDelayMs: number } | null {
  const rows = responsesOf(steps, rate);
  const strongest = rows[0]!.reduce((best, x, n, all) => (n < 0.02 * rate && Math.abs(x) > Math.abs(all[best]!) ? n : best), 0);
  const direct = rows[0]![strongest]!;
  if (!(Math.abs(direct) > 1e-3)) return null;
  const channels = rows.map((row) => row.slice(strongest + 1).map((x) => x / direct));
  const block = Math.round(0.001 * rate);
  const energies: number[] = [];
  for (let at = 0; at + block <= channels[0]!.length; at += block) energies.push(channels.reduce((sum, c) => sum + c.subarray(at, at + block).reduce((s, x) => s + x * x, 0), 0));
  const highest = Math.max(...energies);
  const onset = energies.findIndex((e) => e > 0.03 * highest);
  const energy = channels.reduce((sum, c) => sum + heardOf(c, rate).reduce((s, x) => s + x * x, 0), 0) / 2;
  return { channels: channels.map((c) => c.slice(onset * block)), mix: Math.sqrt(energy), preDelayMs: (1000 * onset * block) / rate };
}
