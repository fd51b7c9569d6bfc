import { Processor } from './processor';

export class Reverb extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 { return 16; }
  latencyFrames(sampleRate: f64, params: usize): i32 { return 0; }
  tailFrames(sampleRate: f64, params: usize): i32 { return 0; }
  reset(state: usize, sampleRate: f64, params: usize): void {}
  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {}
}
