import { Meter } from './meter';

/**
 * True peak by band-limited interpolation at 4x (2x from 96 kHz on), never below the sample peak.
 * Source: ITU-R BS.1770-5, annex 2; the filter is longer than the standard's (48 taps a phase, Kaiser beta 8, cut-off at
 * 0.98 of Nyquist), so that it reads the peaks of material near Nyquist within 0.1 dB.
 *
 * A group of frames whose sample peak could not reach the peak already found is passed over; the largest gain of the
 * interpolator above a run's sample peak is the sum of its taps' magnitudes, GAIN.
 *
 * State: f64 peak; i32 phases, i32 unused; filter (phases - 1) x 48 f32; then for left and right 48 frames of past.
 */
const TAPS: i32 = 48;
const FILTER: usize = 16;
const PAST: usize = FILTER + 3 * 48 * 4;
const GROUP: i32 = 256;
const BETA: f64 = 8;
const GAIN: f32 = 3.2;

function besselI0(x: f64): f64 {
  let sum = 1.0;
  let term = 1.0;
  for (let k = 1; k < 48; k++) {
    term *= (x * x) / (4.0 * <f64>k * <f64>k);
    sum += term;
  }
  return sum;
}

/** Scratch: past and one group of one channel. */
const LINE: usize = memory.data((48 + 256) * 4, 16);

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
      }
    }
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    for (let from = 0; from < frames; from += GROUP) {
      const count = min(GROUP, frames - from);
      this.group(state, left + (<usize>from << 2), state + PAST, count);
      if (left != right) this.group(state, right + (<usize>from << 2), state + PAST + (<usize>TAPS << 2), count);
    }
  }

  private group(state: usize, input: usize, past: usize, frames: i32): void {
    let peak = <f32>load<f64>(state);
    const line = LINE;
    const pastBytes: usize = <usize>TAPS << 2;
    memory.copy(line, past, pastBytes);
    let high: f32 = 0;
    for (let i = 0; i < frames; i++) {
      let x = load<f32>(input + (<usize>i << 2));
      if (!isFinite(x)) x = 0;
      store<f32>(line + pastBytes + (<usize>i << 2), x);
      high = max(high, abs(x));
    }
    for (let i = 0; i < TAPS; i++) high = max(high, abs(load<f32>(line + (<usize>i << 2))));
    memory.copy(past, line + (<usize>frames << 2), pastBytes);
    if (high * GAIN > peak) {
      const phases = load<i32>(state, 8);
      for (let i = 0; i < frames; i++) {
        const at = line + (<usize>(i + 1) << 2);
        peak = max(peak, abs(load<f32>(at, 92)));
        for (let phase = 1; phase < phases; phase++) {
          const row = state + FILTER + (<usize>((phase - 1) * TAPS) << 2);
          let sum = f32x4.splat(0);
          for (let tap: usize = 0; tap < 192; tap += 16) {
            sum = f32x4.add(sum, f32x4.mul(v128.load(row + tap), v128.load(at + tap)));
          }
          const value =
            f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
          peak = max(peak, abs(value));
        }
      }
    }
    store<f64>(state, <f64>peak);
  }

  drainLimit(state: usize, frames: i32): i32 {
    return 0;
  }

  drain(state: usize, out: usize): i32 {
    return 0;
  }

  finishCount(state: usize): i32 {
    return 1;
  }

  /** Pushes the last frames through with silence behind them, then tells the peak. */
  finish(state: usize, out: usize): void {
    const silence = LINE + (<usize>TAPS << 2);
    memory.fill(silence, 0, <usize>TAPS << 2);
    this.group(state, silence, state + PAST, TAPS);
    memory.fill(silence, 0, <usize>TAPS << 2);
    this.group(state, silence, state + PAST + (<usize>TAPS << 2), TAPS);
    store<f64>(out, load<f64>(state));
  }
}
