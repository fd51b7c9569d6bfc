/** Faults of a gain that moves: pumping, and steps (zipper noise). Both are heard as far as half of their moments are. */
import type { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import type { Masking } from './masking.ts';
import { AROUND, type Injected, type InjectedFault, MARGIN_DB, places, type Sizes } from './placing.ts';

const PUMP_DB = [7, 15] as const;
/** Steps of a level are noticed from about 1 dB on; they come 5 to 20 ms apart. Noise over the mask takes larger ones, up to a switch. */
const STEP_DB = [1, 3] as const;
const LARGEST_STEP_DB = 12;
const STEP_SECONDS = [0.005, 0.02] as const;
const ZIPPER_RANGE_DB = 12;
/** A fault that lasts is heard as far as half of the moments this far apart are, or more. */
const HEARD_SECONDS = 0.021;

/** dB over the mask that half of the moments of a fault reach. @param fault `length` frames of it, with AROUND on either side, like the music */
function medianMarginDb(fault: Float32Array, music: Float32Array, length: number, rate: number, masking: Masking): number {
  const heard: number[] = [];
  for (let at = 0; at < length; at += Math.round(HEARD_SECONDS * rate)) heard.push(masking.marginDb(fault, music, AROUND + at));
  return heard.toSorted((a, b) => a - b)[heard.length >> 1]!;
}

/**
 * A gain that is pulled down and comes back at a compressor's release. It is heard by what is missing: how far that lies over
 * what the rest masks (BS.1387, missing components), in half of the moments until the gain is on its way back.
 */
export function pumps(music: Stereo, rate: number, draw: Draw, { masking }: Sizes): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const faults = places(music, rate, draw).map((frame): InjectedFault => {
    const depth = draw.between(...PUMP_DB);
    const [attack, hold, release] = [draw.between(0.002, 0.02) * rate, draw.between(0.05, 0.1) * rate, draw.between(0.06, 0.2) * rate];
    const length = Math.round(attack + hold + 4 * release);
    for (let i = 0; i < Math.min(length, music[0].length - frame); i += 1) {
      const share = i < attack + hold ? 1 - Math.exp((-3 * i) / attack) : Math.exp(-(i - attack - hold) / release);
      for (const row of channels) row[frame + i]! *= 10 ** ((-depth * share) / 20);
    }
    const low = Math.round(attack + hold + release);
    const margins = channels.map((row, c) => {
      const rest = row.slice(frame - AROUND, frame + low + AROUND);
      const missing = rest.map((x, i) => music[c]![frame - AROUND + i]! - x);
      return medianMarginDb(missing, rest, low, rate, masking);
    });
    return { from: frame, to: frame + length, marginDb: Math.max(...margins) };
  });
  return { channels, faults };
}

/** One channel with steps in it, and what they add to the same movement without them. @returns dB over the mask */
function stepped(row: Float32Array, frame: number, { length, period, stepDb, isBass }: { length: number; period: number; stepDb: number; isBass: boolean }, rate: number, masking: Masking): { readonly out: Float32Array; readonly marginDb: number } {
  const turn = Math.max(1, Math.floor(ZIPPER_RANGE_DB / stepDb));
  const gain = (steps: number): number => {
    const n = steps % (2 * turn);
    return 10 ** ((-stepDb * Math.min(n, 2 * turn - n)) / 20);
  };
  const noise = new Float32Array(length + 2 * AROUND);
  const around = row.slice(frame - AROUND, frame + length + AROUND);
  const out = row.slice(frame, frame + length);
  let low = 0;
  for (let i = 0; i < length; i += 1) {
    const x = out[i]!;
    low += 0.1 * (x - low);
    const [moved, still] = isBass ? [low, x - low] : [x, 0];
    const here = gain(Math.floor(i / period));
    out[i] = still + here * moved;
    noise[AROUND + i] = i < period / 2 ? 0 : (here - gain(i / period - 0.5)) * moved;
  }
  return { out, marginDb: medianMarginDb(noise, around, length, rate, masking) };
}

/** Half a second in which a gain, or that of the bass, moves up and down in steps at a block's rate. */
export function zippers(music: Stereo, rate: number, draw: Draw, { masking, sizing }: Sizes): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const length = Math.round(0.5 * rate);
  const faults = places(music, rate, draw).map((frame): InjectedFault => {
    const period = Math.round(draw.ratio(...STEP_SECONDS) * rate);
    const isBass = draw.chance(0.3);
    const at = (stepDb: number) => channels.map((row) => stepped(row, frame, { length, period, stepDb, isBass }, rate, masking));
    const marginOf = (rows: readonly { marginDb: number }[]) => Math.max(...rows.map(({ marginDb }) => marginDb));
    // The noise grows about as the steps do; where the music masks the largest, they stay masked.
    const sized = () => Math.max(STEP_DB[0], Math.min(LARGEST_STEP_DB, STEP_DB[1] * 10 ** ((draw.between(...MARGIN_DB) - marginOf(at(STEP_DB[1]))) / 20)));
    const rows = at(sizing === 'mask' ? sized() : draw.ratio(...STEP_DB));
    rows.forEach(({ out }, channel) => channels[channel]!.set(out, frame));
    return { from: frame, to: frame + length, marginDb: marginOf(rows) };
  });
  return { channels, faults };
}
