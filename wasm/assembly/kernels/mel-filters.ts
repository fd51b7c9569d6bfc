/**
 * The mel filters of meters/spectrum.ts: 128 triangles of unit area over the bins of 2048 points, 20 Hz to 20 kHz or Nyquist.
 * Source: M. Slaney, "Auditory Toolbox", Interval Research Corporation 1998.
 *
 * A filter: i32 first bin, count; f64 area. Weights: f64, band after band.
 */
export const SIZE: i32 = 2048;
export const BINS: i32 = 1025;
export const MELS: i32 = 128;
export const FILTER_BYTES: usize = 16;
/** Every bin lies in two bands at most. */
export const MOST_WEIGHTS: i32 = 2 * 1025 + 128;
const EDGES: i32 = 130;

export function prepareMelFilters(filters: usize, weights: usize, sampleRate: f64): void {
  const low = hzToMel(20);
  const high = hzToMel(Math.min(20000, sampleRate / 2));
  for (let band = 0; band < MELS; band++) {
    weights = prepareBand(
      filters + <usize>band * FILTER_BYTES,
      weights,
      melEdge(low, high, band, sampleRate),
      melEdge(low, high, band + 1, sampleRate),
      melEdge(low, high, band + 2, sampleRate),
    );
  }
}

/** Slaney's scale, as in shared/units.ts. */
function hzToMel(hz: f64): f64 {
  return hz < 1000 ? (hz * 3) / 200 : 15 + Math.log(hz / 1000) / (Math.log(6.4) / 27);
}

function melToHz(mel: f64): f64 {
  return mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp((mel - 15) * (Math.log(6.4) / 27));
}

/** Edge of a mel band in bins. */
function melEdge(low: f64, high: f64, edge: i32, sampleRate: f64): f64 {
  return (melToHz(low + ((high - low) * <f64>edge) / <f64>(EDGES - 1)) * <f64>SIZE) / sampleRate;
}

/** A triangular filter of unit area; one narrower than a bin takes the nearest. Answers where the next weights begin. */
function prepareBand(filter: usize, weights: usize, low: f64, middle: f64, high: f64): usize {
  const up = 1 / (middle - low);
  const down = 1 / (high - middle);
  const first = <i32>Math.ceil(low);
  const last = <i32>Math.min(<f64>(BINS - 1), Math.floor(high));
  let area = 0.0;
  for (let bin = first; bin <= last; bin++) {
    const x = <f64>bin;
    const weight = x < middle ? (x - low) * up : (high - x) * down;
    store<f64>(weights + (<usize>(bin - first) << 3), weight);
    area += weight;
  }
  const isNarrow = area <= 1e-9;
  const count = isNarrow ? 1 : last - first + 1;
  if (isNarrow) store<f64>(weights, 1);
  store<i32>(filter, isNarrow ? <i32>Math.min(<f64>(BINS - 1), Math.round(middle)) : first);
  store<i32>(filter, count, 4);
  store<f64>(filter, isNarrow ? 1 : area, 8);
  return weights + (<usize>count << 3);
}
