/** Faults put into music, each at a seeded place and of a size that is heard (audible.ts). */
import type { Fault } from '../../../wasm/rendering/faults/finding.ts';
import { truePeakDb } from '../../support/true-peak.ts';
import type { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import type { Audibility } from './audible.ts';

export interface Injected {
  readonly channels: Stereo;
  /** Frames at which each fault begins and ends. */
  readonly at: readonly (readonly [from: number, to: number])[];
}

/** dB over the music around. At 12 dB a quarter of the bands rise by 12 dB for 10 ms, where 1 to 2 dB are noticed: plainly heard. */
const EXCESS_DB = [12, 24] as const;
/** Steps of a level are noticed from about 1 dB on; they come 5 to 20 ms apart. */
const STEP_DB = [1, 3] as const;
const STEP_SECONDS = [0.005, 0.02] as const;
const ZIPPER_RANGE_DB = 12;
/** Before an onset the music is quiet, and soon masks: a fault is heard where it is plainly over it. */
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

/** Adds a fault to one or both channels, so loud that it stands out by what is drawn. */
function add(out: Stereo, shape: Float32Array, from: number, judgedAt: number, draw: Draw, audibility: Audibility, range: readonly [number, number] = EXCESS_DB): void {
  const side = 1024;
  const length = shape.length + 2 * side;
  const padded = new Float32Array(length);
  padded.set(shape, side);
  const start = from - side;
  const rows = draw.chance(0.5) ? [0, 1] : [draw.whole(0, 1)];
  const wanted = draw.between(...range);
  const excess = Math.min(...rows.map((row) => audibility.excessDb(padded, out[row]!.slice(start, start + length), judgedAt - start)));
  for (const row of rows) out[row]!.set(mixed(out[row]!.slice(start, start + length), padded, 10 ** ((wanted - excess) / 20)), start);
}

function clicks(music: Stereo, rate: number, draw: Draw, audibility: Audibility): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const at = places(music, rate, draw).map((frame): [number, number] => {
    const kind = draw.pick(['sample', 'burst', 'step', 'splice'] as const);
    if (kind === 'splice') {
      // Some milliseconds are missing: how far the wave jumps is as it comes; only jumps that are heard count.
      const seam = audibleSeam(channels, frame, rate, draw, audibility);
      if (seam !== null) return [seam, seam];
    }
    const length = kind === 'burst' ? draw.whole(2, 20) : kind === 'step' ? Math.round(0.02 * rate) : 1;
    const shape = Float32Array.from({ length }, (_, i) => (kind === 'step' ? Math.exp(-i / (0.004 * rate)) : draw.between(-1, 1)));
    if (kind !== 'burst') shape[0] = draw.sign();
    add(channels, shape, frame, frame, draw, audibility);
    return [frame, frame];
  });
  return { channels, at };
}

/** Takes 5 to 30 ms out near a frame (the end is filled with what follows), where the jump stands out enough. */
function audibleSeam([left, right]: Stereo, near: number, rate: number, draw: Draw, audibility: Audibility): number | null {
  const missing = Math.round(draw.between(0.005, 0.03) * rate);
  for (let tries = 0; tries < 30; tries += 1) {
    const frame = near + draw.whole(0, Math.round(0.1 * rate));
    // The jump of value and slope alone: what the two waves beside it would be is music.
    const jump = (row: Float32Array) => row[frame + missing]! - (2 * row[frame - 1]! - row[frame - 2]!);
    const excess = [left, right].map((row) => {
      const shape = new Float32Array(2048).map((_, i) => (i < 1024 ? 0 : jump(row) * Math.exp(-(i - 1024) / (0.004 * rate))));
      return audibility.excessDb(shape, row.slice(frame - 1024, frame + 1024), 1024);
    });
    if (Math.max(...excess) < EXCESS_DB[0]) continue;
    const fade = Math.round(1.2 * rate);
    for (const row of [left, right]) {
      const late = row.slice(frame + missing, frame + missing + fade);
      // After a second it glides back onto the old time, so that the two stay aligned for the other faults.
      for (let i = 0; i < fade; i += 1) {
        const share = Math.min(1, Math.max(0, (i / fade - 0.8) / 0.2));
        row[frame + i] = (1 - share) * late[i]! + share * row[frame + i]!;
      }
    }
    return frame;
  }
  return null;
}

function gaps(music: Stereo, rate: number, draw: Draw): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const at = places(music, rate, draw).map((frame): [number, number] => {
    const end = frame + Math.round(draw.ratio(...GAP_SECONDS) * rate);
    const holds = draw.chance(0.3);
    for (const row of channels) row.fill(holds ? row[frame]! : 0, frame, end);
    return [frame, end];
  });
  return { channels, at };
}

/** Passages raised until they pass full scale by what is drawn; the rest stays 3 dB under it. */
function overs(music: Stereo, rate: number, draw: Draw): Injected {
  const peak = Math.max(...music.map((row) => truePeakDb(row)));
  const base = 10 ** ((-3 - peak) / 20);
  const channels: Stereo = [music[0].map((x) => x * base), music[1].map((x) => x * base)];
  const at = places(music, rate, draw).map((frame): [number, number] => {
    const [length, fade] = [Math.round(0.1 * rate), Math.round(0.02 * rate)];
    const here = Math.max(...channels.map((row) => truePeakDb(row.slice(frame + fade, frame + length - fade))));
    const gain = 10 ** ((draw.between(...OVER_DB) - here) / 20);
    for (const row of channels) {
      for (let i = 0; i < length; i += 1) row[frame + i]! *= 1 + (gain - 1) * Math.min(1, i / fade, (length - i) / fade);
    }
    return [frame, frame + length];
  });
  return { channels, at };
}

/** A gain that is pulled down and comes back at a compressor's release. */
function pumps(music: Stereo, rate: number, draw: Draw): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const at = places(music, rate, draw).map((frame): [number, number] => {
    const depth = draw.between(...PUMP_DB);
    const [attack, hold, release] = [draw.between(0.002, 0.02) * rate, draw.between(0.05, 0.1) * rate, draw.between(0.06, 0.2) * rate];
    const length = Math.round(attack + hold + 4 * release);
    for (let i = 0; i < Math.min(length, music[0].length - frame); i += 1) {
      const share = i < attack + hold ? 1 - Math.exp((-3 * i) / attack) : Math.exp(-(i - attack - hold) / release);
      for (const row of channels) row[frame + i]! *= 10 ** ((-depth * share) / 20);
    }
    return [frame, frame + length];
  });
  return { channels, at };
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
function preEchoes(music: Stereo, rate: number, draw: Draw, audibility: Audibility): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const at: [number, number][] = [];
  let last = -Infinity;
  for (const frame of onsets(music, rate)) {
    const length = Math.round(draw.between(...PRE_ECHO_SECONDS) * rate);
    if (frame - last < APART_SECONDS * rate || frame < rate || frame > music[0].length - rate || at.length >= MOST) continue;
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
    add(channels, shape, frame - length, frame - Math.round(0.5 * length + 0.0025 * rate), draw, audibility, PRE_ECHO_EXCESS_DB);
    at.push([frame - length, frame]);
  }
  return { channels, at };
}

/** Half a second in which a gain, or that of the bass, moves up and down in steps at a block's rate. */
function zippers(music: Stereo, rate: number, draw: Draw): Injected {
  const channels: Stereo = [music[0].slice(), music[1].slice()];
  const length = Math.round(0.5 * rate);
  const at = places(music, rate, draw).map((frame): [number, number] => {
    const period = Math.round(draw.ratio(...STEP_SECONDS) * rate);
    const stepDb = draw.ratio(...STEP_DB);
    const turn = Math.floor(ZIPPER_RANGE_DB / stepDb);
    const isBass = draw.chance(0.3);
    for (const row of channels) {
      let low = 0;
      for (let i = 0; i < length; i += 1) {
        const n = Math.floor(i / period) % (2 * turn);
        const gain = 10 ** ((-stepDb * Math.min(n, 2 * turn - n)) / 20);
        const x = row[frame + i]!;
        low += 0.1 * (x - low);
        row[frame + i] = isBass ? x + (gain - 1) * low : x * gain;
      }
    }
    return [frame, frame + length];
  });
  return { channels, at };
}

const INJECTORS: Record<Fault, (music: Stereo, rate: number, draw: Draw, audibility: Audibility) => Injected> = {
  click: clicks,
  gap: gaps,
  over: overs,
  pump: pumps,
  'pre-echo': preEchoes,
  zipper: zippers,
};

/** Music with up to six faults of one kind. @param music some 15 s or more */
export const inject = (kind: Fault, music: Stereo, rate: number, draw: Draw, audibility: Audibility): Injected => INJECTORS[kind](music, rate, draw, audibility);
