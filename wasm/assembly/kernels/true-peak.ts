import { peakBounds, widenBound } from './peak-bound';

/**
 * Peaks between the samples, as ITU-R BS.1770 annex 2 asks: the signal at four times its rate, by a windowed sinc
 * (Kaiser, beta 8) of 32 or 48 taps per phase, the samples themselves included.
 *
 * The filter is symmetric about the middle between two samples, so the phases 1/4 and 3/4 are the sum and the
 * difference of an even and an odd part, and all three share the sums of mirrored samples.
 *
 * The long form measures twice, with a cutoff at Nyquist and one at 0.97 of it: meters differ there, and taking off
 * what lies near Nyquist can raise a peak as well as lower it (by 0.2 dB in noise). The second filter changes the
 * samples too and so has a phase 0.
 */
export const SHORT_PAIRS: i32 = 16;
export const LONG_PAIRS: i32 = 24;
/** Frames of the past that stand in front of a block. */
export const PEAK_HISTORY: i32 = 48;

/** For each pair of taps: even part, odd part, middle phase; f32. */
const SHORT_TAPS: usize = memory.data(16 * 12, 16);
const LONG_TAPS: usize = memory.data(24 * 12, 16);
const SOFT_TAPS: usize = memory.data(24 * 12, 16);
/** What the short filter can rise to, and the two long ones together. */
const SHORT_BOUND: usize = memory.data(16, 16);
const LONG_BOUND: usize = memory.data(16, 16);
/** Phase 0 of the soft filter: the middle tap, then one for each distance. */
const SOFT_CENTRE: usize = memory.data(25 * 4, 16);
const SOFT_CUTOFF: f64 = 0.97;
const BOUNDS: usize = memory.data(72 * 4, 16);
/** One phase's taps in a row, f64. */
const ROW: usize = memory.data(49 * 8, 16);

function besselI0(x: f64): f64 {
  let sum: f64 = 1;
  let term: f64 = 1;
  for (let k = 1; k < 40; k += 1) {
    const half = x / (2 * <f64>k);
    term *= half * half;
    sum += term;
  }
  return sum;
}

function tapAt(distance: f64, pairs: i32, cutoff: f64): f64 {
  const x = distance / (<f64>pairs + 0.25);
  const window = besselI0(8 * Math.sqrt(1 - x * x)) / besselI0(8);
  return distance == 0 ? 1 : (Math.sin(Math.PI * cutoff * distance) / (Math.PI * cutoff * distance)) * window;
}

function prepareTaps(taps: usize, pairs: i32, cutoff: f64): void {
  let sumQuarter: f64 = 0;
  let sumMiddle: f64 = 0;
  for (let k = 0; k < pairs; k += 1) {
    sumQuarter += tapAt(<f64>k + 0.25, pairs, cutoff) + tapAt(<f64>k + 0.75, pairs, cutoff);
    sumMiddle += 2 * tapAt(<f64>k + 0.5, pairs, cutoff);
  }
  for (let k = 0; k < pairs; k += 1) {
    const near = tapAt(<f64>k + 0.25, pairs, cutoff) / sumQuarter;
    const far = tapAt(<f64>k + 0.75, pairs, cutoff) / sumQuarter;
    const at = taps + <usize>k * 12;
    store<f32>(at, <f32>((near + far) / 2));
    store<f32>(at, <f32>((near - far) / 2), 4);
    store<f32>(at, <f32>(tapAt(<f64>k + 0.5, pairs, cutoff) / sumMiddle), 8);
  }
}

function prepareCentre(): void {
  let sum: f64 = 1;
  for (let k = 1; k <= LONG_PAIRS; k += 1) sum += 2 * tapAt(<f64>k, LONG_PAIRS, SOFT_CUTOFF);
  for (let k = 0; k <= LONG_PAIRS; k += 1) {
    store<f32>(SOFT_CENTRE + (<usize>k << 2), <f32>(tapAt(<f64>k, LONG_PAIRS, SOFT_CUTOFF) / sum));
  }
}

/** The three phases' bounds, from the taps as they are stored. */
function prepareBound(bound: usize, taps: usize, pairs: i32): void {
  for (let phase = 1; phase <= 3; phase += 1) {
    for (let k = 0; k < pairs; k += 1) {
      const at = taps + <usize>k * 12;
      const even = <f64>load<f32>(at);
      const odd = phase == 1 ? <f64>load<f32>(at, 4) : -(<f64>load<f32>(at, 4));
      const middle = <f64>load<f32>(at, 8);
      store<f64>(ROW + (<usize>(pairs - 1 - k) << 3), phase == 2 ? middle : even + odd);
      store<f64>(ROW + (<usize>(pairs + k) << 3), phase == 2 ? middle : even - odd);
    }
    widenBound(bound, ROW, 2 * pairs, pairs - 1, 0.25 * <f64>phase);
  }
}

function prepareCentreBound(bound: usize): void {
  for (let k = 0; k < LONG_PAIRS; k += 1) {
    const tap = <f64>load<f32>(SOFT_CENTRE + (<usize>k << 2));
    store<f64>(ROW + (<usize>(LONG_PAIRS - 1 - k) << 3), tap);
    store<f64>(ROW + (<usize>(LONG_PAIRS - 1 + k) << 3), tap);
  }
  widenBound(bound, ROW, 2 * LONG_PAIRS - 1, LONG_PAIRS - 1, 0);
}

prepareTaps(SHORT_TAPS, SHORT_PAIRS, 1);
prepareTaps(LONG_TAPS, LONG_PAIRS, 1);
prepareTaps(SOFT_TAPS, LONG_PAIRS, SOFT_CUTOFF);
prepareCentre();
prepareBound(SHORT_BOUND, SHORT_TAPS, SHORT_PAIRS);
prepareBound(LONG_BOUND, LONG_TAPS, LONG_PAIRS);
prepareBound(LONG_BOUND, SOFT_TAPS, LONG_PAIRS);
prepareCentreBound(LONG_BOUND);

/**
 * The larger channel's true peak over each frame and the gap after it.
 *
 * `left` and `right` begin with `PEAK_HISTORY` frames of the past, then `frames` (at most 256) new ones; room for four
 * more must follow. Writes `frames` f32 to `peaks` (rounded up to four): those of the frames `pairs` before the new
 * ones. Where the peak is surely under `floor` it writes 0. `pairs` is `SHORT_PAIRS` or `LONG_PAIRS`.
 */
export function truePeaks(left: usize, right: usize, frames: i32, pairs: i32, floor: f32, peaks: usize): void {
  const isLong = pairs == LONG_PAIRS;
  const taps = isLong ? LONG_TAPS : SHORT_TAPS;
  const tapsEnd = taps + <usize>pairs * 12;
  const centre = <usize>(PEAK_HISTORY - pairs) << 2;
  const groups = (frames + 3) >> 2;
  if (!peakBounds(left, right, (PEAK_HISTORY - pairs) >> 2, groups, isLong ? LONG_BOUND : SHORT_BOUND, floor, BOUNDS)) {
    memory.fill(peaks, 0, <usize>groups << 4);
    return;
  }
  for (let g = 0; g < groups; g += 1) {
    const at = <usize>g << 4;
    let peak = f32x4.splat(0);
    // What is not a number passes for high.
    if (!(load<f32>(BOUNDS + (<usize>g << 2)) <= floor)) {
      peak = peaksOfFour(left + at + centre, right + at + centre, taps, tapsEnd);
      if (isLong) {
        peak = f32x4.pmax(peak, peaksOfFour(left + at + centre, right + at + centre, SOFT_TAPS, SOFT_TAPS + 12 * <usize>LONG_PAIRS));
        peak = f32x4.pmax(peak, softSamplesOfFour(left + at + centre, right + at + centre));
      }
    }
    v128.store(peaks + at, peak);
  }
}

function peaksOfFour(left: usize, right: usize, taps: usize, tapsEnd: usize): v128 {
  let evenLeft = f32x4.splat(0);
  let oddLeft = evenLeft;
  let middleLeft = evenLeft;
  let evenRight = evenLeft;
  let oddRight = evenLeft;
  let middleRight = evenLeft;
  let step: usize = 0;
  for (let tap = taps; tap < tapsEnd; tap += 12, step += 4) {
    const even = v128.load32_splat(tap);
    const odd = v128.load32_splat(tap, 4);
    const middle = v128.load32_splat(tap, 8);
    let before = v128.load(left - step);
    let after = v128.load(left + step, 4);
    let sum = f32x4.add(before, after);
    evenLeft = f32x4.add(evenLeft, f32x4.mul(even, sum));
    middleLeft = f32x4.add(middleLeft, f32x4.mul(middle, sum));
    oddLeft = f32x4.add(oddLeft, f32x4.mul(odd, f32x4.sub(before, after)));
    before = v128.load(right - step);
    after = v128.load(right + step, 4);
    sum = f32x4.add(before, after);
    evenRight = f32x4.add(evenRight, f32x4.mul(even, sum));
    middleRight = f32x4.add(middleRight, f32x4.mul(middle, sum));
    oddRight = f32x4.add(oddRight, f32x4.mul(odd, f32x4.sub(before, after)));
  }
  // |e + o| and |e - o|: the larger is |e| + |o|.
  const quartersLeft = f32x4.add(f32x4.abs(evenLeft), f32x4.abs(oddLeft));
  const quartersRight = f32x4.add(f32x4.abs(evenRight), f32x4.abs(oddRight));
  const between = f32x4.max(
    f32x4.max(quartersLeft, f32x4.abs(middleLeft)),
    f32x4.max(quartersRight, f32x4.abs(middleRight)),
  );
  return f32x4.max(between, f32x4.max(f32x4.abs(v128.load(left)), f32x4.abs(v128.load(right))));
}

/** Magnitudes at the samples themselves after the soft filter. */
function softSamplesOfFour(left: usize, right: usize): v128 {
  const middle = v128.load32_splat(SOFT_CENTRE);
  let sumLeft = f32x4.mul(middle, v128.load(left));
  let sumRight = f32x4.mul(middle, v128.load(right));
  // The last tap is under 1 part in 20 000 and its sample may lie before the block's past: it is left out.
  for (let step: usize = 4; step < <usize>LONG_PAIRS << 2; step += 4) {
    const tap = v128.load32_splat(SOFT_CENTRE + step);
    sumLeft = f32x4.add(sumLeft, f32x4.mul(tap, f32x4.add(v128.load(left - step), v128.load(left + step))));
    sumRight = f32x4.add(sumRight, f32x4.mul(tap, f32x4.add(v128.load(right - step), v128.load(right + step))));
  }
  return f32x4.pmax(f32x4.abs(sumLeft), f32x4.abs(sumRight));
}
