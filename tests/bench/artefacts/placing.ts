/** Where injected faults lie, how large they are drawn, and what is told of each. */
import type { Engine } from '../../../wasm/host/engine.ts';
import type { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';
import { Excess } from './excess.ts';
import { Masking } from './masking.ts';

export interface InjectedFault {
  /** Frames at which it begins and ends. */
  readonly from: number;
  readonly to: number;
  /** dB over what the music masks, of a dip what is missing; null of a gap or an over. */
  readonly marginDb: number | null;
}

export interface Injected {
  readonly channels: Stereo;
  readonly faults: readonly InjectedFault[];
}

/** What the drawn size of a click or a pre-echo is measured against. */
export type Sizing = 'mask' | 'music';

/** dB over what the music masks: from hardly heard to plainly. */
export const MARGIN_DB = [0, 24] as const;
/** dB over the music, in a quarter of its bands. */
export const EXCESS_DB = [12, 24] as const;
/** Mean square that the music must have in the 50 ms on either side: -45 dBFS. */
const LIVE_POWER = 3e-5;
export const APART_SECONDS = 2.5;
const EDGE_SECONDS = 1.5;
export const MOST = 6;

/** Frames beside a fault that are looked at: what masks it. */
export const AROUND = 5120;

const powerOf = ([left, right]: Stereo, from: number, to: number): number => {
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(left.length, to); i += 1) sum += left[i]! ** 2 + right[i]! ** 2;
  return sum / (2 * (to - from));
};

/** Seeded places in live music, apart from each other. */
export function places(music: Stereo, rate: number, draw: Draw): number[] {
  const found: number[] = [];
  const [edge, near] = [EDGE_SECONDS * rate, Math.round(0.05 * rate)];
  for (let tries = 0; tries < 20 * MOST && found.length < MOST; tries += 1) {
    const at = Math.round(draw.between(edge, music[0].length - edge));
    if (found.some((other) => Math.abs(other - at) < APART_SECONDS * rate)) continue;
    if (Math.min(powerOf(music, at - near, at), powerOf(music, at, at + near)) > LIVE_POWER) found.push(at);
  }
  return found.toSorted((a, b) => a - b);
}

/** How loud faults are made, and by which measure. */
export class Sizes {
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
