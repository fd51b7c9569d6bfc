import { downsample, OVERSAMPLER_BYTES, upsample } from './oversampler';

/**
 * The harmonics that a saturator adds to one channel, without the part of its output that is a copy of its input.
 *
 * Saturator: u / sqrt(1 + u^2), with first-order antiderivative anti-aliasing (J. D. Parker, V. Zavalishin and E. Le
 * Bivic, "Reducing the Aliasing of Nonlinear Waveshaping Using Continuous-Time Convolution", DAFx 2016). For this curve
 * the difference quotient of the antiderivative sqrt(1 + u^2) is (u + u') / (sqrt(1 + u^2) + sqrt(1 + u'^2)), which
 * never divides by zero. A bias in proportion to the level makes the even harmonics, at any level alike.
 *
 * What is taken off is the input times the gain with which the saturator passes it: first the gain of a sine at the
 * tracked level, then what correlation with the input finds over and above (J. J. Bussgang, "Crosscorrelation Functions
 * of Amplitude-Distorted Gaussian Signals", 1952). The harmonics are divided by the same gain, so that they keep their
 * proportion to the band at any drive.
 *
 * State: f64 mean square; then f32x4: last input, its biased drive, its root, the correlations (with the input, of the
 * input with itself, mean), then the oversampler's.
 */
const MEAN_SQUARE: usize = 0;
const LAST_INPUT: usize = 16;
const LAST_DRIVE: usize = 32;
const LAST_ROOT: usize = 48;
const WITH_INPUT: usize = 64;
const OF_INPUT: usize = 80;
const MEAN: usize = 96;
const OVERSAMPLER: usize = 112;
export const HARMONICS_BYTES: usize = (OVERSAMPLER + <usize>OVERSAMPLER_BYTES + 15) & ~15;

/** Levels of -100 dB and less count as silence. */
const SILENT_POWER: f64 = 1e-10;
/** A sine of amplitude a passes with a gain of about 1 / sqrt(1 + 0.65 a^2): the square goes from 3/4 to (pi / 4)^2. */
const SINE_GAIN: f64 = 0.65;
/** The correction by correlation stays between this and its reciprocal, and is 1 where there is nothing to correlate. */
const LEAST_CORRECTION: f32 = 0.5;
const NOTHING: f32 = 1e-6;

const WORK: usize = memory.data(4 * 260 * 4, 16);
/** For each frame: bias, 1 / (drive x sine's gain), 1 / power, level; f32. */
const LEVELS: usize = memory.data(4 * 260 * 4, 16);

/** Follows the level of the input and writes what the saturator needs of it. */
function followLevel(state: usize, channel: usize, frames: i32, drive: f64, bias: f64, follow: f64): void {
  let mean = load<f64>(state, MEAN_SQUARE);
  let to = LEVELS;
  for (const end = channel + (<usize>frames << 2); channel < end; channel += 4, to += 16) {
    const x = <f64>load<f32>(channel);
    // One pole, no branch: a level that jumped with single samples would beat against the sampling rate.
    mean += follow * (x * x - mean);
    const level = Math.sqrt(mean);
    store<f32>(to, <f32>(bias * level));
    store<f32>(to, <f32>(Math.sqrt(1 + 2 * SINE_GAIN * drive * drive * mean) / drive), 4);
    store<f32>(to, <f32>(1 / (mean + SILENT_POWER)), 8);
    store<f32>(to, <f32>level, 12);
  }
  store<f64>(state, mean, MEAN_SQUARE);
}

function sumOfFour(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/**
 * Replaces a channel (at most 256 frames) by its harmonics, late by the oversampler's delay. The lowest are at the
 * input's own frequencies where signals mix; a high pass after it is the caller's.
 * @param doublings of the rate: 1 or 2
 * @param drive amplitude ratio; @param bias over the RMS level
 * @param follow @param track parts per frame by which the level and the correlations move
 *
 * Aliases re a sine of amplitude 0.5, at 48 kHz: under -80 dB for 9 kHz at a drive of 12 dB and for 5 kHz at 24 dB;
 * -66 dB for 9 kHz at 24 dB; -50 dB at 36 dB, where the sine has become a square.
 */
export function makeHarmonics(
  state: usize, doublings: i32, channel: usize, frames: i32,
  drive: f64, bias: f64, follow: f64, track: f32,
): void {
  followLevel(state, channel, frames, drive, bias, follow);
  upsample(state + OVERSAMPLER, doublings, channel, WORK, frames);
  const four = doublings == 2;
  const one = f32x4.splat(1);
  const gain = f32x4.splat(<f32>drive);
  const part = f32x4.splat(track);
  const perFrame: f32 = four ? 0.25 : 0.5;
  let lastInput = v128.load(state, LAST_INPUT);
  let lastDrive = v128.load(state, LAST_DRIVE);
  let lastRoot = v128.load(state, LAST_ROOT);
  let withInput = v128.load(state, WITH_INPUT);
  let ofInput = v128.load(state, OF_INPUT);
  let mean = v128.load(state, MEAN);
  let at = WORK;
  for (let level = LEVELS, end = LEVELS + (<usize>frames << 4); level < end; level += 16) {
    // The frame's two or four samples; two of them lie in the upper lanes, with nothing below.
    const x = four ? v128.load(at) : v128.shuffle<i64>(one, v128.load64_zero(at), 3, 2);
    const u = f32x4.mul(gain, f32x4.add(x, v128.load32_splat(level)));
    const root = f32x4.sqrt(f32x4.add(one, f32x4.mul(u, u)));
    const inputBefore = four ? v128.shuffle<i32>(lastInput, x, 3, 4, 5, 6) : v128.shuffle<i32>(lastInput, x, 4, 5, 3, 6);
    const driveBefore = four ? v128.shuffle<i32>(lastDrive, u, 3, 4, 5, 6) : v128.shuffle<i32>(lastDrive, u, 4, 5, 3, 6);
    const rootBefore = four ? v128.shuffle<i32>(lastRoot, root, 3, 4, 5, 6) : v128.shuffle<i32>(lastRoot, root, 4, 5, 3, 6);
    lastInput = x;
    lastDrive = u;
    lastRoot = root;
    // The averaging of the anti-aliasing, on the input too, so that both are in step.
    const input = f32x4.mul(f32x4.add(x, inputBefore), f32x4.splat(0.5));
    const shaped = f32x4.mul(f32x4.div(f32x4.add(u, driveBefore), f32x4.add(root, rootBefore)), v128.load32_splat(level, 4));
    const perPower = v128.load32_splat(level, 8);
    withInput = f32x4.add(withInput, f32x4.mul(part, f32x4.sub(f32x4.mul(f32x4.mul(input, shaped), perPower), withInput)));
    ofInput = f32x4.add(ofInput, f32x4.mul(part, f32x4.sub(f32x4.mul(f32x4.mul(input, input), perPower), ofInput)));
    const rms = v128.load32_splat(level, 12);
    mean = f32x4.add(mean, f32x4.mul(part, f32x4.sub(f32x4.mul(shaped, f32x4.mul(perPower, rms)), mean)));
    const correlated = four ? withInput : v128.shuffle<i64>(withInput, f32x4.splat(0), 1, 2);
    const reference = four ? ofInput : v128.shuffle<i64>(ofInput, f32x4.splat(0), 1, 2);
    const offset = four ? mean : v128.shuffle<i64>(mean, f32x4.splat(0), 1, 2);
    let correction = (sumOfFour(correlated) + NOTHING) / (sumOfFour(reference) + NOTHING);
    correction = max<f32>(LEAST_CORRECTION, min<f32>(1 / LEAST_CORRECTION, correction));
    const constant = f32x4.mul(f32x4.splat(perFrame * sumOfFour(offset)), rms);
    const harmonics = f32x4.sub(f32x4.div(f32x4.sub(shaped, constant), f32x4.splat(correction)), input);
    if (four) {
      v128.store(at, harmonics);
      at += 16;
    } else {
      v128.store64_lane(at, harmonics, 1);
      at += 8;
    }
  }
  v128.store(state, lastInput, LAST_INPUT);
  v128.store(state, lastDrive, LAST_DRIVE);
  v128.store(state, lastRoot, LAST_ROOT);
  v128.store(state, withInput, WITH_INPUT);
  v128.store(state, ofInput, OF_INPUT);
  v128.store(state, mean, MEAN);
  downsample(state + OVERSAMPLER, doublings, WORK, channel, frames);
}

/** Sets memories that have faded to zero; call at fixed places in time only. */
export function settleHarmonics(state: usize): void {
  if (load<f64>(state, MEAN_SQUARE) < 1e-30) store<f64>(state, 0, MEAN_SQUARE);
  const silence = f32x4.splat(1e-12);
  for (let at = state + WITH_INPUT; at <= state + MEAN; at += 16) {
    const x = v128.load(at);
    v128.store(at, v128.and(x, f32x4.gt(f32x4.abs(x), silence)));
  }
}
