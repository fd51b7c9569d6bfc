/**
 * Finds the attack of a sound as it enters a frame: a jump of the power of the first difference (which hears high
 * frequencies) between the frame's third quarter and what follows it.
 */
const STEPS_PER_FRAME: i32 = 128;
/** Where an attack is looked for, in steps: it enters at the window's foot, and no hop steps over the whole of it. */
const FROM: i32 = 96;
const UNTIL: i32 = 116;
const BEFORE: i32 = 64;
/** Of the mean before, and of the loudest step before: set by reasoning, then tried on synthetic drums over a chord. */
const OVER_MEAN: f64 = 10;
const OVER_LOUDEST: f64 = 3;
/** -90 dBFS a sample: quieter attacks are left alone. */
const FLOOR: f64 = 1e-9;

/** @returns frames after the middle of the frame at which the attack begins; 0 where there is none */
export function attackOffset(left: usize, right: usize, size: i32): i32 {
  const step = size / STEPS_PER_FRAME;
  let sum = 0.0;
  let loudest = 0.0;
  for (let k = BEFORE; k < FROM; k += 1) {
    const power = differencePower(left, right, k * step, step);
    sum += power;
    if (power > loudest) loudest = power;
  }
  const mean = sum / <f64>(FROM - BEFORE);
  let peak = 0.0;
  for (let k = FROM; k < UNTIL; k += 1) {
    const power = differencePower(left, right, k * step, step);
    if (power > peak) peak = power;
  }
  if (peak < OVER_MEAN * mean || peak < OVER_LOUDEST * loudest || peak < FLOOR * <f64>step) return 0;
  for (let k = FROM; k < UNTIL; k += 1) {
    if (differencePower(left, right, k * step, step) > 0.25 * peak) return k * step - (size >> 1);
  }
  return 0;
}

function differencePower(left: usize, right: usize, from: i32, frames: i32): f64 {
  let sum = 0.0;
  for (let at = <usize>from << 2, end = <usize>(from + frames) << 2; at < end; at += 4) {
    const l = <f64>(load<f32>(left + at) - load<f32>(left + at - 4));
    const r = <f64>(load<f32>(right + at) - load<f32>(right + at - 4));
    sum += l * l + r * r;
  }
  return sum;
}
