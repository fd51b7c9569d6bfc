import { Meter } from './meter';

/**
 * K-weighted energy of every 100 ms: what all loudness figures of ITU-R BS.1770-5 and EBU Tech 3342 are made of.
 * Drains one value per 100 ms: the mean square of left plus that of right.
 *
 * State: f64 rate, next boundary (frames), frames seen, energy left, energy right; coefficients b0 b1 b2 a1 a2 of the
 * shelf and a1 a2 of the high pass; from byte 112 the two memories of each section, two lanes each; at 192 the count of
 * finished blocks, from 200 up to MAX_BLOCKS values waiting for the drain.
 */
const MEMORY: usize = 112;
const WAITING: usize = 192;
const MAX_BLOCKS: i32 = 64;

export class Loudness extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return 208 + MAX_BLOCKS * 8;
  }

  /** The standard prints coefficients for 48 kHz; these are the analogue prototypes behind them, bilinear at any rate. */
  reset(state: usize, sampleRate: f64, option: f64): void {
    memory.fill(state, 0, 208 + MAX_BLOCKS * 8);
    store<f64>(state, sampleRate);
    store<f64>(state, Math.round(sampleRate / 10), 8);
    const shelfK = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
    const shelfQ = 0.7071752369554196;
    const high = Math.pow(10, 3.999843853973347 / 20);
    const middle = Math.pow(high, 0.4996667741545416);
    const shelfA0 = 1 + shelfK / shelfQ + shelfK * shelfK;
    store<f64>(state, (high + (middle * shelfK) / shelfQ + shelfK * shelfK) / shelfA0, 40);
    store<f64>(state, (2 * (shelfK * shelfK - high)) / shelfA0, 48);
    store<f64>(state, (high - (middle * shelfK) / shelfQ + shelfK * shelfK) / shelfA0, 56);
    store<f64>(state, (2 * (shelfK * shelfK - 1)) / shelfA0, 64);
    store<f64>(state, (1 - shelfK / shelfQ + shelfK * shelfK) / shelfA0, 72);
    const passK = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
    const passQ = 0.5003270373238773;
    const passA0 = 1 + passK / passQ + passK * passK;
    store<f64>(state, (2 * (passK * passK - 1)) / passA0, 80);
    store<f64>(state, (1 - passK / passQ + passK * passK) / passA0, 88);
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    const rate = load<f64>(state);
    while (frames > 0) {
      const seen = load<f64>(state, 16);
      const boundary = load<f64>(state, 8);
      const run = <i32>Math.min(<f64>frames, boundary - seen);
      this.filter(state, left, right, run);
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
      store<f64>(state, seen + <f64>run, 16);
      if (seen + <f64>run == boundary) this.endBlock(state, rate, boundary);
    }
  }

  private filter(state: usize, left: usize, right: usize, frames: i32): void {
    const b0 = v128.load64_splat(state, 40);
    const b1 = v128.load64_splat(state, 48);
    const b2 = v128.load64_splat(state, 56);
    const a1 = v128.load64_splat(state, 64);
    const a2 = v128.load64_splat(state, 72);
    const c1 = v128.load64_splat(state, 80);
    const c2 = v128.load64_splat(state, 88);
    const minusTwo = f64x2.splat(-2);
    const tiny = f64x2.splat(1e-30);
    let s1 = v128.load(state + MEMORY);
    let s2 = v128.load(state + MEMORY, 16);
    let t1 = v128.load(state + MEMORY, 32);
    let t2 = v128.load(state + MEMORY, 48);
    let energy = v128.load(state, 24);
    for (const end = left + (<usize>frames << 2); left < end; left += 4, right += 4) {
      const x = f64x2.replace_lane(f64x2.splat(<f64>load<f32>(left)), 1, <f64>load<f32>(right));
      const y = f64x2.add(f64x2.mul(b0, x), s1);
      s1 = f64x2.add(f64x2.sub(f64x2.mul(b1, x), f64x2.mul(a1, y)), s2);
      s2 = f64x2.sub(f64x2.mul(b2, x), f64x2.mul(a2, y));
      const w = f64x2.add(y, t1);
      t1 = f64x2.add(f64x2.sub(f64x2.mul(minusTwo, y), f64x2.mul(c1, w)), t2);
      // The tiny constant keeps the memory of a long silence out of denormal numbers; it is inaudible at -600 dB.
      t2 = f64x2.add(f64x2.sub(y, f64x2.mul(c2, w)), tiny);
      energy = f64x2.add(energy, f64x2.mul(w, w));
    }
    v128.store(state + MEMORY, s1);
    v128.store(state + MEMORY, s2, 16);
    v128.store(state + MEMORY, t1, 32);
    v128.store(state + MEMORY, t2, 48);
    v128.store(state, energy, 24);
  }

  private endBlock(state: usize, rate: f64, boundary: f64): void {
    const block = Math.round((boundary * 10) / rate);
    const length = boundary - Math.round(((block - 1) * rate) / 10);
    const waiting = <i32>load<f64>(state + WAITING);
    if (waiting < MAX_BLOCKS) {
      store<f64>(state + WAITING + 8 + (<usize>waiting << 3), (load<f64>(state, 24) + load<f64>(state, 32)) / length);
      store<f64>(state + WAITING, <f64>(waiting + 1));
    }
    store<f64>(state, 0, 24);
    store<f64>(state, 0, 32);
    store<f64>(state, Math.round(((block + 1) * rate) / 10), 8);
  }

  /** 16 384 frames at 8 kHz are 21 blocks. */
  drainLimit(state: usize, frames: i32): i32 {
    return MAX_BLOCKS;
  }

  drain(state: usize, out: usize): i32 {
    const waiting = <i32>load<f64>(state + WAITING);
    memory.copy(out, state + WAITING + 8, <usize>waiting << 3);
    store<f64>(state + WAITING, 0);
    return waiting;
  }

  finishCount(state: usize): i32 {
    return 2;
  }

  /** The unfinished block: its energy sum and its frames. */
  finish(state: usize, out: usize): void {
    const rate = load<f64>(state);
    const seen = load<f64>(state, 16);
    const block = Math.floor((seen * 10) / rate);
    store<f64>(out, load<f64>(state, 24) + load<f64>(state, 32));
    store<f64>(out, seen - Math.round((block * rate) / 10), 8);
  }
}
