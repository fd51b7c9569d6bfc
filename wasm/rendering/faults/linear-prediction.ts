/**
 * Linear prediction: the part of a sound that its past does not tell. A click stands out of it by as much as the sound is
 * predictable.
 *
 * Source: J. Makhoul, Linear prediction: a tutorial review, Proc. IEEE 63(4), 1975 (autocorrelation method, Levinson and
 * Durbin's recursion).
 */

/** Hann windows by length: a handful of lengths, each used thousands of times. */
const windows = new Map<number, Float64Array>();

function windowOf(frames: number): Float64Array {
  let shape = windows.get(frames);
  if (!shape) windows.set(frames, (shape = Float64Array.from({ length: frames }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / frames))));
  return shape;
}

/** Adds the autocorrelation of a Hann-windowed part of `samples` to `sums`, lags 0 to `sums.length - 1`. */
export function addAutocorrelation(samples: Float32Array, from: number, to: number, sums: Float64Array): void {
  const frames = to - from;
  const [shape, windowed] = [windowOf(frames), new Float64Array(frames)];
  for (let i = 0; i < frames; i += 1) windowed[i] = samples[from + i]! * shape[i]!;
  for (let lag = 0; lag < sums.length; lag += 1) {
    let sum = 0;
    for (let i = lag; i < frames; i += 1) sum += windowed[i]! * windowed[i - lag]!;
    sums[lag]! += sum;
  }
}

/** White noise added before the recursion, re the power: keeps it well conditioned. Far under what 16 bits hold. */
const WHITE_SHARE = 1e-9;

/**
 * Coefficients of the prediction error filter, a[0] = 1.
 * @param correlation lags 0 to the order
 * @returns null for silence
 */
export function predictionError(correlation: Float64Array): Float64Array | null {
  const order = correlation.length - 1;
  let error = correlation[0]! * (1 + WHITE_SHARE);
  if (!(error > 0)) return null;
  const a = new Float64Array(order + 1);
  a[0] = 1;
  const before = new Float64Array(order + 1);
  for (let m = 1; m <= order; m += 1) {
    let sum = correlation[m]!;
    for (let k = 1; k < m; k += 1) sum += a[k]! * correlation[m - k]!;
    const reflection = -sum / error;
    before.set(a);
    for (let k = 1; k < m; k += 1) a[k] = before[k]! + reflection * before[m - k]!;
    a[m] = reflection;
    error *= 1 - reflection * reflection;
    if (!(error > 0)) return null;
  }
  return a;
}

/** Prediction error of `samples` from `from` to `to`; the order's worth of frames before must be there. */
export function residual(samples: Float32Array, from: number, to: number, filter: Float64Array, out: Float32Array): void {
  for (let i = from; i < to; i += 1) {
    let sum = 0;
    for (let k = 0; k < filter.length; k += 1) sum += filter[k]! * samples[i - k]!;
    out[i - from] = sum;
  }
}
