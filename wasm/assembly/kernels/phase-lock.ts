/**
 * Phases of a phase vocoder, for both channels at once: by how much each bin of a frame is turned when frames that were
 * `hopIn` apart are put `hopOut` apart.
 *
 * A sinusoid of frequency w must be turned by w (hopOut - hopIn) more than in the frame before. Its frequency comes from
 * the phase that the two frames differ by at its peak, summed over the channels, so that both turn alike and the stereo
 * image stays. All bins around a peak turn as the peak does (identity phase locking). Where an attack comes in, the bins
 * that it makes are turned so that it falls where it belongs, and then follow their own frequencies until it has left
 * the frame.
 * Sources: Laroche and Dolson, "Improved phase vocoder time-scale modification of audio", IEEE Trans. Speech Audio
 * Process. 7(3), 1999; Roebel, "A new approach to transient processing in the phase vocoder", DAFx 2003. Departs from
 * the latter: attacks are found in time, as they enter, and placed by a linear phase instead of being held back.
 */
const TAU: f64 = 2.0 * Math.PI;

/** A bin belongs to an attack when its power rises by more than 3 dB. */
const RISE: f32 = 2;

/** One frame and the one before: rows of bins + 1 values. */
// @ts-ignore: decorator
@inline
function valueAt(row: usize, bin: i32): f32 {
  return load<f32>(row + (<usize>bin << 2));
}

// @ts-ignore: decorator
@inline
function wrapped(angle: f64): f64 {
  return angle - TAU * Math.round(angle / TAU);
}

/** The turn of one bin: its turn in the frame before, and what its frequency asks for. */
function advanced(bin: i32, bins: i32, row: usize, left: usize, right: usize, pastLeft: usize, pastRight: usize, turns: usize, hopIn: i32, hopOut: i32): f32 {
  const lr = <f64>valueAt(left, bin);
  const li = <f64>valueAt(left + row, bin);
  const rr = <f64>valueAt(right, bin);
  const ri = <f64>valueAt(right + row, bin);
  const plr = <f64>valueAt(pastLeft, bin);
  const pli = <f64>valueAt(pastLeft + row, bin);
  const prr = <f64>valueAt(pastRight, bin);
  const pri = <f64>valueAt(pastRight + row, bin);
  const re = lr * plr + li * pli + (rr * prr + ri * pri);
  const im = li * plr - lr * pli + (ri * prr - rr * pri);
  const size = bins << 1;
  const expected = (TAU * <f64>((bin * hopIn) & (size - 1))) / <f64>size;
  const deviation = wrapped(Math.atan2(im, re) - expected);
  const frequency = (TAU * <f64>bin) / <f64>size + deviation / <f64>hopIn;
  return <f32>wrapped(<f64>valueAt(turns, bin) + frequency * <f64>(hopOut - hopIn));
}

/**
 * @param left, right, pastLeft, pastRight spectra: real row, `row` bytes on the imaginary one
 * @param power, pastPower of both channels together
 * @param turns radians, of the frame before
 * @param marks one byte a bin: not 0 where the bin belongs to an attack
 * @param next receives this frame's turns
 */
export function lockPhases(
  bins: i32, row: usize, left: usize, right: usize, pastLeft: usize, pastRight: usize,
  power: usize, turns: usize, marks: usize, next: usize, hopIn: i32, hopOut: i32,
): void {
  // A constant is a peak of its own: it must not turn with the lowest tone.
  let peak = valueAt(power, 0) > valueAt(power, 1) && valueAt(power, 0) > valueAt(power, 2) ? 0 : -1;
  let start = 0;
  for (let bin = 1; bin <= bins; bin += 1) {
    if (bin < bins && !isPeak(power, bin, bins)) continue;
    if (peak < 0) {
      peak = bin < bins ? bin : 0;
      if (bin < bins) continue;
    }
    // The region of the peak before ends in the valley.
    let end = bins + 1;
    if (bin < bins) {
      end = peak + 1;
      for (let k = peak + 2; k < bin; k += 1) if (valueAt(power, k) < valueAt(power, end)) end = k;
    }
    const turn = advanced(peak, bins, row, left, right, pastLeft, pastRight, turns, hopIn, hopOut);
    for (let k = start; k < end; k += 1) {
      store<f32>(next + (<usize>k << 2), load<u8>(marks + <usize>k) == 0 ? turn : advanced(k, bins, row, left, right, pastLeft, pastRight, turns, hopIn, hopOut));
    }
    start = end;
    peak = bin;
  }
}

// @ts-ignore: decorator
@inline
function isPeak(power: usize, bin: i32, bins: i32): bool {
  const own = valueAt(power, bin);
  if (own <= valueAt(power, bin - 1) || own < valueAt(power, bin + 1)) return false;
  if (bin > 1 && own <= valueAt(power, bin - 2)) return false;
  return bin + 2 > bins || own > valueAt(power, bin + 2);
}

/**
 * Marks the bins that an attack makes and places it.
 * @param delayFrames by how much later the attack must come than it does in the frame; fractional, may be negative
 */
export function placeAttack(bins: i32, power: usize, pastPower: usize, marks: usize, next: usize, delayFrames: f64): void {
  for (let bin = 0; bin <= bins; bin += 1) {
    if (valueAt(power, bin) <= RISE * valueAt(pastPower, bin)) continue;
    store<u8>(marks + <usize>bin, 1);
    store<f32>(next + (<usize>bin << 2), <f32>wrapped((-Math.PI * <f64>bin * delayFrames) / <f64>bins));
  }
}
