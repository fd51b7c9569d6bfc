import {
  bandSplitAdvance,
  bandSplitBytes,
  bandSplitFill,
  bandSplitHop,
  bandSplitInput,
  bandSplitIsWhole,
  bandSplitOutput,
  bandSplitPad,
  bandSplitReset,
  bandSplitShift,
  bandSplitTransform,
} from '../kernels/zero-phase-bands';
import { Meter } from './meter';

/**
 * Levels of the whole and of < 120, 120-500, 500-2k, 2k-6k and > 6k Hz, for dynamics.
 * Drains records of seven values: 0 and the six mean squares (over both channels) of 50 ms, or 1 and the six crests
 * (peak squared over mean square) of one second, or 2 and the six mean squares of that second. Whole frames only.
 * What is known lags behind by up to half a second; `finish` hands over the rest, padded with records that start
 * with -1.
 *
 * State: i32 waiting, is mono; f64 rate, next 50 ms boundary, next 1 s boundary, frames tallied, frames seen; per channel and
 * band 50 ms energy and count, 1 s energy and count, 1 s peak; drained records; band split.
 */
const BANDS: i32 = 6;
const RECORD: i32 = 7;
const MAX_WAITING: i32 = 80;
const TALLY: usize = 48;
const TALLY_BYTES: usize = 40;
const WAITING: usize = 48 + 12 * 40;
const SPLIT: usize = (48 + 12 * 40 + 80 * 7 * 8 + 15) & ~15;

// @ts-ignore: decorator
@inline
function tallyOf(state: usize, channel: i32, band: i32): usize {
  return state + TALLY + <usize>(channel * BANDS + band) * TALLY_BYTES;
}

export class BandLevels extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return <i32>(SPLIT + <usize>bandSplitBytes(sampleRate) + 15) & ~15;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    memory.fill(state, 0, SPLIT);
    store<f64>(state, sampleRate, 8);
    store<f64>(state, Math.round(sampleRate / 20), 16);
    store<f64>(state, Math.round(sampleRate), 24);
    bandSplitReset(state + SPLIT, sampleRate);
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    const split = state + SPLIT;
    store<i32>(state, left == right ? 1 : 0, 4);
    store<f64>(state, load<f64>(state, 40) + <f64>frames, 40);
    while (frames > 0) {
      const taken = bandSplitFill(split, left, right, frames);
      left += <usize>taken << 2;
      right += <usize>taken << 2;
      frames -= taken;
      if (bandSplitIsWhole(split)) this.block(state, bandSplitHop(split));
    }
  }

  /** Tallies the frames of a whole block: cut where a frame of 50 ms or of one second ends. */
  private block(state: usize, frames: i32): void {
    const split = state + SPLIT;
    const from = load<f64>(state, 32);
    const channels = load<i32>(state, 4) ? 1 : 2;
    const nextShort = load<f64>(state, 16);
    const nextLong = load<f64>(state, 24);
    // The records of this block are opened first, because the bands fill them one after the other.
    const firstRecord = load<i32>(state);
    for (let channel = 0; channel < channels; channel++) {
      for (let band = 0; band < BANDS; band++) {
        let values = bandSplitInput(split, channel);
        let shift = 0;
        if (band > 0) {
          if (band == 1) bandSplitTransform(split, channel);
          values = bandSplitOutput(split, band - 1);
          shift = bandSplitShift(split, band - 1);
        }
        store<i32>(state, firstRecord);
        store<f64>(state, nextShort, 16);
        store<f64>(state, nextLong, 24);
        this.cut(state, channel, band, values, shift, from, frames, channel == channels - 1 && band == BANDS - 1);
      }
    }
    store<f64>(state, from + <f64>frames, 32);
    bandSplitAdvance(split);
  }

  private cut(state: usize, channel: i32, band: i32, values: usize, shift: i32, from: f64, frames: i32, isLast: bool): void {
    const step = 1 << shift;
    const isFirst = channel == 0 && band == 0;
    let done = 0;
    while (done < frames) {
      const boundary = Math.min(load<f64>(state, 16), load<f64>(state, 24)) - from;
      const end = <i32>Math.min(<f64>frames, boundary);
      const first = (done + step - 1) >> shift;
      const last = (end + step - 1) >> shift;
      this.tally(tallyOf(state, channel, band), values + (<usize>first << 2), last - first);
      done = end;
      if (<f64>end < boundary) break;
      const at = from + <f64>end;
      if (at == load<f64>(state, 16)) this.endShort(state, channel, band, isFirst, at);
      if (at == load<f64>(state, 24)) this.endLong(state, channel, band, isFirst, isLast, at);
    }
  }

  private tally(to: usize, at: usize, count: i32): void {
    let energy = f64x2.splat(0);
    let energy2 = f64x2.splat(0);
    let peak = f32x4.splat(0);
    let left = count;
    // Two sums side by side: neither waits for the other.
    for (; left >= 8; left -= 8, at += 32) {
      const x = v128.load(at);
      const y = v128.load(at, 16);
      peak = f32x4.max(peak, f32x4.max(f32x4.abs(x), f32x4.abs(y)));
      const a = f64x2.promote_low_f32x4(x);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
      const c = f64x2.promote_low_f32x4(y);
      const d = f64x2.promote_low_f32x4(v128.shuffle<f32>(y, y, 2, 3, 2, 3));
      energy = f64x2.add(energy, f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
      energy2 = f64x2.add(energy2, f64x2.add(f64x2.mul(c, c), f64x2.mul(d, d)));
    }
    energy = f64x2.add(energy, energy2);
    let sum = f64x2.extract_lane(energy, 0) + f64x2.extract_lane(energy, 1);
    let high = <f64>max(max(f32x4.extract_lane(peak, 0), f32x4.extract_lane(peak, 1)), max(f32x4.extract_lane(peak, 2), f32x4.extract_lane(peak, 3)));
    for (; left > 0; left--, at += 4) {
      const x = <f64>load<f32>(at);
      sum += x * x;
      high = Math.max(high, Math.abs(x));
    }
    store<f64>(to, load<f64>(to) + sum);
    store<f64>(to, load<f64>(to, 8) + <f64>count, 8);
    store<f64>(to, load<f64>(to, 16) + sum, 16);
    store<f64>(to, load<f64>(to, 24) + <f64>count, 24);
    store<f64>(to, Math.max(load<f64>(to, 32), high), 32);
  }

  private endShort(state: usize, channel: i32, band: i32, isFirst: bool, seen: f64): void {
    const rate = load<f64>(state, 8);
    const from = tallyOf(state, channel, band);
    const record = this.record(state, 0, isFirst);
    // Mono counts as two equal channels: its one mean is theirs.
    const share = load<i32>(state, 4) ? 1.0 : 0.5;
    if (record != 0) this.add(record, band, (share * load<f64>(from)) / Math.max(1, load<f64>(from, 8)));
    store<f64>(from, 0);
    store<f64>(from, 0, 8);
    store<f64>(state, Math.round(((Math.round((seen * 20) / rate) + 1) * rate) / 20), 16);
  }

  /** The crest needs the power of both channels: it is worked out when the last of them is in. */
  private endLong(state: usize, channel: i32, band: i32, isFirst: bool, isLast: bool, seen: f64): void {
    const rate = load<f64>(state, 8);
    const from = tallyOf(state, channel, band);
    const peaks = this.record(state, 1, isFirst);
    const powers = this.record(state, 2, isFirst);
    const share = load<i32>(state, 4) ? 1.0 : 0.5;
    if (powers != 0) {
      this.add(powers, band, (share * load<f64>(from, 16)) / Math.max(1, load<f64>(from, 24)));
      const peak = peaks + (<usize>(1 + band) << 3);
      store<f64>(peak, Math.max(load<f64>(peak), load<f64>(from, 32)));
      if (isLast) this.crests(peaks, powers);
    }
    memory.fill(from + 16, 0, 24);
    store<f64>(state, Math.round((Math.round(seen / rate) + 1) * rate), 24);
  }

  private crests(peaks: usize, powers: usize): void {
    for (let band = 0; band < BANDS; band++) {
      const at = peaks + (<usize>(1 + band) << 3);
      const power = load<f64>(powers + (<usize>(1 + band) << 3));
      const peak = load<f64>(at);
      store<f64>(at, power > 1e-15 ? (peak * peak) / power : 0);
    }
  }

  private add(record: usize, band: i32, value: f64): void {
    const at = record + (<usize>(1 + band) << 3);
    store<f64>(at, load<f64>(at) + value);
  }

  /** Address of the next record, emptied by the first band to reach it; 0 when nobody drains. */
  private record(state: usize, kind: i32, isFirst: bool): usize {
    const waiting = load<i32>(state);
    if (waiting >= MAX_WAITING) return 0;
    store<i32>(state, waiting + 1);
    const record = state + WAITING + (<usize>(waiting * RECORD) << 3);
    if (isFirst) {
      memory.fill(record, 0, <usize>RECORD << 3);
      store<f64>(record, <f64>kind);
    }
    return record;
  }

  /** 16 384 frames at 8 kHz are 41 short and 2 long ends; a block held back adds 8. */
  drainLimit(state: usize, frames: i32): i32 {
    return RECORD * MAX_WAITING;
  }

  drain(state: usize, out: usize): i32 {
    const count = load<i32>(state) * RECORD;
    memory.copy(out, state + WAITING, <usize>count << 3);
    store<i32>(state, 0);
    return count;
  }

  finishCount(state: usize): i32 {
    return RECORD * MAX_WAITING;
  }

  finish(state: usize, out: usize): void {
    const split = state + SPLIT;
    for (;;) {
      const left = load<f64>(state, 40) - load<f64>(state, 32);
      if (left <= 0) break;
      bandSplitPad(split);
      this.block(state, <i32>Math.min(left, <f64>bandSplitHop(split)));
    }
    memory.fill(out, 0, <usize>(RECORD * MAX_WAITING) << 3);
    const count = this.drain(state, out);
    for (let at = count; at < RECORD * MAX_WAITING; at += RECORD) store<f64>(out + (<usize>at << 3), -1);
  }
}
