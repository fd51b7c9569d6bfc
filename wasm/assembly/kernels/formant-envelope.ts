/**
 * What a shift of pitch must do to the level of each bin so that formants stay where they are: the ratio of the
 * spectral envelope at the place a bin moves to and at its own.
 *
 * Envelope: bins pooled by four, log power, cepstrum cut at 1.6 ms, and raised three times to the peaks it cuts
 * through ("true envelope").
 * Source: Roebel and Rodet, "Efficient spectral envelope estimation and its application to pitch shifting and envelope
 * preservation", DAFx 2005. Departs from it: pooled bins, a fixed order, and the frame's power is kept, so that a
 * lone tone, which has no envelope, stays as loud as it was.
 *
 * Block: FFT plan of 2 K points (K = bins / 4 bands), log levels and envelope (K + 4 floats each), spectrum, time.
 */
import { exp2OfFour, log2OfFour } from './fast-math';
import { fftBytes, fftForwardReal, fftInverseReal, fftPrepare } from './fft';

const POOLED: i32 = 4;
/** Longest quefrency kept, seconds: envelopes of voices up to 500 Hz; formants are some 500 Hz wide. */
const LIFTER_SECONDS: f64 = 0.0016;
const RAISED_TIMES: i32 = 3;
/** Levels lower than this under the strongest band are no part of an envelope: 1e-7 is -70 dB. */
const DEPTH: f32 = 1e-7;
/** Largest correction, as a power of 2: 15 dB. */
const MAX_GAIN: f64 = 2.4914;

// @ts-ignore: decorator
@inline
function planBytes(bands: i32): usize {
  return (<usize>fftBytes(bands << 1) + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function rowBytes(bands: i32): usize {
  return (<usize>bands + 4) << 2;
}

/** @param bins half the size of the spectrum's transform */
export function envelopeBytes(bins: i32): i32 {
  const bands = bins / POOLED;
  return <i32>(planBytes(bands) + 3 * rowBytes(bands) + (<usize>bands << 3));
}

export function prepareEnvelope(block: usize, bins: i32): void {
  fftPrepare(block, (bins / POOLED) << 1);
}

/**
 * @param power bins + 1 values
 * @param ratio of the new pitch to the old
 * @param gains bins + 1 amplitude factors
 * @param lastBin bins over it are not heard afterwards, and do not count for the power
 */
export function formantGains(block: usize, bins: i32, power: usize, sampleRate: f64, ratio: f64, lastBin: i32, gains: usize): void {
  const bands = bins / POOLED;
  const row = rowBytes(bands);
  const levels = block + planBytes(bands);
  const spectrum = levels + row;
  if (!poolLevels(power, bands, levels)) {
    for (let bin = 0; bin <= bins; bin += 1) store<f32>(gains + (<usize>bin << 2), 1);
    return;
  }
  memory.copy(spectrum, levels, row);
  for (let pass = 0; ; pass += 1) {
    smooth(block, bands, spectrum, sampleRate);
    if (pass == RAISED_TIMES) break;
    for (let at: usize = 0; at < row; at += 16) v128.store(spectrum + at, f32x4.max(v128.load(spectrum + at), v128.load(levels + at)));
  }
  // The levels' row is free now: gains by band.
  for (let band = 0; band <= bands; band += 1) {
    const bin = <f64>(POOLED * band) + 1.5;
    const to = Math.min((ratio * bin - 1.5) / POOLED, <f64>(bands - 1));
    const whole = <i32>to;
    const here = <f64>load<f32>(spectrum + (<usize>whole << 2));
    const there = here + (<f64>load<f32>(spectrum + (<usize>whole << 2), 4) - here) * (to - <f64>whole);
    const own = <f64>load<f32>(spectrum + (<usize>(band < bands ? band : bands - 1) << 2));
    store<f32>(levels + (<usize>band << 2), <f32>Math.max(-MAX_GAIN, Math.min(MAX_GAIN, 0.5 * (there - own))));
  }
  for (let at: usize = 0; at < row; at += 16) v128.store(levels + at, exp2OfFour(v128.load(levels + at)));
  spread(levels, bands, gains, bins);
  keepPower(power, gains, bins, lastBin);
}

/** Log power by band; answers whether there is any. The last value stands for the end of the axis. */
function poolLevels(power: usize, bands: i32, levels: usize): bool {
  let strongest: f32 = 0;
  for (let band = 0; band < bands; band += 1) {
    const four = v128.load(power + (<usize>band << 4));
    const sum = f32x4.extract_lane(four, 0) + f32x4.extract_lane(four, 1) + (f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3));
    store<f32>(levels + (<usize>band << 2), sum);
    if (sum > strongest) strongest = sum;
  }
  if (!(strongest > 1e-20)) return false;
  const floor = f32x4.splat(strongest * DEPTH);
  for (let at: usize = 0, end = <usize>bands << 2; at < end; at += 16) {
    v128.store(levels + at, log2OfFour(f32x4.add(v128.load(levels + at), floor)));
  }
  const end = levels + (<usize>bands << 2);
  store<f32>(end, load<f32>(end - 4));
  return true;
}

/** The first row of `spectrum` through its cepstrum; the second row is used up. */
function smooth(block: usize, bands: i32, spectrum: usize, sampleRate: f64): void {
  const row = rowBytes(bands);
  const time = spectrum + 2 * row;
  memory.fill(spectrum + row, 0, row);
  fftInverseReal(block, spectrum, time);
  const last = <i32>(LIFTER_SECONDS * sampleRate);
  const size = bands << 1;
  for (let n = 1; n <= bands; n += 1) {
    // Half a Hann at the end, so that the envelope does not ring.
    const weight = n >= last ? <f32>0 : n << 1 < last ? <f32>1 : <f32>(0.5 + 0.5 * Math.cos(Math.PI * (2.0 * <f64>n / <f64>last - 1.0)));
    store<f32>(time + (<usize>n << 2), load<f32>(time + (<usize>n << 2)) * weight);
    if (n < bands) store<f32>(time + (<usize>(size - n) << 2), load<f32>(time + (<usize>(size - n) << 2)) * weight);
  }
  fftForwardReal(block, time, spectrum);
}

/** From bands to bins, in straight lines between the bands' middles. */
function spread(levels: usize, bands: i32, gains: usize, bins: i32): void {
  for (let bin = 0; bin <= bins; bin += 1) {
    const at = Math.max(0, Math.min(<f64>(bands - 1), (<f64>bin - 1.5) / POOLED));
    const whole = <i32>at;
    const low = load<f32>(levels + (<usize>whole << 2));
    const high = load<f32>(levels + (<usize>whole << 2), 4);
    store<f32>(gains + (<usize>bin << 2), low + (high - low) * <f32>(at - <f64>whole));
  }
}

function keepPower(power: usize, gains: usize, bins: i32, lastBin: i32): void {
  let before = 0.0;
  let after = 0.0;
  for (let bin = 0; bin <= lastBin; bin += 1) {
    const p = <f64>load<f32>(power + (<usize>bin << 2));
    const g = <f64>load<f32>(gains + (<usize>bin << 2));
    before += p;
    after += p * g * g;
  }
  if (after <= 0) return;
  const scale = f32x4.splat(<f32>Math.sqrt(before / after));
  for (let at: usize = 0, end = <usize>bins << 2; at < end; at += 16) v128.store(gains + at, f32x4.mul(scale, v128.load(gains + at)));
}
