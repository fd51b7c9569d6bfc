/**
 * What every measurement is. State is one flat block, as a processor's. `process` reads planar f32 and changes
 * nothing; `drain` hands over what has become known since the last drain; `finish` ends the measurement.
 * Mono is measured as dual mono: the host passes the same pointer twice.
 */
export abstract class Meter {
  /** Bytes of the state block, a multiple of 16. `option` is a number the meter's file explains. */
  abstract stateBytes(sampleRate: f64, option: f64): i32;
  abstract reset(state: usize, sampleRate: f64, option: f64): void;
  abstract process(state: usize, left: usize, right: usize, frames: i32): void;
  /** The most f64 values one drain can hand over after `frames` frames. */
  abstract drainLimit(state: usize, frames: i32): i32;
  /** Writes f64 values to `out`, answers how many. */
  abstract drain(state: usize, out: usize): i32;
  /** How many f64 values `finish` writes. */
  abstract finishCount(state: usize): i32;
  abstract finish(state: usize, out: usize): void;
}
