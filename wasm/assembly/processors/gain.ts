import { GAIN_GAIN_DB } from '../generated/abi';
import { Processor } from './processor';

/** State: f64 sample rate (unused by process, kept so that the block names its rate). */
export class Gain extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    return 16;
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    return 0;
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    return 0;
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    store<f64>(state, sampleRate);
    store<f64>(state, 0, 8);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const gain = f32x4.splat(<f32>Math.pow(10.0, load<f64>(params + GAIN_GAIN_DB) / 20.0));
    const whole = frames & ~3;
    let at: usize = 0;
    for (const end: usize = <usize>whole << 2; at < end; at += 16) {
      v128.store(left + at, f32x4.mul(v128.load(left + at), gain));
      v128.store(right + at, f32x4.mul(v128.load(right + at), gain));
    }
    const one = f32x4.extract_lane(gain, 0);
    for (const end: usize = <usize>frames << 2; at < end; at += 4) {
      store<f32>(left + at, load<f32>(left + at) * one);
      store<f32>(right + at, load<f32>(right + at) * one);
    }
  }
}
