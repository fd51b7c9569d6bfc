/**
 * Faults put into music, each at a seeded place. Clicks, pre-echoes and zipper noise say how far they stand over what the
 * music masks (masking.ts), and are drawn either by that or by their size beside the music.
 */
import type { Engine } from '../../../wasm/host/engine.ts';
import type { Fault } from '../../../wasm/rendering/faults/finding.ts';
import { truePeakDb } from '../../support/true-peak.ts';
import type { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import { Excess } from './excess.ts';
import { Masking } from './masking.ts';

export interface InjectedFault {
  /** Frames at which it begins and ends. */
  readonly from: number;
  readonly to: number;
  /** dB over what the music masks; null where the fault is no sound of its own. */
  readonly marginDb: number | null;
}

export interface Injected {
  readonly channels: Stereo;
  readonly faults: readonly InjectedFault[];
}

/** What the drawn size of a click or a pre-echo is measured against. */
export type Sizing = 'mask' | 'music';

/** dB over what the music masks: from hardly heard to plainly. */
const MARGIN_DB = [0, 24] as const;
/** dB over the music, in a quarter of its bands. */
const EXCESS_DB = [12, 24] as const;
/** Steps of a level are noticed from about 1 dB on; they come 5 to 20 ms apart. Noise over the mask takes larger ones, up to a switch. */
const STEP_DB = [1, 3] as const;
const LARGEST_STEP_DB = 12;
const STEP_SECONDS = [0.005, 0.02] as const;
const ZIPPER_RANGE_DB = 12;
/** The noise is heard in half of the moments this far apart, or more. */
const ZIPPER_HEARD_SECONDS = 0.021;
const PRE_ECHO_EXCESS_DB = [6, 20] as const;
const PRE_ECHO_SECONDS = [0.01, 0.02] as const;
const GAP_SECONDS = [0.005, 0.1] as const;
const PUMP_DB = [7, 15] as const;
const OVER_DB = [0.3, 3] as const;
/** Mean square that the music must have in the 50 ms on either side: -45 dBFS. */
const LIVE_POWER = 3e-5;
const APART_SECONDS = 2.5;
const EDGE_SECONDS = 1.5;
const MOST = 6;

const powerOf = ([left, right]: Stereo, from: number, to: number): number => {
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(left.length, to); i += 1) sum += left[i]! ** 2 + right[i]! ** 2;
  return sum / (2 * (to - from));
};

/** Seeded places in live music, apart from each other. */
function places(music: Stereo, rate: number, draw: Draw): number[] {
  const found: number[] = [];
  const [edge, near] = [EDGE_SECONDS * rate, Math.round(0.05 * rate)];
  for (let tries = 0; tries < 20 * MOST && found.length < MOST; tries += 1) {
    const at = Math.round(draw.between(edge, music[0].length - edge));
    if (found.some((other) => Math.abs(other - at) < APART_SECONDS * rate)) continue;
    if (Math.min(powerOf(music, at - near, at), powerOf(music, at, at + near)) > LIVE_POWER) found.push(at);
  }
  return found.toSorted((a, b) => a - b);
}

const mixed = (a: Float32Array, b: Float32Array, gain: number): Float32Array => a.map((x, i) => x + gain * b[i]!);

/** How loud faults are made, and by which measure. */
class Sizes {
  readonly masking: Masking;
  readonly #excess: Excess;
  readonly sizing: Sizing;

  constructor(engine: Engine, rate: number, sizing: Sizing) {
    this.masking = new Masking(engine, rate);
    this.#excess = new Excess(engine, rate);
    this.sizing = sizing;
  }

  /** dB that the fault has by the measure its size is drawn in. */
  of(fault: Float32Array, music: Float32Array, frame: number): number {
    return this.sizing === 'mask' ? this.masking.marginDb(fault, music, frame) : this.#excess.ofDb(fault, music, frame);
  }

  drawn(draw: Draw, excessDb: readonly [number, number]): number {
    return draw.between(...(this.sizing === 'mask' ? MARGIN_DB : excessDb));
  }
}

/** Frames beside a fault that are looked at: what masks it. */
const AROUND = 5120;

/** Adds a fault to one or both channels, so loud that it stands out by what is drawn. @returns dB over the mask */
function add(out: Stereo, shape: Float32Array, from: number, judgedAt: number, draw: Draw, sizes: Sizes, excessDb: readonly [number, number] = EXCESS_DB): number {
  const length = shape.length + 2 * AROUND;
  const padded = new Float32Array(length);
  padded.set(shape, AROUND);
  const start = from - AROUND;
  const rows = draw.chance(0.5) ? [0, 1] : [draw.whole(0, 1)];
  const wanted = sizes.drawn(draw, excessDb);
  const music = rows.map((row) => out[row]!.slice(start, start + length));
  const gain = 10 ** ((wanted - Math.min(...music.map((m) => sizes.of(padded, m, judgedAt - start)))) / 20);
  const margins = rows.map((row, k) => {
    out[row]!.set(mixed(music[k]!, padded, gain), start);
    return sizes.masking.marginDb(padded.map((x) => x * gain), music[k]!, judgedAt - start);
  });
  return Math.max(...margins);
}

function clicks(music: Stereo, rate: number, draw: Draw, sizes: Sizes): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const faults = places(music, rate, draw).map((frame): InjectedFault => {
    const kind = draw.pick(['sample', 'burst', 'step', 'splice'] as const);
    if (kind === 'splice') {
      // Some milliseconds are missing: how far the wave jumps is as it comes; only jumps that are large enough count.
      const seam = audibleSeam(channels, frame, rate, draw, sizes);
      if (seam) return seam;
    }
    const length = kind === 'burst' ? draw.whole(2, 20) : kind === 'step' ? Math.round(0.02 * rate) : 1;
    const shape = Float32Array.from({ length }, (_, i) => (kind === 'step' ? Math.exp(-i / (0.004 * rate)) : draw.between(-1, 1)));
    if (kind !== 'burst') shape[0] = draw.sign();
    return { from: frame, to: frame, marginDb: add(channels, shape, frame, frame, draw, sizes) };
  });
  return { channels, faults };
}

/** Takes 5 to 30 ms out near a frame (the end is filled with what follows), where the jump stands out enough. */
function audibleSeam([left, right]: Stereo, near: number, rate: number, draw: Draw, sizes: Sizes): InjectedFault | null {
  const missing = Math.round(draw.between(0.005, 0.03) * rate);
  const least = sizes.drawn(draw, [EXCESS_DB[0], EXCESS_DB[0]]);
  for (let tries = 0; tries < 30; tries += 1) {
    const frame = near + draw.whole(0, Math.round(0.1 * rate));
    // The jump of value and slope alone: what the two waves beside it would be is music.
    const jump = (row: Float32Array) => row[frame + missing]! - (2 * row[frame - 1]! - row[frame - 2]!);
    const parts = [left, right].map((row) => {
      const shape = new Float32Array(2 * AROUND).map((_, i) => (i < AROUND ? 0 : jump(row) * Math.exp(-(i - AROUND) / (0.004 * rate))));
      return [shape, row.slice(frame - AROUND, frame + AROUND), AROUND] as const;
    });
    if (Math.max(...parts.map((part) => sizes.of(...part))) < least) continue;
    const marginDb = Math.max(...parts.map((part) => sizes.masking.marginDb(...part)));
    const fade = Math.round(1.2 * rate);
    for (const row of [left, right]) {
      const late = row.slice(frame + missing, frame + missing + fade);
      // After a second it glides back onto the old time, so that the two stay aligned for the other faults.
      for (let i = 0; i < fade; i += 1) {
        const share = Math.min(1, Math.max(0, (i / fade - 0.8) / 0.2));
        row[frame + i] = (1 - share) * late[i]! + share * row[frame + i]!;
      }
    }
    return { from: frame, to: frame, marginDb };
  }
  return null;
}

function gaps(music: Stereo, rate: number, draw: Draw): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const faults = places(music, rate, draw).map((frame): InjectedFault => {
    const end = frame + Math.round(draw.ratio(...GAP_SECONDS) * rate);
    const holds = draw.chance(0.3);
    for (const row of channels) row.fill(holds ? row[frame]! : 0, frame, end);
    return { from: frame, to: end, marginDb: null };
  });
  return { channels, faults };
}

/** Passages raised until they pass full scale by what is drawn; the rest stays 3 dB under it. */
function overs(music: Stereo, rate: number, draw: Draw): Injected {
  const peak = Math.max(...music.map((row) => truePeakDb(row)));
  const base = 10 ** ((-3 - peak) / 20);
  const channels: Stereo = [music[0].map((x) => x * base), music[1].map((x) => x * base)];
  const faults = places(music, rate, draw).map((frame): InjectedFault => {
    const [length, fade] = [Math.round(0.1 * rate), Math.round(0.02 * rate)];
    const here = Math.max(...channels.map((row) => truePeakDb(row.slice(frame + fade, frame + length - fade))));
    const gain = 10 ** ((draw.between(...OVER_DB) - here) / 20);
    for (const row of channels) {
      for (let i = 0; i < length; i += 1) row[frame + i]! *= 1 + (gain - 1) * Math.min(1, i / fade, (length - i) / fade);
    }
    return { from: frame, to: frame + length, marginDb: null };
  });
  return { channels, faults };
}

/** A gain that is pulled down and comes back at a compressor's release. */
function pumps(music: Stereo, rate: number, draw: Draw): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const faults = places(music, rate, draw).map((frame): InjectedFault => {
    const depth = draw.between(...PUMP_DB);
    const [attack, hold, release] = [draw.between(0.002, 0.02) * rate, draw.between(0.05, 0.1) * rate, draw.between(0.06, 0.2) * rate];
    const length = Math.round(attack + hold + 4 * release);
    for (let i = 0; i < Math.min(length, music[0].length - frame); i += 1) {
      const share = i < attack + hold ? 1 - Math.exp((-3 * i) / attack) : Math.exp(-(i - attack - hold) / release);
      for (const row of channels) row[frame + i]! *= 10 ** ((-depth * share) / 20);
    }
    return { from: frame, to: frame + length, marginDb: null };
  });
  return { channels, faults };
}

/** Onsets: 5 ms that stand 12 dB or more over the 30 ms before them, above 500 Hz or so. */
function onsets([left, right]: Stereo, rate: number): number[] {
  const hop = Math.round(0.0025 * rate);
  const powers: number[] = [];
  for (let at = 1; at + hop < left.length; at += hop) {
    let sum = 0;
    for (let i = at; i < at + hop; i += 1) sum += (left[i]! - left[i - 1]!) ** 2 + (right[i]! - right[i - 1]!) ** 2;
    powers.push(sum / hop);
  }
  const found: number[] = [];
  for (let k = 14; k + 2 < powers.length; k += 1) {
    const before = Math.max(...powers.slice(k - 12, k));
    if ((powers[k]! + powers[k + 1]!) / 2 > 16 * before && powers[k]! > 1e-5) found.push(1 + k * hop);
  }
  return found;
}

/** Noise of a codec's block, or the onset itself reversed or filtered ahead of its time. */
function preEchoes(music: Stereo, rate: number, draw: Draw, sizes: Sizes): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const faults: InjectedFault[] = [];
  let last = -Infinity;
  for (const frame of onsets(music, rate)) {
    const length = Math.round(draw.between(...PRE_ECHO_SECONDS) * rate);
    if (frame - last < APART_SECONDS * rate || frame < rate || frame > music[0].length - rate || faults.length >= MOST) continue;
    last = frame;
    const onset = music[0].slice(frame, frame + length).map((x, i) => x + music[1][frame + i]!);
    const noise = Float32Array.from({ length: length + 32 }, () => draw.between(-1, 1));
    const kind = draw.pick(['block', 'reversed', 'ahead'] as const);
    const shape = Float32Array.from({ length }, (_, i) => {
      const fade = Math.min(1, i / 48, (length - i) / 24);
      if (kind === 'block') {
        // Noise with the onset's spectrum: the onset through a random filter.
        let sum = 0;
        for (let k = 0; k < 32; k += 1) sum += noise[i + k]! * onset[(i + 7 * k) % length]!;
        return sum * fade;
      }
      return (kind === 'reversed' ? onset[length - 1 - i]! * Math.exp((i - length) / (0.008 * rate)) : onset[i]! - (onset[i - 1] ?? 0)) * fade;
    });
    const marginDb = add(channels, shape, frame - length, frame - Math.round(0.5 * length + 0.0025 * rate), draw, sizes, PRE_ECHO_EXCESS_DB);
    faults.push({ from: frame - length, to: frame, marginDb });
  }
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
  const heard: number[] = [];
  for (let at = 0; at < length; at += Math.round(ZIPPER_HEARD_SECONDS * rate)) heard.push(masking.marginDb(noise, around, AROUND + at));
  return { out, marginDb: heard.toSorted((a, b) => a - b)[heard.length >> 1]! };
}

/** Half a second in which a gain, or that of the bass, moves up and down in steps at a block's rate. */
function zippers(music: Stereo, rate: number, draw: Draw, { masking, sizing }: Sizes): Injected {
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

const INJECTORS: Record<Fault, (music: Stereo, rate: number, draw: Draw, sizes: Sizes) => Injected> = {
  click: clicks,
  gap: gaps,
  over: overs,
  pump: pumps,
  'pre-echo': preEchoes,
  zipper: zippers,
};

/** Music with up to six faults of one kind. @param music some 15 s or more */
export const inject = (engine: Engine, kind: Fault, music: Stereo, rate: number, draw: Draw, sizing: Sizing): Injected =>
  INJECTORS[kind](music, rate, draw, new Sizes(engine, rate, sizing));
