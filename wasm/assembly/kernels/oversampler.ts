/**
 * Two or four times the sample rate and back, one channel, for effects that make harmonics. Half-band filters with
 * linear phase: the way there and back is a delay of whole frames, see `oversamplerLatency`.
 *
 * Kaiser-windowed half-band filters, 100 dB. First stage: flat within 0.001 dB to 0.453 of the rate (20 kHz at 44.1
 * kHz), images of it under -98 dB (measured). Second stage: shorter, as its neighbours are far.
 * Source: Kaiser 1974 (window); Vaidyanathan, Multirate Systems and Filter Banks, 1993, section 4.6 (half-band).
 *
 * State: first stage up (2 J floats), down even (J), down odd (2 J); the same for the second stage. Zero is silence.
 */

/** Coefficients on each side, without the middle one and the zeros between. */
const FIRST: i32 = 36;
const SECOND: i32 = 8;

/** Most frames at the lower rate in one call. */
export const OVERSAMPLER_FRAMES: i32 = 256;
/** Bytes of the state of one channel. */
export const OVERSAMPLER_BYTES: i32 = 5 * (FIRST + SECOND) * 4;

/** Kaiser's beta for 100 dB: 0.1102 (A - 8.7). */
const BETA: f64 = 10.061;

const FIRST_TAPS: usize = memory.data(FIRST * 4, 16);
const SECOND_TAPS: usize = memory.data(SECOND * 4, 16);
/** History and block of one stage, at most 2 x 256 frames; and for the way down the same for every other frame. */
const ROW: i32 = 2 * FIRST + 2 * OVERSAMPLER_FRAMES + 16;
const EVEN: usize = memory.data(ROW * 4, 16);
const ODD: usize = memory.data(ROW * 4, 16);
const BETWEEN: usize = memory.data((2 * OVERSAMPLER_FRAMES + 16) * 4, 16);

let isPrepared: bool = false;

/** Makes the filters. Call it in `reset`; calling it again changes nothing. */
export function prepareOversampler(): void {
  if (isPrepared) return;
  designHalfBand(FIRST_TAPS, FIRST);
  designHalfBand(SECOND_TAPS, SECOND);
  isPrepared = true;
}

/** Frames at the lower rate by which the way up and down is late. @param doublings 1: two times, 2: four times */
export function oversamplerLatency(doublings: i32): i32 {
  return doublings == 1 ? 2 * FIRST : 2 * FIRST + SECOND;
}

/**
 * @param frames at the lower rate, at most OVERSAMPLER_FRAMES
 * @param to room for `frames` rounded up to a multiple of 4, times 2 or 4
 */
export function upsample(state: usize, doublings: i32, from: usize, to: usize, frames: i32): void {
  if (doublings == 1) {
    doubleRate(state, FIRST_TAPS, FIRST, from, to, frames);
    return;
  }
  doubleRate(state, FIRST_TAPS, FIRST, from, BETWEEN, frames);
  doubleRate(state + 20 * FIRST, SECOND_TAPS, SECOND, BETWEEN, to, frames << 1);
}

/** @param from 2 or 4 times `frames`; @param to room for `frames` rounded up to a multiple of 4 */
export function downsample(state: usize, doublings: i32, from: usize, to: usize, frames: i32): void {
  if (doublings == 1) {
    halveRate(state, FIRST_TAPS, FIRST, from, to, frames);
    return;
  }
  halveRate(state + 20 * FIRST, SECOND_TAPS, SECOND, from, BETWEEN, frames << 1);
  halveRate(state, FIRST_TAPS, FIRST, BETWEEN, to, frames);
}

function besselI0(x: f64): f64 {
  let sum = 1.0;
  let term = 1.0;
  for (let k = 1; k < 64; k += 1) {
    term *= (x * x) / (4.0 * <f64>k * <f64>k);
    sum += term;
  }
  return sum;
}

/** Coefficient k belongs to the frames 2 k + 1 away at the higher rate; both sides together add up to 1. */
function designHalfBand(taps: usize, count: i32): void {
  let sum = 0.0;
  for (let pass = 0; pass < 2; pass += 1) {
    const scale = pass == 0 ? 1.0 : 0.5 / sum;
    for (let k = 0; k < count; k += 1) {
      const distance = <f64>(2 * k + 1);
      const edge = distance / <f64>(2 * count);
      const window = besselI0(BETA * Math.sqrt(1.0 - edge * edge)) / besselI0(BETA);
      const tap = (((k & 1) == 0 ? 2.0 : -2.0) * window) / (Math.PI * distance);
      if (pass == 0) sum += tap;
      else store<f32>(taps + (<usize>k << 2), <f32>(tap * scale));
    }
  }
}

/** Every second frame is an input, `count` frames late; those between are interpolated. */
function doubleRate(history: usize, taps: usize, count: i32, from: usize, to: usize, frames: i32): void {
  const past = <usize>count << 3;
  memory.copy(EVEN, history, past);
  memory.copy(EVEN + past, from, <usize>frames << 2);
  memory.copy(history, EVEN + (<usize>frames << 2), past);
  // Frame n of the block is EVEN[2 count + n]; the middle of what is interpolated lies between n - count and the next.
  let middle = EVEN + (<usize>count << 2);
  for (const end = middle + (<usize>frames << 2); middle < end; middle += 16, to += 32) {
    let sum = f32x4.splat(0);
    let before = middle;
    let after = middle + 4;
    for (let tap = taps, last = taps + (<usize>count << 2); tap < last; tap += 4, before -= 4, after += 4) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(tap), f32x4.add(v128.load(before), v128.load(after))));
    }
    const straight = v128.load(middle);
    v128.store(to, v128.shuffle<f32>(straight, sum, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<f32>(straight, sum, 2, 6, 3, 7), 16);
  }
}

/** @param history 2 count floats of the way up, then this one's own: count even frames, 2 count odd ones */
function halveRate(history: usize, taps: usize, count: i32, from: usize, to: usize, frames: i32): void {
  const reach = <usize>count << 2;
  const evenPast = history + 2 * reach;
  const oddPast = history + 3 * reach;
  memory.copy(EVEN, evenPast, reach);
  memory.copy(ODD, oddPast, 2 * reach);
  separate(from, EVEN + reach, ODD + 2 * reach, frames);
  memory.copy(evenPast, EVEN + (<usize>frames << 2), reach);
  memory.copy(oddPast, ODD + (<usize>frames << 2), 2 * reach);
  const half = f32x4.splat(0.5);
  let middle = ODD + reach;
  let even = EVEN;
  for (const end = even + (<usize>frames << 2); even < end; even += 16, middle += 16, to += 16) {
    let sum = v128.load(even);
    let before = middle - 4;
    let after = middle;
    for (let tap = taps, last = taps + reach; tap < last; tap += 4, before -= 4, after += 4) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(tap), f32x4.add(v128.load(before), v128.load(after))));
    }
    v128.store(to, f32x4.mul(half, sum));
  }
}

function separate(from: usize, even: usize, odd: usize, frames: i32): void {
  const evenEnd = even + (<usize>(frames & ~3) << 2);
  for (; even < evenEnd; even += 16, odd += 16, from += 32) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    v128.store(even, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
    v128.store(odd, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  }
  for (const end = even + (<usize>(frames & 3) << 2); even < end; even += 4, odd += 4, from += 8) {
    store<f32>(even, load<f32>(from));
    store<f32>(odd, load<f32>(from, 4));
  }
}
