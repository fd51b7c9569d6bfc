/**
 * What every effect is. State is one flat block of memory: copy it out and the work can stop, copy it back and it
 * goes on. `params` is a row of f64 in schema order (see generated/abi.ts). `process` works in place on planar f32,
 * keeps parameters constant within a call, allocates nothing and calls nobody. Any split into calls gives the same samples.
 */
export abstract class Processor {
  /**
   * Bytes of the state block, a multiple of 16. May depend on the impulse response that `params` names; for all other
   * parameters it is the largest they can need.
   */
  abstract stateBytes(sampleRate: f64, params: usize): i32;
  abstract latencyFrames(sampleRate: f64, params: usize): i32;
  /** Frames after the input's end until the output is below -90 dB. */
  abstract tailFrames(sampleRate: f64, params: usize): i32;
  /** The state a new block starts with, of `stateBytes(sampleRate, params)`; no field has another initial value anywhere. */
  abstract reset(state: usize, sampleRate: f64, params: usize): void;
  abstract process(state: usize, params: usize, left: usize, right: usize, frames: i32): void;
}
