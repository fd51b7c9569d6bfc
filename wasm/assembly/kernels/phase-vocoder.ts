/**
 * One frame of a stereo phase vocoder: in at one place of the input, out at another of the stretched signal, with the
 * envelope moved against a shift of pitch. Hann windows in and out, hop a little over or under an eighth of the frame.
 * Source: Laroche and Dolson 1999, see phase-lock.ts.
 *
 * Block: i32 isRunning on (0: the next frame is the first), i32 frames until an attack may come, i32 frames until
 * marks are dropped, 4 spare; then the parts in the order of the functions below.
 */
import { attackOffset } from './attack';
import { fftBytes, fftForwardReal, fftInverseReal, fftPrepare } from './fft';
import { envelopeBytes, formantGains, prepareEnvelope } from './formant-envelope';
import { lockPhases, placeAttack } from './phase-lock';

const HEADER: usize = 16;
export const HOPS_PER_FRAME: i32 = 8;
/** Hann squared, eight times over: the sum of the windows. */
const OVERLAP_GAIN: f64 = 3;
/** Frames for which an attack is not looked for again: it stays in the place it is looked for for two. */
const ATTACK_PAUSE: i32 = 4;
/** Bins over which the top of the band fades before what would alias. */
const TOP_FADE: f64 = 16;

// @ts-ignore: decorator
@inline
function row(size: i32): usize {
  return (<usize>size << 1) + 16;
}

// @ts-ignore: decorator
@inline
function windowAt(block: usize): usize {
  return block + HEADER;
}

// @ts-ignore: decorator
@inline
function planAt(block: usize, size: i32): usize {
  return windowAt(block) + (<usize>size << 2);
}

function envelopeAt(block: usize, size: i32): usize {
  return planAt(block, size) + ((<usize>fftBytes(size) + 15) & ~15);
}

/** Two channels of time, size floats each. */
function timeAt(block: usize, size: i32): usize {
  return envelopeAt(block, size) + ((<usize>envelopeBytes(size >> 1) + 15) & ~15);
}

/** Rows: left (2), right (2), past left (2), past right (2), turned (2), power, past power, gains, turns, next turns, imaginary factors. */
// @ts-ignore: decorator
@inline
function rowsAt(block: usize, size: i32): usize {
  return timeAt(block, size) + (<usize>size << 3);
}

const ROWS: usize = 16;

function marksAt(block: usize, size: i32): usize {
  return rowsAt(block, size) + ROWS * row(size);
}

export function vocoderBytes(size: i32): i32 {
  return <i32>(marksAt(0, size) + (<usize>size >> 1) + 16);
}

/** @param block all zero */
export function prepareVocoder(block: usize, size: i32): void {
  const window = windowAt(block);
  for (let n = 0; n < size; n += 1) store<f32>(window + (<usize>n << 2), <f32>(0.5 - 0.5 * Math.cos((2.0 * Math.PI * <f64>n) / <f64>size)));
  fftPrepare(planAt(block, size), size);
  prepareEnvelope(envelopeAt(block, size), size >> 1);
}

/** The next frame has no frame before it. */
export function restartVocoder(block: usize): void {
  store<i32>(block, 0);
}

/** Where a frame's input belongs before `takeFrame`, `size` floats. */
export function frameInput(block: usize, size: i32, channel: i32): usize {
  return timeAt(block, size) + (<usize>(channel * size) << 2);
}

/**
 * Adds a frame to the stretched signal.
 * @param hopIn frames from the last frame's place to this one's; @param hopOut the same in the stretched signal
 * @param ratio of the new pitch to the old: the stretched signal will be read that many times as fast
 */
export function takeFrame(block: usize, size: i32, sampleRate: f64, hopIn: i32, hopOut: i32, ratio: f64, toLeft: usize, toRight: usize): void {
  const bytes = row(size);
  const bins = size >> 1;
  const left = rowsAt(block, size);
  const right = left + 2 * bytes;
  const past = left + 4 * bytes;
  const turned = left + 8 * bytes;
  const power = left + 10 * bytes;
  const pastPower = power + bytes;
  const gains = power + 2 * bytes;
  const turns = power + 3 * bytes;
  const next = power + 4 * bytes;
  const imaginary = power + 5 * bytes;
  const plan = planAt(block, size);
  const inLeft = timeAt(block, size);
  const inRight = inLeft + (<usize>size << 2);
  const offset = attackOffset(inLeft, inRight, size);

  applyWindow(inLeft, windowAt(block), size);
  applyWindow(inRight, windowAt(block), size);
  fftForwardReal(plan, inLeft, left);
  fftForwardReal(plan, inRight, right);
  addPowers(left, right, bytes, power);

  const marks = marksAt(block, size);
  if (load<i32>(block) == 0) {
    memory.fill(next, 0, bytes);
    memory.fill(marks, 0, bins + 1);
    store<i32>(block, 0, 4);
    store<i32>(block, 0, 8);
  } else {
    const age = load<i32>(block, 8);
    if (age == 1) memory.fill(marks, 0, bins + 1);
    if (age > 0) store<i32>(block, age - 1, 8);
    lockPhases(bins, bytes, left, right, past, past + 2 * bytes, power, turns, marks, next, hopIn, hopOut);
    const pause = load<i32>(block, 4);
    if (pause > 0) {
      store<i32>(block, pause - 1, 4);
    } else if (offset > 0) {
      memory.fill(marks, 0, bins + 1);
      placeAttack(bins, power, pastPower, marks, next, <f64>offset * (ratio - 1.0));
      store<i32>(block, ATTACK_PAUSE, 4);
      store<i32>(block, HOPS_PER_FRAME, 8);
    }
  }
  store<i32>(block, 1);

  const lastBin = ratio > 1 ? <i32>(<f64>bins / ratio) : bins;
  formantGains(envelopeAt(block, size), bins, power, sampleRate, ratio, lastBin, gains);
  fadeTop(gains, bins, lastBin);
  makeFactors(next, gains, imaginary, bins);
  putFrame(plan, left, gains, imaginary, turned, bytes, bins, inLeft, windowAt(block), toLeft);
  putFrame(plan, right, gains, imaginary, turned, bytes, bins, inRight, windowAt(block), toRight);

  memory.copy(past, left, 4 * bytes);
  memory.copy(pastPower, power, bytes);
  memory.copy(turns, next, bytes);
}

function applyWindow(samples: usize, window: usize, size: i32): void {
  for (let at: usize = 0, end = <usize>size << 2; at < end; at += 16) {
    v128.store(samples + at, f32x4.mul(v128.load(samples + at), v128.load(window + at)));
  }
}

function addPowers(left: usize, right: usize, bytes: usize, power: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const lr = v128.load(left + at);
    const li = v128.load(left + at + bytes);
    const rr = v128.load(right + at);
    const ri = v128.load(right + at + bytes);
    const l = f32x4.add(f32x4.mul(lr, lr), f32x4.mul(li, li));
    v128.store(power + at, f32x4.add(l, f32x4.add(f32x4.mul(rr, rr), f32x4.mul(ri, ri))));
  }
}

function fadeTop(gains: usize, bins: i32, lastBin: i32): void {
  if (lastBin >= bins) return;
  for (let bin = lastBin - <i32>TOP_FADE; bin <= bins; bin += 1) {
    const weight = Math.max(0, <f64>(lastBin - bin) / TOP_FADE);
    const at = gains + (<usize>bin << 2);
    store<f32>(at, load<f32>(at) * <f32>weight);
  }
}

/** Each bin's factor, turn and gain in one: real row over the gains, imaginary row. */
function makeFactors(turns: usize, gains: usize, imaginary: usize, bins: i32): void {
  let turn: f32 = 0;
  let c: f32 = 1;
  let s: f32 = 0;
  for (let at: usize = 0, end = <usize>(bins + 1) << 2; at < end; at += 4) {
    const own = load<f32>(turns + at);
    if (own != turn) {
      turn = own;
      NativeMath.sincos(<f64>own);
      c = <f32>NativeMath.sincos_cos;
      s = <f32>NativeMath.sincos_sin;
    }
    const gain = load<f32>(gains + at);
    store<f32>(gains + at, gain * c);
    store<f32>(imaginary + at, gain * s);
  }
}

/** Multiplies the bins of one channel, goes back to time, and adds the windowed frame to the stretched signal. */
function putFrame(plan: usize, from: usize, real: usize, imaginary: usize, turned: usize, bytes: usize, bins: i32, time: usize, window: usize, to: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const re = v128.load(from + at);
    const im = v128.load(from + at + bytes);
    const c = v128.load(real + at);
    const s = v128.load(imaginary + at);
    v128.store(turned + at, f32x4.sub(f32x4.mul(re, c), f32x4.mul(im, s)));
    v128.store(turned + at + bytes, f32x4.add(f32x4.mul(re, s), f32x4.mul(im, c)));
  }
  fftInverseReal(plan, turned, time);
  const scale = f32x4.splat(<f32>(1.0 / OVERLAP_GAIN));
  for (let at: usize = 0, end = <usize>bins << 3; at < end; at += 16) {
    const value = f32x4.mul(v128.load(time + at), f32x4.mul(v128.load(window + at), scale));
    v128.store(to + at, f32x4.add(v128.load(to + at), value));
  }
}
