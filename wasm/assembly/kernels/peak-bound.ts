/**
 * How high a signal can possibly rise between its samples: far cheaper than interpolating, and mostly enough, for only
 * moments near the highest peak have to be looked at closely.
 *
 * An interpolator is a straight line between two neighbours and a remainder. Summed by parts twice, the remainder is a
 * filter on second differences, so no value passes the larger neighbour by more than the sum of that filter's
 * magnitudes times the largest second difference under it: what music does in the bass costs nothing. No paper: follows
 * from Abel's summation.
 *
 * A bound is three f32: for second differences within `NEAR_GROUPS` groups of four frames, for those further off, and
 * for what the filter leaves of a straight line, in units of the largest sample.
 */
/** Groups of four frames on either side: up to 24 pairs of taps. */
const GROUPS_AROUND: i32 = 6;
const NEAR_GROUPS: i32 = 2;
/** Second differences, by the distance of their first frame, that lie within the near groups of every frame of a group. */
const NEAR_FROM: i32 = -8;
const NEAR_TO: i32 = 6;
/** f32 arithmetic of filter and bound. */
const ROUNDING: f64 = 1e-4;

/** Of 48 + 256 + 8 frames, and room for reading ahead. */
const HIGHS: usize = memory.data(96 * 4, 16);
const BENDS: usize = memory.data(96 * 4, 16);

/**
 * Makes a bound hold for one more phase of a filter.
 * @param taps  f64, `count` of them, the one at the frame itself at index `own`
 * @param phase  0 to 1 of the way to the next frame
 */
export function widenBound(bound: usize, taps: usize, count: i32, own: i32, phase: f64): void {
  let once: f64 = 0;
  let twice: f64 = 0;
  let before: f64 = 0;
  let near: f64 = 0;
  let far: f64 = 0;
  for (let k = 0; k < count; k += 1) {
    before = twice;
    once += load<f64>(taps + (<usize>k << 3)) - (k == own ? 1 - phase : k == own + 1 ? phase : 0);
    twice += once;
    if (k >= count - 2) continue;
    if (k - own >= NEAR_FROM && k - own <= NEAR_TO) near += Math.abs(twice);
    else far += Math.abs(twice);
  }
  const rest = Math.abs(once) + 2 * Math.abs(before) + ROUNDING;
  store<f32>(bound, max(load<f32>(bound), <f32>near));
  store<f32>(bound, max(load<f32>(bound, 4), <f32>far), 4);
  store<f32>(bound, max(load<f32>(bound, 8), <f32>rest), 8);
}

/** Largest of each of four vectors. */
// @ts-ignore: decorator
@inline
function fourLargest(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.pmax(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.pmax(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.pmax(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
function highOfFour(left: usize, right: usize): v128 {
  const l = f32x4.pmax(f32x4.abs(v128.load(left)), f32x4.abs(v128.load(left, 4)));
  return f32x4.pmax(l, f32x4.pmax(f32x4.abs(v128.load(right)), f32x4.abs(v128.load(right, 4))));
}

// @ts-ignore: decorator
@inline
function bendOfFour(left: usize, right: usize): v128 {
  const two = f32x4.splat(2);
  const l = f32x4.sub(f32x4.add(v128.load(left - 4), v128.load(left, 4)), f32x4.mul(two, v128.load(left)));
  const r = f32x4.sub(f32x4.add(v128.load(right - 4), v128.load(right, 4)), f32x4.mul(two, v128.load(right)));
  return f32x4.pmax(f32x4.abs(l), f32x4.abs(r));
}

/**
 * Bounds for `groups` groups of four frames and the gaps after them, over both channels: f32 each, rounded up to a
 * multiple of four.
 * @param left  the first group's frames stand `first` (at least 6) groups behind this; one frame before it and 28 behind
 *   the last group are read, and widen bounds only
 * @returns false, and writes nothing, where no group can pass `floor`
 */
export function peakBounds(left: usize, right: usize, first: i32, groups: i32, bound: usize, floor: f32, bounds: usize): bool {
  const end = <usize>(first + groups + GROUPS_AROUND) << 4;
  let highest = f32x4.splat(0);
  for (let at: usize = 0; at < end; at += 64) {
    const l = left + at;
    const r = right + at;
    const highs = fourLargest(highOfFour(l, r), highOfFour(l + 16, r + 16), highOfFour(l + 32, r + 32), highOfFour(l + 48, r + 48));
    v128.store(HIGHS + (at >> 2), highs);
    highest = f32x4.pmax(highest, highs);
  }
  highest = f32x4.pmax(highest, v128.shuffle<f32>(highest, highest, 2, 3, 0, 1));
  highest = f32x4.pmax(highest, v128.shuffle<f32>(highest, highest, 1, 0, 3, 2));
  // A second difference is at most four times the largest sample.
  const most: f32 = <f32>1 + <f32>4 * (load<f32>(bound) + load<f32>(bound, 4)) + load<f32>(bound, 8);
  if (f32x4.extract_lane(highest, 0) * most <= floor) return false;
  for (let at: usize = 0; at < end; at += 64) {
    const l = left + at;
    const r = right + at;
    v128.store(BENDS + (at >> 2), fourLargest(bendOfFour(l, r), bendOfFour(l + 16, r + 16), bendOfFour(l + 32, r + 32), bendOfFour(l + 48, r + 48)));
  }
  const near = v128.load32_splat(bound);
  const far = v128.load32_splat(bound, 4);
  const rest = f32x4.mul(highest, v128.load32_splat(bound, 8));
  for (let g = 0; g < groups; g += 4) {
    const at = BENDS + (<usize>(first + g) << 2);
    let close = v128.load(at);
    for (let k: usize = 4; k <= <usize>NEAR_GROUPS << 2; k += 4) close = f32x4.pmax(close, f32x4.pmax(v128.load(at - k), v128.load(at + k)));
    let around = close;
    for (let k: usize = 12; k <= <usize>GROUPS_AROUND << 2; k += 4) around = f32x4.pmax(around, f32x4.pmax(v128.load(at - k), v128.load(at + k)));
    const high = f32x4.add(v128.load(HIGHS + (<usize>(first + g) << 2)), rest);
    v128.store(bounds + (<usize>g << 2), f32x4.add(high, f32x4.add(f32x4.mul(near, close), f32x4.mul(far, around))));
  }
  return true;
}
