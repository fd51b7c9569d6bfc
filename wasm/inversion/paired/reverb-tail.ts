/**
 * Is there a reverb between the recordings, and what is its impulse response.
 *
 * Presence is judged twice: what a short filter leaves must have the powers of a decay, and a response with a tail, learnt
 * on one half of the material, must predict the other half better than a response without one. Then the whole response is
 * found by least squares with a prior that decays as the reverb does.
 */
import type { Engine } from '../../host/engine.ts';
import { Deconvolution, type Recorded, type Whitening } from './deconvolution.ts';
import { type BandDecay, energyDecays, energyDecaysIn, middleRt60, WINDOWS_SECONDS } from './energy-decay.ts';
import type { Stereo } from './excerpts.ts';
import { filtered, midOf, sideOf } from './linear-part.ts';
import { lowered } from './resampled-reader.ts';
import { whiteningOf } from './whitening.ts';

export interface TailEvidence {
  /** How much less a response with a tail leaves of unseen material, dB. */
  readonly gainDb: number;
  readonly rt60Seconds: number;
  /** Level of the decaying part where it starts (15 ms), relative to the direct sound, dB per tap at the low rate. */
  readonly startDb: number;
  /** How much likelier a decay makes the powers of what a short filter leaves: median over octaves, per cell; 0 where it is too faint. */
  readonly energyGain: number;
  /** It is over so soon that its own response tells its decay, and powers do not. */
  readonly isShort: boolean;
}

export interface Responses {
  /** [output left, right][input mid, side (stereo only)], direct sound at index `lead`. */
  readonly taps: readonly (readonly Float32Array[])[];
  readonly lead: number;
  /** Share of the output's energy that the responses leave, dB. */
  readonly remainderDb: number;
}

/** A decay is heard from here on, natural logarithm of its likelihood per cell. */
const HEARD_FALL = 0.1;

/** So clear a fall needs no prediction: behind a compressor of another maker there may be none. */
const CLEAR_FALL = 0.3;
const PREDICTED_DB = 0.5;
/** What bent waves and delays explain starts lower than any room does. */
const LOWEST_START_DB = -64;
const LOWEST_CLEAR_START_DB = -60;

/**
 * A tail shows when powers fall as a room's in most octaves and a response with a tail explains 0.5 dB of what it has not
 * seen, or when they clearly fall so. The limits were set on some thirty rooms of other makers and as many other chains
 * (`npm run bench -- identify`): rooms have a fall of 0.16 or more and nearly all explain 0.6 dB, but for plates of a few
 * milliseconds; levellers and valves have a fall of 0.2 at most, explain 0.4 dB at most there, and start under -65 dB.
 */
export const showsTail = (evidence: TailEvidence | null): evidence is TailEvidence =>
  evidence !== null &&
  ((evidence.energyGain > HEARD_FALL && evidence.gainDb > PREDICTED_DB && evidence.startDb > LOWEST_START_DB) ||
    (evidence.energyGain > CLEAR_FALL && evidence.startDb > LOWEST_CLEAR_START_DB));

const LOW_RATE_HZ = 11_025;
const LOOK_SECONDS = 1;
const DIRECT_SECONDS = 0.02;
const LEAD_SECONDS = 0.001;
/** Priors on a tap at the start of a tail, as shares of the input's energy: the strongest lets a room 25 dB down show. */
const RIDGES = [0.01, 0.1, 1, 10];
/** The prior grows as a room of this decay would fall: later taps are believed less. */
const PRIOR_RT60_SECONDS = 1.2;

/**
 * Straight line through the level of a response, all its rows together, what the estimate's own noise adds taken out:
 * decay and start relative to the direct sound, or null where it does not fall.
 */
function decayOf(rows: readonly Float32Array[], lead: number, sampleRate: number): { rt60Seconds: number; startDb: number } | null {
  const block = Math.round(0.02 * sampleRate);
  const first = lead + Math.round(0.015 * sampleRate);
  const powerOf = (from: number, to: number) => rows.reduce((sum, row) => sum + row.subarray(from, to).reduce((s, x) => s + x * x, 0), 0);
  const powers: number[] = [];
  for (let at = first; at + block <= rows[0]!.length; at += block) powers.push(powerOf(at, at + block) / block + 1e-22);
  if (powers.length < 8) return null;
  const last = powers.slice(-Math.ceil(powers.length / 6));
  const noise = last.reduce((a, b) => a + b, 0) / last.length;
  // The level rises while echoes build up; the decay starts at its highest block and ends in the estimate's noise.
  const top = powers.slice(0, Math.ceil(powers.length / 3)).reduce((best, p, i, all) => (p > all[best]! ? i : best), 0);
  let end = top;
  while (end < powers.length && powers[end]! > 2.5 * noise) end += 1;
  const isClear = end - top >= 4;
  if (!isClear) end = Math.min(powers.length, top + Math.ceil(powers.length / 2));
  const points = powers.slice(top, end).map((p) => 10 * Math.log10(isClear ? p - noise : p));
  const meanT = (points.length - 1) / 2;
  const meanL = points.reduce((a, b) => a + b, 0) / points.length;
  const slope = points.reduce((sum, l, i) => sum + (i - meanT) * (l - meanL), 0) / points.reduce((sum, _, i) => sum + (i - meanT) ** 2, 0);
  if (slope >= -0.05) return null;
  const startDb = meanL - slope * (meanT + top) - 10 * Math.log10(powerOf(0, lead + Math.round(0.003 * sampleRate)) + 1e-20);
  return { rt60Seconds: (60 / -slope) * 0.02, startDb };
}

/** Steps of conjugate gradients: with a fifth of them decays came out up to twice as long (22 rooms of other makers, `npm run bench -- identify`). */
const LOOK_STEPS = 100;
const RESPONSE_STEPS = [20, 120];
/** No room answers before its cause: what is found there is the estimate's own noise. */
const BEFORE_SECONDS = 0.04;
/** The direct sound, its equalizer's ringing left out. */
const NEAR_SECONDS = 0.003;
/** Twice as many fill the engine's longest transform; the rest of a tail is made. */
const MOST_TAPS = 65_536;
/** A prior that falls as fast as the room would make it fall faster still. */
const SLOWER = 1.1;

/** Octaves that the low rate holds and music fills. */
const LOOK_OCTAVES_HZ = [250, 500, 1000, 2000, 4000] as const;
/** What falls more slowly is noise that stays. */
const LONGEST_RT60_SECONDS = 12;
/** A decaying part with less energy than this under the direct sound is what other effects leave. */
const FAINTEST_DB = -35;

/** The decays at the low rate, in what the direct part alone leaves. */
function fallOf(engine: Engine, inputs: readonly Float32Array[], outputs: readonly Float32Array[], whitening: Whitening): BandDecay[] {
  const lead = Math.round(LEAD_SECONDS * LOW_RATE_HZ);
  const taps = lead + Math.round(DIRECT_SECONDS * LOW_RATE_HZ);
  const system = new Deconvolution(engine, inputs.map((x, e) => ({ inputs: [x], outputs: [outputs[e]!] })), taps, lead, LOW_RATE_HZ, whitening);
  const [response] = system.solve(0, [new Float32Array(taps).fill(1e-4 * system.inputEnergy[0]!)], LOOK_STEPS) as [Float32Array];
  const left = inputs.map((x, e) => {
    const made = filtered(engine, x, response, lead);
    return outputs[e]!.map((y, n) => y - made[n]!);
  });
  return energyDecaysIn(engine, inputs.map((x) => [x]), left.map((y) => [y]), LOW_RATE_HZ, LOOK_OCTAVES_HZ, WINDOWS_SECONDS[0]);
}

const energyGainOf = (decays: readonly BandDecay[]): number => {
  const gains = decays.map((d) => (10 * Math.log10(d.energy + 1e-12) > FAINTEST_DB && d.rt60Seconds < LONGEST_RT60_SECONDS ? d.gain : 0)).sort((a, b) => a - b);
  return gains[gains.length >> 1]!;
};

/** Looks for a tail at a low rate, mid channel only: fast enough to be asked always. */
export async function lookForTail(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number): Promise<TailEvidence | null> {
  const factor = sampleRate / LOW_RATE_HZ;
  const taps = Math.round(LOOK_SECONDS * LOW_RATE_HZ);
  const lead = Math.max(4, Math.round(LEAD_SECONDS * LOW_RATE_HZ));
  const short = lead + Math.round(DIRECT_SECONDS * LOW_RATE_HZ);
  const halves: Recorded[][] = [[], []];
  for (const [e, x] of before.entries()) {
    const input = await lowered(midOf(x), factor);
    const output = await lowered(midOf(after[e]!), factor);
    const middle = Math.floor(input.length / 2);
    halves[0]!.push({ inputs: [input.slice(0, middle)], outputs: [output.slice(0, middle)] });
    halves[1]!.push({ inputs: [input.slice(middle)], outputs: [output.slice(middle)] });
  }
  const whitening = whiteningOf(engine, halves.flat().map((h) => h.inputs[0]!), LOW_RATE_HZ);
  const decays = fallOf(engine, halves.flat().map((h) => h.inputs[0]!), halves.flat().map((h) => h.outputs[0]!), whitening);
  const energyGain = energyGainOf(decays);
  if (energyGain <= HEARD_FALL) return null;
  const systems = halves.map((half) => new Deconvolution(engine, half, taps, lead, LOW_RATE_HZ, whitening));
  const ridge = (system: Deconvolution, from: number, prior: (tap: number) => number) => [
    Float32Array.from({ length: taps }, (_, n) => (n < from ? 1e-3 : prior(n - from)) * system.inputEnergy[0]!),
  ];
  const falling = (share: number) => (tap: number) => share * 10 ** ((6 * tap) / (PRIOR_RT60_SECONDS * LOW_RATE_HZ));
  /** What the best of some priors leaves of the other half, and the response it found. */
  const bestOf = (learn: Deconvolution, test: Deconvolution, priors: readonly ((tap: number) => number)[]) => {
    const solved = priors.map((prior) => learn.solve(0, ridge(learn, lead + 10, prior), LOOK_STEPS));
    const left = solved.map((response) => test.remainder(0, response));
    const best = left.indexOf(Math.min(...left));
    return { left: left[best]! / test.outputEnergy[0]!, response: solved[best]![0]! };
  };
  const eachHalf = <T>(work: (learn: Deconvolution, test: Deconvolution) => T): T[] => systems.map((learn, h) => work(learn, systems[1 - h]!));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  // No tail: taps after the direct part are held at zero by an overwhelming prior.
  const without = sum(eachHalf((learn, test) => test.remainder(0, learn.solve(0, ridge(learn, short, falling(1e6)), LOOK_STEPS)) / test.outputEnergy[0]!));
  const found = eachHalf((learn, test) => bestOf(learn, test, RIDGES.map(falling)));
  const withTail = sum(found.map(({ left }) => left));
  const mean = (rows: readonly Float32Array[]) => rows[0]!.map((v, n) => (v + rows[1]![n]!) / 2);
  const evidence = {
    energyGain,
    gainDb: 10 * Math.log10(Math.max(1e-9, without) / Math.max(1e-9, withTail)),
    isShort: false,
  };
  const judged = decayOf([mean(found.map(({ response }) => response))], lead, LOW_RATE_HZ);
  return judged && { ...evidence, startDb: judged.startDb, rt60Seconds: middleRt60(decays) ?? judged.rt60Seconds };
}

/**
 * The responses from mid and side to left and right.
 * Cost: about 1 s for 2 s of response.
 */
export function reverbResponses(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number, evidence: TailEvidence): Responses {
  const mids = before.map(midOf);
  const sides = before.map(sideOf);
  const energy = (rows: readonly Float32Array[]) => rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);
  const isStereo = energy(sides) > 1e-5 * energy(mids);
  const longest = Math.max(...before.map((x) => x[0].length)) / sampleRate / 4;
  const seconds = Math.min(2.5, longest, Math.max(0.25, 1.2 * evidence.rt60Seconds));
  const lead = Math.round(BEFORE_SECONDS * sampleRate);
  const taps = Math.min(MOST_TAPS, lead + Math.round(seconds * sampleRate));
  const recorded: Recorded[] = before.map((_, e) => ({ inputs: isStereo ? [mids[e]!, sides[e]!] : [mids[e]!], outputs: [after[e]![0], after[e]![1]] }));
  const system = new Deconvolution(engine, recorded, taps, lead, sampleRate, whiteningOf(engine, mids, sampleRate));
  const frames = before.reduce((sum, x) => sum + x[0].length, 0);
  let solved: Float32Array[][] = [];
  let left = system.outputEnergy.map((e) => 0.05 * e);
  const near = Math.round(NEAR_SECONDS * sampleRate);
  const directOf = (response: Float32Array) => response.map((x, n) => (Math.abs(n - lead) < near ? x : 0));
  for (const steps of RESPONSE_STEPS) {
    solved = [0, 1].map((output) => {
      // Where nothing is played the response stays as expected: with the gain that the rest of the direct sound has.
      const gains = Array.from({ length: system.inputCount }, (_, input) => (solved[output] ? system.actingGain(input, directOf(solved[output]![input]!)) : system.directGain(output, input)));
      const direct = gains.map((gain) => Float32Array.from({ length: taps }, (_, n) => (n === lead ? gain : 0)));
      const directPower = gains[0]! ** 2;
      const noise = left[output]! / frames;
      const row = Float32Array.from({ length: taps }, (_, n) => {
        const t = Math.abs(n - lead) / sampleRate;
        if (t < NEAR_SECONDS) return 1e-6 * system.inputEnergy[0]!;
        const expected = directPower * 10 ** ((evidence.startDb + 6) / 10 - (6 * t) / (SLOWER * evidence.rt60Seconds));
        return Math.min(1e3 * system.inputEnergy[0]!, noise / Math.max(1e-15, expected));
      });
      return system.solve(output, gains.map(() => row), steps, direct);
    });
    left = solved.map((responses, output) => Math.max(1e-6 * system.outputEnergy[output]!, system.remainder(output, responses)));
  }
  const total = system.outputEnergy.reduce((a, b) => a + b, 0);
  return { taps: solved, lead, remainderDb: 10 * Math.log10(left.reduce((a, b) => a + b, 0) / total) };
}

/** Octaves in which decays are measured at the full rate. */
const OCTAVES_HZ = [125, 250, 500, 1000, 2000, 4000, 8000, 16_000] as const;
const DIRECT_FADE_SECONDS = 0.005;

/** What the direct part of the responses alone leaves of the reference. */
export function withoutDirect(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], { taps, lead }: Responses, sampleRate: number): Stereo[] {
  const [end, fade] = [DIRECT_SECONDS, DIRECT_FADE_SECONDS].map((s) => Math.round(s * sampleRate)) as [number, number];
  const direct = taps.map((inputs) => inputs.map((row) => row.slice(0, lead + end).map((x, n) => x * Math.min(1, (lead + end - n) / fade))));
  return before.map((x, e) => {
    const leftOf = (y: Float32Array, [mid, side]: readonly Float32Array[]): Float32Array => {
      const made = filtered(engine, midOf(x), mid!, lead);
      const wide = side && filtered(engine, sideOf(x), side, lead);
      return y.map((v, n) => v - made[n]! - (wide ? wide[n]! : 0));
    };
    return [leftOf(after[e]![0], direct[0]!), leftOf(after[e]![1], direct[1]!)];
  });
}

/** How the energy of what is left falls, octave by octave. */
export const tailDecays = (engine: Engine, before: readonly Stereo[], left: readonly Stereo[], sampleRate: number): BandDecay[] =>
  energyDecays(engine, before, left, sampleRate, OCTAVES_HZ.filter((hz) => hz < 0.45 * sampleRate));
