/**
 * Arbitrary-rate resampling with a Kaiser-windowed sinc, 120 dB, polyphase.
 *
 * Rates are reduced to up / down. Up to MAX_PHASES every phase of the filter is tabulated exactly; above, that many
 * phases are tabulated and neighbours are blended, an error below -125 dB. Every output is one dot product that depends
 * on the input alone: any cut gives the same samples.
 *
 * Plan: i32 up, down, taps, phases, isExact; then (phases + 1) rows of `taps` floats.
 * Source: Kaiser 1974 (window); Crochiere and Rabiner, Multirate Digital Signal Processing, 1983, chapter 4.
 */
const HEADER: usize = 32;
const MAX_PHASES: i32 = 2048;

/** Kaiser's beta for 120 dB: 0.1102 (A - 8.7). */
const BETA: f64 = 12.265;
/** Zero crossings on each side at the lower rate: the pass band reaches 0.92 of the lower Nyquist frequency. */
const ZERO_CROSSINGS: f64 = 96;
/** Middle of the transition, so that it ends at the lower Nyquist frequency. */
const CUTOFF: f64 = 0.9594;

function gcd(a: i32, b: i32): i32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: f64): f64 {
  let sum = 1.0;
  let term = 1.0;
  for (let k = 1; k < 64; k++) {
    term *= (x * x) / (4.0 * <f64>k * <f64>k);
    sum += term;
  }
  return sum;
}

function tapsOf(fromHz: i32, toHz: i32): i32 {
  const narrowing = toHz < fromHz ? <f64>fromHz / <f64>toHz : 1.0;
  return (<i32>Math.ceil(2.0 * ZERO_CROSSINGS * narrowing) + 7) & ~7;
}

// @ts-ignore: decorator
@inline
function phasesOf(up: i32): i32 {
  return up <= MAX_PHASES ? up : MAX_PHASES;
}

export function resamplerBytes(fromHz: i32, toHz: i32): i32 {
  const up = toHz / gcd(fromHz, toHz);
  return <i32>HEADER + (phasesOf(up) + 1) * tapsOf(fromHz, toHz) * 4;
}

export function resamplerPrepare(plan: usize, fromHz: i32, toHz: i32): void {
  const divisor = gcd(fromHz, toHz);
  const up = toHz / divisor;
  const taps = tapsOf(fromHz, toHz);
  const phases = phasesOf(up);
  store<i32>(plan, up);
  store<i32>(plan, fromHz / divisor, 4);
  store<i32>(plan, taps, 8);
  store<i32>(plan, phases, 12);
  store<i32>(plan, phases == up ? 1 : 0, 16);
  const cutoff = CUTOFF * (toHz < fromHz ? <f64>toHz / <f64>fromHz : 1.0);
  const half = <f64>(taps >> 1);
  const edge = besselI0(BETA);
  for (let phase = 0; phase <= phases; phase++) {
    const row = plan + HEADER + (<usize>(phase * taps) << 2);
    const fraction = <f64>phase / <f64>phases;
    let sum = 0.0;
    for (let pass = 0; pass < 2; pass++) {
      for (let tap = 0; tap < taps; tap++) {
        const x = <f64>tap - half + 1.0 - fraction;
        const arch = 1.0 - (x / half) * (x / half);
        const window = arch > 0 ? besselI0(BETA * Math.sqrt(arch)) / edge : 0.0;
        const angle = Math.PI * cutoff * x;
        const value = (angle == 0 ? 1.0 : Math.sin(angle) / angle) * window;
        // unit gain at DC in every phase
        if (pass == 0) sum += value;
        else store<f32>(row + (<usize>tap << 2), <f32>(value / sum));
      }
    }
  }
}

export function resamplerTaps(plan: usize): i32 {
  return load<i32>(plan, 8);
}

// @ts-ignore: decorator
@inline
function dot(row: usize, input: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 32) {
    a = f32x4.add(a, f32x4.mul(v128.load(row + at), v128.load(input + at)));
    b = f32x4.add(b, f32x4.mul(v128.load(row + at, 16), v128.load(input + at, 16)));
  }
  a = f32x4.add(a, b);
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}

/**
 * @param phase position of the first output between two input frames, 0 to up - 1
 * @param input the first of the `taps` input frames that the first output needs
 */
export function resamplerRun(plan: usize, phase: i32, input: usize, output: usize, frames: i32): void {
  const up = load<i32>(plan);
  const down = load<i32>(plan, 4);
  const rowBytes = <usize>load<i32>(plan, 8) << 2;
  const phases = load<i32>(plan, 12);
  const isExact = load<i32>(plan, 16) != 0;
  const table = plan + HEADER;
  for (let i = 0; i < frames; i++) {
    let value: f32;
    if (isExact) {
      value = dot(table + <usize>phase * rowBytes, input, rowBytes);
    } else {
      const exact = (<f64>phase * <f64>phases) / <f64>up;
      const below = <i32>Math.floor(exact);
      const share = <f32>(exact - <f64>below);
      const row = table + <usize>below * rowBytes;
      const low = dot(row, input, rowBytes);
      value = low + share * (dot(row + rowBytes, input, rowBytes) - low);
    }
    store<f32>(output + (<usize>i << 2), value);
    phase += down;
    const steps = phase / up;
    phase -= steps * up;
    input += <usize>steps << 2;
  }
}
