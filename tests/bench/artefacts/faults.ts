/**
 * Faults put into music, each at a seeded place. Clicks, pre-echoes, zipper noise and pumping say how far they stand over what
 * the music masks (masking.ts); all but pumping are drawn either by that or by their size beside the music.
 */
import type { Engine } from '../../../wasm/host/engine.ts';
import type { Fault } from '../../../wasm/rendering/faults/finding.ts';
import { truePeakDb } from '../../support/true-peak.ts';
import type { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import { pumps, zippers } from './moving-gains.ts';
import { APART_SECONDS, AROUND, EXCESS_DB, type Injected, type InjectedFault, MOST, places, Sizes, type Sizing } from './placing.ts';

const PRE_ECHO_EXCESS_DB = [6, 20] as const;
const PRE_ECHO_SECONDS = [0.01, 0.02] as const;
const GAP_SECONDS = [0.005, 0.1] as const;
const OVER_DB = [0.3, 3] as const;

const mixed = (a: Float32Array, b: Float32Array, gain: number): Float32Array => a.map((x, i) => x + gain * b[i]!);

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
