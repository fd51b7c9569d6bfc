import { peakBounds, widenBound } from '../kernels/peak-bound';
import { Meter } from './meter';

/**
 * True peak by band-limited interpolation at 4x (2x from 96 kHz on), never below the sample peak.
 * Source: ITU-R BS.1770-5, annex 2; the filter is longer than the standard's (48 taps a phase, Kaiser beta 8, cut-off at
 * 0.98 of Nyquist), so that it reads the peaks of material near Nyquist within 0.1 dB.
 *
 * Frames that surely stay under the peak already found are passed over (kernels/peak-bound.ts).
 *
 * State: f64 peak; i32 phases, i32 unused; bound; filter (phases - 1) x 48 f32; then for left and right 48 frames of past.
 */
const TAPS: i32 = 48;
const BOUND: usize = 16;
const FILTER: usize = 32;
const PAST: usize = FILTER + 3 * 48 * 4;
const GROUP: i32 = 256;
const BETA: f64 = 8;

function besselI0(x: f64): f64 {
  let sum = 1.0;
  let term = 1.0;
  for (let k = 1; k < 48; k++) {
    term *= (x * x) / (4.0 * <f64>k * <f64>k);
    sum += term;
  }
  return sum;
}

/** Scratch: past and one group of each channel, and what the bound reads ahead; the bounds; a row of taps as f64. */
const LEFT: usize = memory.data((48 + 256 + 36) * 4, 16);
const RIGHT: usize = memory.data((48 + 256 + 36) * 4, 16);
const BOUNDS: usize = memory.data(64 * 4, 16);
const ROW: usize = memory.data(48 * 8, 16);
const PAST_BYTES: usize = 48 << 2;

export class TruePeak extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return <i32>PAST + 2 * TAPS * 4;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    memory.fill(state, 0, PAST + 2 * TAPS * 4);
    const phases = sampleRate < 96000 ? 4 : 2;
    store<i32>(state, phases, 8);
    const edge = besselI0(BETA);
    for (let phase = 1; phase < phases; phase++) {
      for (let tap = 0; tap < TAPS; tap++) {
        // Output between frames 23 and 24 of the line, a fraction phase / phases past frame 23.
        const x = <f64>tap - 23.0 - <f64>phase / <f64>phases;
        const arch = 1.0 - (x / 24.0) * (x / 24.0);
        const angle = Math.PI * 0.98 * x;
        const value = arch > 0 ? (0.98 * (Math.sin(angle) / angle) * besselI0(BETA * Math.sqrt(arch))) / edge : 0.0;
        store<f32>(state + FILTER + (<usize>((phase - 1) * TAPS + tap) << 2), <f32>value);
        store<f64>(ROW + (<usize>tap << 3), value);
      }
      widenBound(state + BOUND, ROW, TAPS, 23, <f64>phase / <f64>phases);
    }
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    for (let from = 0; from < frames; from += GROUP) {
      const count = min(GROUP, frames - from);
      takeLine(LEFT, left + (<usize>from << 2), state + PAST, count);
      if (left != right) takeLine(RIGHT, right + (<usize>from << 2), state + PAST + PAST_BYTES, count);
      this.group(state, LEFT, left == right ? LEFT : RIGHT, count);
    }
  }

  private group(state: usize, left: usize, right: usize, frames: i32): void {
    let peak = <f32>load<f64>(state);
    const groups = (frames + 3) >> 2;
    // Outputs lie behind the 24th frame of the past and the ones after it.
    if (!peakBounds(left, right, 6, groups, state + BOUND, peak, BOUNDS)) return;
    for (let g = 0; g < groups; g++) {
      if (!(load<f32>(BOUNDS + (<usize>g << 2)) > peak)) continue;
      const from = <usize>g << 4;
      const to = <usize>min(frames, (g + 1) << 2) << 2;
      peak = max(peak, this.highest(state, left + from, left + to));
      if (left != right) peak = max(peak, this.highest(state, right + from, right + to));
    }
    store<f64>(state, <f64>peak);
  }

  /** Of the samples and the gaps behind them, at each frame of a line. */
  private highest(state: usize, line: usize, end: usize): f32 {
    const phases = load<i32>(state, 8);
    let peak: f32 = 0;
    for (; line < end; line += 4) {
      peak = max(peak, abs(load<f32>(line, 96)));
      for (let phase = 1; phase < phases; phase++) {
        const row = state + FILTER + (<usize>((phase - 1) * TAPS) << 2);
        let sum = f32x4.splat(0);
        for (let tap: usize = 0; tap < 192; tap += 16) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(row + tap), v128.load(line + tap, 4)));
        }
        const value =
          f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
        peak = max(peak, abs(value));
      }
    }
    return peak;
  }

  drainLimit(state: usize, frames: i32): i32 {
    return 0;
  }

  drain(state: usize, out: usize): i32 {
    return 0;
  }

  finishCount(state: usize): i32 {
    return 2;
  }

  /** The peak with silence behind the last frames, then the peak of all that does not depend on what follows. */
  finish(state: usize, out: usize): void {
    store<f64>(out, load<f64>(state), 8);
    for (let line = LEFT; ; line = RIGHT) {
      memory.copy(line, state + PAST + (line == LEFT ? 0 : PAST_BYTES), PAST_BYTES);
      memory.fill(line + PAST_BYTES, 0, PAST_BYTES);
      if (line == RIGHT) break;
    }
    this.group(state, LEFT, RIGHT, TAPS);
    memory.fill(state + PAST, 0, 2 * PAST_BYTES);
    store<f64>(out, load<f64>(state));
  }
}

/** Past and new frames of a channel in a row; what is not a number is silence. */
function takeLine(line: usize, input: usize, past: usize, frames: i32): void {
  memory.copy(line, past, PAST_BYTES);
  const fresh = line + PAST_BYTES;
  const infinite = f32x4.splat(f32.MAX_VALUE);
  let at: usize = 0;
  for (const end = <usize>(frames & ~3) << 2; at < end; at += 16) {
    const x = v128.load(input + at);
    v128.store(fresh + at, v128.and(x, f32x4.le(f32x4.abs(x), infinite)));
  }
  for (const end = <usize>frames << 2; at < end; at += 4) {
    const x = load<f32>(input + at);
    store<f32>(fresh + at, isFinite(x) ? x : 0);
  }
  memory.copy(past, line + (<usize>frames << 2), PAST_BYTES);
}
