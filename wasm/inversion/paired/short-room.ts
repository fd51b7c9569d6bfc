/**
 * Is there a room so short that it overlaps the direct sound: a plate of some 50 ms, of which powers (`energy-decay.ts`)
 * tell nothing, because it is over before a window is.
 *
 * Responses found from either half of the material must agree after the direct sound and not before it, in most octaves
 * alike, and each must predict the half that it has not seen much better than one without a tail. An equalizer rings in
 * its own octave alone and is over within 10 ms; a compressor, a bent wave and a codec predict nothing.
 * Sources: M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965, of the product of two estimates,
 * whose noise is independent; M. Stone, "Cross-validatory choice and assessment of statistical predictions", J. Royal
 * Statistical Society B 36, 1974.
 */
import type { Engine } from '../../host/engine.ts';
import { Deconvolution, type Recorded, type Whitening } from './deconvolution.ts';
import type { Stereo } from './excerpts.ts';
import { midOf } from './linear-part.ts';
import { lowered } from './resampled-reader.ts';
import { octaveBand, reverberationTime } from './reverberation-time.ts';
import { whiteningOf } from './whitening.ts';

export interface ShortRoom {
  /** How much less a response with a tail leaves of unseen material, dB. */
  readonly gainDb: number;
  readonly rt60Seconds: number;
  /** Mean power of a tap of the tail, carried back to the direct sound along the decay, relative to the direct sound's, dB. */
  readonly startDb: number;
}

const RATE_HZ = 11_025;
const framesIn = (seconds: number): number => Math.round(seconds * RATE_HZ);
/** As much is looked at before the direct sound, where nothing is but the estimate's own noise. */
const LEAD = framesIn(0.03);
const TAPS = LEAD + framesIn(0.25);
/** An equalizer's ringing above 400 Hz. */
const DIRECT = framesIn(0.008);
const LOWEST_HZ = 400;
const HIGHEST_HZ = 4800;
const OCTAVES_HZ = [500, 1000, 2000, 4000] as const;
/** Priors on a tap, as shares of the input's energy; they grow as a room of this decay falls. */
const RIDGES = [0.01, 0.1, 1];
const PRIOR_RT60_SECONDS = 0.3;
const FREE = 1e-5;
const FREE_SECONDS = 0.001;
const HELD = 1e4;
const STEPS = 120;

/** Where a short room sounds and equalizers have rung out; mirrored, the estimate's own noise. */
const TAIL_SECONDS = [0.01, 0.03] as const;
/** From here a room's fall is measured. */
const BEGINS_SECONDS = 0.0005;

/**
 * Set on 14 rooms of other makers that powers pass over and 82 chains without a room (`npm run bench -- identify`): 11 of
 * the rooms predict 2.4 dB or more, stand 11 dB or more out of the noise and lie at most 37 dB under the direct sound, three
 * plates of some 24 ms do not; no chain without a room passes all three, though equalizers may predict as much.
 */
const PREDICTED_DB = 2;
const STANDS_OUT_DB = 9;
const FAINTEST_DB = -40;

const decibels = (power: number): number => 10 * Math.log10(Math.max(1e-12, power));

interface Estimates {
  /** A response from either half. */
  readonly responses: readonly Float32Array[];
  /** What they leave of the half that they were not learnt on, as a share, both together. */
  readonly left: number;
}

function estimatesOf(systems: readonly Deconvolution[], freeFrames: number, prior: number): Estimates {
  const responses = systems.map((system) => {
    const row = Float32Array.from({ length: TAPS }, (_, n) => {
      const away = Math.abs(n - LEAD);
      return system.inputEnergy[0]! * (away < freeFrames ? FREE : Math.min(HELD, prior * 10 ** ((6 * away) / (PRIOR_RT60_SECONDS * RATE_HZ))));
    });
    return system.solve(0, [row], STEPS)[0]!;
  });
  const left = responses.reduce((sum, response, half) => {
    const other = systems[1 - half]!;
    return sum + other.remainder(0, [response]) / Math.max(1e-20, other.outputEnergy[0]!);
  }, 0);
  return { responses, left: Math.max(1e-9, left) };
}

/** What two responses have in common between two moments after the direct sound, whose noise is independent. */
function commonPower(a: Float32Array, b: Float32Array, fromSeconds: number, toSeconds: number): number {
  let sum = 0;
  for (let n = LEAD + framesIn(fromSeconds); n < LEAD + framesIn(toSeconds); n += 1) sum += a[n]! * b[n]!;
  return sum;
}

/** Octaves' middle level of the tail under the direct sound, and how far it stands out of what is found before, dB. */
function tailLevels([a, b]: readonly Float32Array[]): { levelDb: number; standsOutDb: number } {
  const [from, to] = TAIL_SECONDS;
  const octaves = OCTAVES_HZ.map((hz) => {
    const [first, second] = [octaveBand(a!, hz, RATE_HZ), octaveBand(b!, hz, RATE_HZ)];
    const tail = commonPower(first, second, from, to);
    const direct = commonPower(first, second, -from, from);
    return { level: decibels(tail / Math.max(1e-20, direct)), above: decibels(tail / Math.max(1e-12, commonPower(first, second, -to, -from))) };
  });
  // Of four the second lowest: a room is in most octaves.
  const second = (values: number[]) => values.sort((x, y) => x - y)[1]!;
  return { levelDb: second(octaves.map((o) => o.level)), standsOutDb: second(octaves.map((o) => o.above)) };
}

async function systemsOf(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number): Promise<Deconvolution[]> {
  const halves: Recorded[][] = [[], []];
  for (const [e, x] of before.entries()) {
    const input = await lowered(midOf(x), sampleRate / RATE_HZ);
    const output = await lowered(midOf(after[e]!), sampleRate / RATE_HZ);
    const middle = Math.floor(input.length / 2);
    halves[0]!.push({ inputs: [input.slice(0, middle)], outputs: [output.slice(0, middle)] });
    halves[1]!.push({ inputs: [input.slice(middle)], outputs: [output.slice(middle)] });
  }
  const even = whiteningOf(engine, halves.flat().map((h) => h.inputs[0]!), RATE_HZ);
  const whitening: Whitening = (hz) => (hz > HIGHEST_HZ ? 0 : even(hz) * Math.min(1, (hz / LOWEST_HZ) ** 4));
  return halves.map((half) => new Deconvolution(engine, half, TAPS, LEAD, RATE_HZ, whitening));
}

/**
 * Looks for a room where `lookForTail` has found none, mid channel only.
 * @param before what enters the room, excerpts
 * @param after  what was heard in it
 * Cost: about 0.3 s of a core for 14 s.
 */
export async function lookForShortRoom(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number): Promise<ShortRoom | null> {
  const systems = await systemsOf(engine, before, after, sampleRate);
  const without = estimatesOf(systems, DIRECT, HELD);
  const found = RIDGES.map((prior) => estimatesOf(systems, framesIn(FREE_SECONDS), prior)).reduce((best, one) => (one.left < best.left ? one : best));
  const gainDb = decibels(without.left / found.left);
  if (gainDb < PREDICTED_DB) return null;
  const { levelDb, standsOutDb } = tailLevels(found.responses);
  if (levelDb < FAINTEST_DB || standsOutDb < STANDS_OUT_DB) return null;
  const [a, b] = found.responses as [Float32Array, Float32Array];
  const mean = a.map((v, n) => (v + b[n]!) / 2);
  const rt60Seconds = reverberationTime([mean.subarray(LEAD + framesIn(BEGINS_SECONDS))], RATE_HZ);
  if (rt60Seconds === null) return null;
  const [from, to] = TAIL_SECONDS;
  const tap = commonPower(a, b, from, to) / framesIn(to - from);
  const direct = commonPower(a, b, -FREE_SECONDS, FREE_SECONDS);
  return { gainDb, rt60Seconds, startDb: decibels(tap / direct) + (60 * from) / rt60Seconds };
}
