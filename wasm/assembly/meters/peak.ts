import { Meter } from './meter';

/**
 * Sample peak, clipped frames, sums of squares and products, sums, and frames that are not numbers, which count as silence.
 * Drains how many of those there were since the last drain, when there were any.
 * State: f64 peak, sum of squares, sum left, sum right, frames, clipped, not finite, squares of the left, left x right;
 * not finite since the last drain.
 */
const VALUES: i32 = 9;
const BYTES: i32 = 80;

export class Peak extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return BYTES;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    memory.fill(state, 0, BYTES);
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    let peak = load<f64>(state);
    let squares = load<f64>(state, 8);
    let sumLeft = load<f64>(state, 16);
    let sumRight = load<f64>(state, 24);
    let clipped = load<f64>(state, 40);
    let broken = 0.0;
    let squaresLeft = load<f64>(state, 56);
    let products = load<f64>(state, 64);
    for (let at: usize = 0, end = <usize>frames << 2; at < end; at += 4) {
      const l = <f64>load<f32>(left + at);
      const r = <f64>load<f32>(right + at);
      if (!isFinite(l + r)) {
        broken += 1;
        continue;
      }
      const high = Math.max(Math.abs(l), Math.abs(r));
      if (high > peak) peak = high;
      // 0.9999 of full scale: one step under the largest 16-bit value
      if (high >= 0.9999) clipped += 1;
      squares += l * l + r * r;
      squaresLeft += l * l;
      products += l * r;
      sumLeft += l;
      sumRight += r;
    }
    store<f64>(state, peak);
    store<f64>(state, squares, 8);
    store<f64>(state, sumLeft, 16);
    store<f64>(state, sumRight, 24);
    store<f64>(state, load<f64>(state, 32) + <f64>frames, 32);
    store<f64>(state, clipped, 40);
    store<f64>(state, load<f64>(state, 48) + broken, 48);
    store<f64>(state, squaresLeft, 56);
    store<f64>(state, products, 64);
    store<f64>(state, load<f64>(state, 72) + broken, 72);
  }

  drainLimit(state: usize, frames: i32): i32 {
    return 1;
  }

  drain(state: usize, out: usize): i32 {
    const broken = load<f64>(state, 72);
    if (broken == 0) return 0;
    store<f64>(out, broken);
    store<f64>(state, 0, 72);
    return 1;
  }

  finishCount(state: usize): i32 {
    return VALUES;
  }

  finish(state: usize, out: usize): void {
    memory.copy(out, state, VALUES * 8);
  }
}
