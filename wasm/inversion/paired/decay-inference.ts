/**
 * How a room's energy falls, by indirect inference. What least squares find of a room falls faster than the room where the
 * music covers its tail, and slower where their own noise does, by amounts that no formula gives. So a room whose decays
 * are known is found from the same music in the same way; as much as it then falls too fast or too slowly the real one does.
 * Least squares and powers (`energyDecays`) err independently of each other: the geometric mean of both is nearer than either.
 * Sources: C. Gourieroux, A. Monfort and E. Renault, "Indirect inference", Journal of Applied Econometrics 8, 1993; the room
 * is decaying noise: J.-D. Polack, "La transmission de l'energie sonore dans les salles", thesis, Le Mans 1988.
 */
import type { Engine } from '../../host/engine.ts';
import { Deconvolution, type Recorded } from './deconvolution.ts';
import { type BandDecay, middleRt60 } from './energy-decay.ts';
import type { Stereo } from './excerpts.ts';
import { midOf, sideOf } from './linear-part.ts';
import { lowered } from './resampled-reader.ts';
import { octaveBand } from './reverberation-time.ts';
import { noise } from './tail-shape.ts';
import { whiteningOf } from './whitening.ts';

const RATE_HZ = 11_025;
/** Octaves whose decays are inferred. */
const OCTAVES_HZ = [250, 500, 1000, 2000] as const;
/** Rooms that are simulated: with one alone reverberation times come out 1 % worse (53 rooms of other makers, `npm run bench -- identify`). */
const DRAWS = 4;
/** Steps of conjugate gradients: half as many make them 2 % worse. */
const STEPS = 30;
/** Share of what the direct part leaves that is taken for noise when taps are weighed. */
const NOISE_SHARE = 0.3;
/** The prior falls more slowly than powers say. */
const SLOWER = 1.3;
/** Where the direct part ends the room begins. */
const BEGINS_SECONDS = 0.02;
/** A room's echoes have built up by then. */
const BUILT_SECONDS = 0.12;
const BLOCK_SECONDS = 0.01;
/** Falls are compared over half the decay, 30 dB; over a third they are told 2 % worse. */
const COMPARED = 0.5;
const SHORTEST_SECONDS = 0.15;
const LONGEST_SECONDS = 1;
/** Taps reach over so much of the decay, and no further than that. */
const TAIL = 1.2;
const LONGEST_TAIL_SECONDS = 2.5;
/** Powers are not wrong by more than a factor of two: what says so is. */
const MOST_CHANGE = 0.7;
/**
 * Least squares explain so much of what the direct part leaves of a room that answers twice alike: 0.94 or more of 44 rooms
 * of other makers, 0.88 at most of nine whose delays sway, where what coheres falls faster than the room.
 */
const STANDS_STILL = 0.9;
/** Of energy in 60 dB. */
const NEPERS = 6 * Math.LN10;

/** The least squares that found the room and find simulated ones. */
interface Search {
  readonly system: Deconvolution;
  /** Weights of the taps, per output and input. */
  readonly priors: readonly (readonly Float32Array[])[];
  readonly lead: number;
  readonly taps: number;
}

/** Energies of an octave of a response, block by block, outwards from the direct sound. */
interface Levels {
  readonly after: Float64Array;
  /** Nothing sounds before its cause: the estimate's own noise, which is alike on both sides. */
  readonly before: Float64Array;
}

/** @returns the excerpts at the low rate; a last output is silent */
async function recordedAt(before: readonly Stereo[], left: readonly Stereo[], inputCount: number, sampleRate: number): Promise<Recorded[]> {
  const low = (signal: Float32Array) => lowered(signal, sampleRate / RATE_HZ);
  const recorded: Recorded[] = [];
  for (const [e, x] of before.entries()) {
    const inputs = await Promise.all([midOf(x), sideOf(x)].slice(0, inputCount).map(low));
    recorded.push({ inputs, outputs: [...(await Promise.all(left[e]!.map(low))), new Float32Array(inputs[0]!.length)] });
  }
  return recorded;
}

const comparedSeconds = (rt60Seconds: number): number => Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, COMPARED * rt60Seconds));

function searchIn(engine: Engine, recorded: readonly Recorded[], decays: readonly BandDecay[]): Search {
  const rt60Seconds = middleRt60(decays)!;
  const compared = comparedSeconds(rt60Seconds);
  const lead = Math.round((compared + 5 * BLOCK_SECONDS) * RATE_HZ);
  const taps = lead + Math.round(Math.max(compared + 2 * SHORTEST_SECONDS, Math.min(LONGEST_TAIL_SECONDS, TAIL * rt60Seconds)) * RATE_HZ);
  const whitening = whiteningOf(engine, recorded.map((r) => r.inputs[0]!), RATE_HZ);
  const system = new Deconvolution(engine, recorded, taps, lead, RATE_HZ, whitening);
  const frames = recorded.reduce((sum, r) => sum + r.inputs[0]!.length, 0);
  const middle = decays.filter((d) => d.hz === 500 || d.hz === 1000);
  // Four responses share the power.
  const start = middle.reduce((sum, d) => sum + d.startPower, 0) / middle.length / 4 / RATE_HZ;
  const priors = system.outputEnergy.slice(0, -1).map((energy) => {
    const row = Float32Array.from({ length: taps }, (_, n) => {
      const expected = start * Math.exp((-NEPERS * Math.abs(n - lead)) / (SLOWER * rt60Seconds * RATE_HZ));
      return Math.min(1e3 * system.inputEnergy[0]!, (NOISE_SHARE * energy) / frames / Math.max(1e-15, expected));
    });
    return Array.from({ length: system.inputCount }, () => row);
  });
  return { system, priors, lead, taps };
}

/** @returns decaying noise, one row for every response */
function drawnRoom({ lead, taps, priors }: Search, decays: readonly BandDecay[], draw: number): Float32Array[][] {
  const bands = [OCTAVES_HZ[0] / 2, ...OCTAVES_HZ, 2 * OCTAVES_HZ.at(-1)!];
  const rtOf = (hz: number) => decays.find((d) => d.hz === Math.min(OCTAVES_HZ.at(-1)!, Math.max(OCTAVES_HZ[0], hz)))!.rt60Seconds;
  return priors.map((inputs, output) =>
    inputs.map((_, input) => {
      const source = noise(taps - lead, 1 + 4 * draw + 2 * output + input);
      const row = new Float32Array(taps);
      for (const hz of bands) {
        const fall = (-0.5 * NEPERS) / (RATE_HZ * rtOf(hz));
        const band = octaveBand(source, hz, RATE_HZ);
        for (let n = Math.round(BEGINS_SECONDS * RATE_HZ); n < band.length; n += 1) row[lead + n]! += band[n]! * Math.exp(fall * n);
      }
      return row;
    }),
  );
}

/** Share of the outputs that what was found of them explains, by the search's weights. */
function explained({ system, priors }: Search, found: readonly (readonly Float32Array[])[]): number {
  const left = found.reduce((sum, rows, output) => sum + system.remainder(output, rows), 0);
  return 1 - left / priors.reduce((sum, _, output) => sum + system.outputEnergy[output]!, 0);
}

/** What the search finds of a room: all that it loses of it, when it hears nothing and expects it, taken off. */
const foundOf = ({ system, priors }: Search, room: readonly (readonly Float32Array[])[]): Float32Array[][] =>
  priors.map((prior, output) => system.solve(priors.length, prior, STEPS, room[output]!).map((lost, i) => room[output]![i]!.map((v, n) => v - lost[n]!)));

function levelsOf(responses: readonly (readonly Float32Array[])[], hz: number, lead: number): Levels {
  const block = Math.round(BLOCK_SECONDS * RATE_HZ);
  const [before, after] = [lead, responses[0]![0]!.length - lead].map((frames) => new Float64Array(Math.floor(frames / block))) as [Float64Array, Float64Array];
  for (const row of responses.flat()) {
    const band = octaveBand(row, hz, RATE_HZ);
    for (let n = 0; n < after.length * block; n += 1) after[Math.floor(n / block)]! += band[lead + n]! ** 2;
    for (let n = 0; n < before.length * block; n += 1) before[Math.floor(n / block)]! += band[lead - 1 - n]! ** 2;
  }
  return { before, after };
}

function smoothed(levels: Float64Array, reach: number): Float64Array {
  return levels.map((_, i) => {
    const near = levels.subarray(Math.max(0, i - reach), i + reach + 1);
    return near.reduce((a, b) => a + b, 0) / near.length;
  });
}

/**
 * The likeliest slope between levels that were found and those of simulated rooms, over the noise.
 * @param from first block that is compared
 * @returns nepers of energy a second
 */
function slopeBetween(found: Float64Array, simulated: Float64Array, floor: Float64Array, from: number, to: number): number {
  const sum = (of: (i: number) => number) => Array.from({ length: to - from }, (_, i) => of(from + i)).reduce((a, b) => a + b, 0);
  let gain = Math.log(sum((i) => Math.max(0, found[i]! - floor[i]!)) / sum((i) => simulated[i]!) + 1e-12);
  let slope = 0;
  const span = (to - from) * BLOCK_SECONDS;
  // Fisher's scoring for powers, whose deviation is as large as their mean.
  for (let turn = 0; turn < 30; turn += 1) {
    let [up, tilt, a, b, c] = [0, 0, 1e-9, 0, 1e-9];
    for (let i = from; i < to; i += 1) {
      const seconds = (i - from) * BLOCK_SECONDS;
      const model = simulated[i]! * Math.exp(gain + slope * seconds);
      const share = model / (model + floor[i]! + 1e-30);
      const rise = (found[i]! / (model + floor[i]! + 1e-30) - 1) * share;
      up += rise;
      tilt += rise * seconds;
      a += share ** 2;
      b += share ** 2 * seconds;
      c += share ** 2 * seconds ** 2;
    }
    const determinant = a * c - b * b + 1e-12;
    const [dGain, dSlope] = [(c * up - b * tilt) / determinant, (a * tilt - b * up) / determinant];
    const largest = Math.max(Math.abs(dGain), Math.abs(dSlope) * span);
    gain += dGain / Math.max(1, largest);
    slope += dSlope / Math.max(1, largest);
    if (largest < 1e-3) break;
  }
  return Number.isFinite(slope) ? slope : 0;
}

/** The octave's decay as what was found of it falls beside what was found of rooms that fall as powers say, nepers of the change. */
function changeOf(found: Levels, simulated: Float64Array, rt60Seconds: number): number {
  const last = Math.min(found.before.length, found.after.length - 2);
  const floor = smoothed(found.before, 4);
  const loud = smoothed(found.after, 1);
  let from = Math.ceil((BEGINS_SECONDS + BLOCK_SECONDS) / BLOCK_SECONDS);
  for (let i = from; i < Math.min(last - 6, BUILT_SECONDS / BLOCK_SECONDS); i += 1) if (loud[i]! > loud[from]!) from = i;
  const to = Math.min(last, from + Math.round(comparedSeconds(rt60Seconds) / BLOCK_SECONDS));
  const slope = slopeBetween(found.after, simulated, floor, from, to);
  return -Math.log(Math.max(Math.exp(-MOST_CHANGE), Math.min(Math.exp(MOST_CHANGE), 1 - (slope * rt60Seconds) / NEPERS)));
}

/**
 * @param before     what enters the room
 * @param left       what the direct part of its responses leaves of what was heard in it
 * @param decays     as powers tell them
 * @param inputCount one: mid; two: side too
 * @returns the same, those of the octaves from 250 Hz to 2 kHz nearer; all as they are where delays sway
 *
 * Cost: about 1 s of a core for 14 s of stereo in a room of 1 s.
 */
export async function inferredDecays(engine: Engine, before: readonly Stereo[], left: readonly Stereo[], decays: readonly BandDecay[], inputCount: number, sampleRate: number): Promise<BandDecay[]> {
  const search = searchIn(engine, await recordedAt(before, left, inputCount, sampleRate), decays);
  const found = search.priors.map((prior, output) => search.system.solve(output, prior, STEPS));
  if (explained(search, found) < STANDS_STILL) return [...decays];
  const draws = Array.from({ length: DRAWS }, (_, draw) => foundOf(search, drawnRoom(search, decays, draw)));
  const changes = OCTAVES_HZ.map((hz) => {
    const levels = draws.map((rows) => levelsOf(rows, hz, search.lead).after);
    const simulated = levels[0]!.map((_, i) => levels.reduce((sum, row) => sum + row[i]!, 0));
    return changeOf(levelsOf(found, hz, search.lead), simulated, decays.find((d) => d.hz === hz)!.rt60Seconds);
  });
  return decays.map((decay) => {
    const change = changes[OCTAVES_HZ.findIndex((hz) => hz === decay.hz)] ?? 0;
    return { ...decay, rt60Seconds: decay.rt60Seconds * Math.exp(change / 2) };
  });
}
