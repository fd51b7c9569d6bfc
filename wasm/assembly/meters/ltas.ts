import {
  frameAdvance,
  frameBufferBytes,
  frameBufferReset,
  frameFill,
  frameIsWhole,
  framePad,
  frameTransform,
  imaginaryOffset,
  sideSpectrum,
} from '../kernels/frame-buffer';
import { Meter } from './meter';

/**
 * Band powers of long frames (about 0.35 s, half overlapping), for the long-term average spectrum of what is active.
 *
 * Drains per frame: the frame's power (mid plus side), then for each of 30 1/3-octave bands (25 Hz to 20 kHz) and of
 * 121 1/12-octave bands (centres 20 Hz x 2^(k / 12)): mid power, side power, real and imaginary part of the cross
 * spectrum mid x conj(side). A full-scale sine has power 1. Bins at a band's edges count in proportion.
 *
 * State: i32 size, waiting; f64 rate; lower and upper edge of each band in bins (f64); frame buffer; running sums in two rows of
 * size / 2 + 2 pairs of f64; frames of drained values.
 */
const BANDS: i32 = 151;
const FRAME_VALUES: i32 = 1 + 4 * 151;
/** A drain follows at most 16 384 frames; hops are 1 024 frames or more. */
const MAX_WAITING: i32 = 18;
const EDGES: usize = 16;
const BUFFER: usize = EDGES + 151 * 16;

function sizeFor(sampleRate: f64): i32 {
  return 1 << <i32>Math.round(Math.log2(sampleRate / 3));
}

function bandLow(band: i32): f64 {
  return band < 30 ? 1000 * Math.pow(2, (<f64>(band - 16) - 0.5) / 3) : 20 * Math.pow(2, (<f64>(band - 30) - 0.5) / 12);
}

function bandHigh(band: i32): f64 {
  return band < 30 ? 1000 * Math.pow(2, (<f64>(band - 16) + 0.5) / 3) : 20 * Math.pow(2, (<f64>(band - 30) + 0.5) / 12);
}

export class Ltas extends Meter {
  private sumsStart(state: usize, size: i32): usize {
    return state + BUFFER + <usize>frameBufferBytes(size);
  }

  private waitingStart(state: usize, size: i32): usize {
    return this.sumsStart(state, size) + 4 * (<usize>((size >> 1) + 2) << 3);
  }

  stateBytes(sampleRate: f64, option: f64): i32 {
    return <i32>(this.waitingStart(0, sizeFor(sampleRate)) + (<usize>(FRAME_VALUES * MAX_WAITING) << 3) + 15) & ~15;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    const size = sizeFor(sampleRate);
    store<i32>(state, size);
    store<i32>(state, 0, 4);
    store<f64>(state, sampleRate, 8);
    frameBufferReset(state + BUFFER, size, size >> 1);
    const binsPerHz = <f64>size / sampleRate;
    for (let band = 0; band < BANDS; band++) {
      const at = state + EDGES + (<usize>band << 4);
      store<f64>(at, bandLow(band) * binsPerHz + 0.5);
      store<f64>(at, bandHigh(band) * binsPerHz + 0.5, 8);
    }
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    const buffer = state + BUFFER;
    while (frames > 0) {
      const taken = frameFill(buffer, left, right, frames);
      left += <usize>taken << 2;
      right += <usize>taken << 2;
      frames -= taken;
      if (frameIsWhole(buffer)) this.frame(state, buffer);
    }
  }

  private frame(state: usize, buffer: usize): void {
    const size = load<i32>(state);
    const mid = frameTransform(buffer, true);
    const side = sideSpectrum(buffer, mid);
    const im = imaginaryOffset(buffer);
    const sums = this.sumsStart(state, size);
    const pairBytes = <usize>((size >> 1) + 2) << 4;
    // Power 1 for a full-scale sine: amplitude is 4 |X| / size under a Hann window; its energy is spread over 1.5 bins.
    const scale = 16.0 / (<f64>size * <f64>size) / 1.5;
    // Powers of mid and side in one pair of lanes, both parts of their product in another.
    let powers = f64x2.splat(0);
    let cross = f64x2.splat(0);
    for (let k = 0; k <= size >> 1; k++) {
      const at = <usize>k << 2;
      const to = sums + (<usize>k << 4);
      v128.store(to, powers);
      v128.store(to + pairBytes, cross);
      const mr = f64x2.splat(<f64>load<f32>(mid + at));
      const mi = f64x2.splat(<f64>load<f32>(mid + im + at));
      const sr = <f64>load<f32>(side + at);
      const si = <f64>load<f32>(side + im + at);
      const re = f64x2.replace_lane(mr, 1, sr);
      const i = f64x2.replace_lane(mi, 1, si);
      powers = f64x2.add(powers, f64x2.add(f64x2.mul(re, re), f64x2.mul(i, i)));
      const sides = f64x2.replace_lane(f64x2.splat(sr), 1, -si);
      const turned = f64x2.replace_lane(f64x2.splat(si), 1, sr);
      cross = f64x2.add(cross, f64x2.add(f64x2.mul(mr, sides), f64x2.mul(mi, turned)));
    }
    const last = sums + (<usize>((size >> 1) + 1) << 4);
    v128.store(last, powers);
    v128.store(last + pairBytes, cross);
    const waiting = load<i32>(state, 4);
    frameAdvance(buffer);
    if (waiting >= MAX_WAITING) return;
    let out = this.waitingStart(state, size) + (<usize>(waiting * FRAME_VALUES) << 3);
    store<f64>(out, (f64x2.extract_lane(powers, 0) + f64x2.extract_lane(powers, 1)) * scale);
    out += 8;
    for (let band = 0; band < BANDS; band++) {
      const low = load<f64>(state + EDGES + (<usize>band << 4));
      const high = load<f64>(state + EDGES + (<usize>band << 4), 8);
      storeBetween(out, sums, low, high, size, scale);
      storeBetween(out + 16, sums + pairBytes, low, high, size, scale);
      out += 32;
    }
    store<i32>(state, waiting + 1, 4);
  }

  drainLimit(state: usize, frames: i32): i32 {
    return FRAME_VALUES * MAX_WAITING;
  }

  drain(state: usize, out: usize): i32 {
    const count = load<i32>(state, 4) * FRAME_VALUES;
    memory.copy(out, this.waitingStart(state, load<i32>(state)), <usize>count << 3);
    store<i32>(state, 0, 4);
    return count;
  }

  finishCount(state: usize): i32 {
    return FRAME_VALUES;
  }

  /** The last, unfinished frame padded with silence; zeros where there is none. */
  finish(state: usize, out: usize): void {
    memory.fill(out, 0, <usize>FRAME_VALUES << 3);
    if (!framePad(state + BUFFER)) return;
    this.frame(state, state + BUFFER);
    const waiting = load<i32>(state, 4);
    memory.copy(out, this.waitingStart(state, load<i32>(state)) + (<usize>((waiting - 1) * FRAME_VALUES) << 3), <usize>FRAME_VALUES << 3);
  }
}

// @ts-ignore: decorator
@inline
function storeBetween(to: usize, row: usize, low: f64, high: f64, size: i32, scale: f64): void {
  v128.store(to, f64x2.mul(f64x2.sub(sumUpTo(row, high, size), sumUpTo(row, low, size)), f64x2.splat(scale)));
}

/** Running sums at a fractional bin edge. */
function sumUpTo(row: usize, edge: f64, size: i32): v128 {
  const top = <f64>((size >> 1) + 1);
  if (edge <= 0) return f64x2.splat(0);
  if (edge >= top) return v128.load(row + (<usize>top << 4));
  const whole = Math.floor(edge);
  const at = row + (<usize>whole << 4);
  const below = v128.load(at);
  return f64x2.add(below, f64x2.mul(f64x2.splat(edge - whole), f64x2.sub(v128.load(at, 16), below)));
}
