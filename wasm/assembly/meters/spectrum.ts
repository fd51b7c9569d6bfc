import {
  frameAdvance,
  frameBufferBytes,
  frameBufferReset,
  frameFill,
  framesDone,
  frameIsWhole,
  framePad,
  frameTransform,
  imaginaryOffset,
} from '../kernels/frame-buffer';
import { BINS, FILTER_BYTES, MELS, MOST_WEIGHTS, prepareMelFilters, SIZE } from '../kernels/mel-filters';
import { Meter } from './meter';

/**
 * STFT statistics of the mid: 2048 points, hop 512, Hann; and of 128 mel bands (Slaney, unit area, 20 Hz to 20 kHz).
 * Drains per frame: power, spectral flux (mean rise of the mel bands in units of 6 dB).
 * `finish`: frame count; then for each of 1025 bins and 128 bands: mean power, standard deviation in dB, and the
 * percentiles 10, 50 and 95 in dB. A full-scale sine has power 1.
 *
 * Percentiles come from a histogram on the floating-point number itself: exponent and three bits of mantissa, so that
 * no logarithm is taken per bin; within a step of 0.4 to 0.5 dB they are interpolated. -120 to +24 dB.
 *
 * Frames are counted in batches, row by row, so that a row's histogram is fetched once for all of them: together the
 * histograms are larger than a core's cache.
 *
 * State: i32 waiting, frames in the batch; f64 rate; frame buffer; sums (f64 per row); histograms (u32); mel filters (i32
 * first bin, count; f64 area; then all weights as f64, band after band); batch of powers, a row of bins and bands per
 * frame; last mel; drained values.
 */
const HOP: i32 = 512;
const ROWS: i32 = 1153;
/** Rows there is room for: whole groups of four. Those past the last count nothing but silence. */
const ROOM_ROWS: usize = 1156;
const STEPS: i32 = 384;
const HISTOGRAM_BYTES: usize = 384 << 2;
const FIRST_STEP: i32 = (127 - 40) << 3;
const MAX_WAITING: i32 = 40;
const BATCH_ROW: usize = ROOM_ROWS << 2;
/** Enough that fetching the histograms, 1.8 MB, is a small part of counting; their powers still lie in the second cache. */
const BATCH: i32 = 64;
/** So many are summed before the sum is added: the numbers do not depend on the batch. */
const SUMMED: usize = 8 * BATCH_ROW;

// @ts-ignore: decorator
@inline
function sumsStart(state: usize): usize {
  return state + 16 + <usize>frameBufferBytes(SIZE);
}

// @ts-ignore: decorator
@inline
function histogramStart(state: usize): usize {
  return sumsStart(state) + (ROOM_ROWS << 3);
}

// @ts-ignore: decorator
@inline
function filtersStart(state: usize): usize {
  return histogramStart(state) + ROOM_ROWS * HISTOGRAM_BYTES;
}

// @ts-ignore: decorator
@inline
function weightsStart(state: usize): usize {
  return filtersStart(state) + <usize>MELS * FILTER_BYTES;
}

// @ts-ignore: decorator
@inline
function powerStart(state: usize): usize {
  return weightsStart(state) + (<usize>MOST_WEIGHTS << 3);
}

// @ts-ignore: decorator
@inline
function lastMelStart(state: usize): usize {
  return powerStart(state) + <usize>BATCH * BATCH_ROW;
}

// @ts-ignore: decorator
@inline
function waitingStart(state: usize): usize {
  return lastMelStart(state) + (<usize>MELS << 2);
}

// @ts-ignore: decorator
@inline
function countOne(bin: usize): void {
  store<u32>(bin, load<u32>(bin) + 1);
}

export class Spectrum extends Meter {
  stateBytes(sampleRate: f64, option: f64): i32 {
    return <i32>(waitingStart(0) + (<usize>(2 * MAX_WAITING) << 3) + 15) & ~15;
  }

  reset(state: usize, sampleRate: f64, option: f64): void {
    store<f64>(state, 0);
    store<f64>(state, sampleRate, 8);
    frameBufferReset(state + 16, SIZE, HOP);
    memory.fill(sumsStart(state), 0, waitingStart(state) - sumsStart(state));
    prepareMelFilters(filtersStart(state), weightsStart(state), sampleRate);
  }

  process(state: usize, left: usize, right: usize, frames: i32): void {
    const buffer = state + 16;
    while (frames > 0) {
      const taken = frameFill(buffer, left, right, frames);
      left += <usize>taken << 2;
      right += <usize>taken << 2;
      frames -= taken;
      if (frameIsWhole(buffer)) this.frame(state, buffer);
    }
  }

  private frame(state: usize, buffer: usize): void {
    const re = frameTransform(buffer, false);
    const im = re + imaginaryOffset(buffer);
    const batched = load<i32>(state, 4);
    const powers = powerStart(state) + <usize>batched * BATCH_ROW;
    const scale = f32x4.splat(<f32>(16.0 / (<f64>SIZE * <f64>SIZE)));
    let sum = f64x2.splat(0);
    for (let at: usize = 0; at < <usize>(BINS - 1) << 2; at += 16) {
      const r = v128.load(re + at);
      const i = v128.load(im + at);
      const power = f32x4.mul(scale, f32x4.add(f32x4.mul(r, r), f32x4.mul(i, i)));
      v128.store(powers + at, power);
      sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(power), f64x2.promote_low_f32x4(v128.shuffle<f32>(power, power, 2, 3, 2, 3))));
    }
    const nyquist = load<f32>(re + (<usize>(BINS - 1) << 2));
    store<f32>(powers + (<usize>(BINS - 1) << 2), <f32>(16.0 / (<f64>SIZE * <f64>SIZE)) * nyquist * nyquist);
    frameAdvance(buffer);
    const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
    let flux = 0.0;
    const lastMel = lastMelStart(state);
    melPowers(state, powers);
    for (let band = 0; band < MELS; band++) {
      const power = load<f32>(powers + (<usize>(BINS + band) << 2));
      // Exponent and mantissa read as one number are log2 within 0.09: enough to see a rise.
      const level = <f32>reinterpret<i32>(power + 1e-12) * <f32>1.1920928955078125e-7;
      const rise = level - load<f32>(lastMel + (<usize>band << 2));
      if (rise > 0) flux += <f64>rise;
      store<f32>(lastMel + (<usize>band << 2), level);
    }
    store<i32>(state, batched + 1, 4);
    if (batched + 1 == BATCH) this.count(state);
    const waiting = load<i32>(state);
    if (waiting >= MAX_WAITING) return;
    const out = waitingStart(state) + (<usize>(2 * waiting) << 3);
    store<f64>(out, total / 1.5);
    store<f64>(out, framesDone(buffer) == 1 ? 0.0 : flux / <f64>MELS, 8);
    store<i32>(state, waiting + 1);
  }

  /** Adds the frames of the batch to the sums and histograms: four rows at a time, so that no count waits for another. */
  private count(state: usize): void {
    const end = powerStart(state) + <usize>load<i32>(state, 4) * BATCH_ROW;
    const first = i32x4.splat(FIRST_STEP);
    const highest = i32x4.splat(STEPS - 1);
    let histogram = histogramStart(state);
    for (let row: usize = 0; row < ROOM_ROWS; row += 4) {
      const sums = sumsStart(state) + (row << 3);
      let low = v128.load(sums);
      let high = v128.load(sums, 16);
      for (let at = powerStart(state) + (row << 2); at < end; ) {
        let few = f64x2.splat(0);
        let fewHigh = f64x2.splat(0);
        for (const to = min(end, at + SUMMED); at < to; at += BATCH_ROW) {
          const power = v128.load(at);
          few = f64x2.add(few, f64x2.promote_low_f32x4(power));
          fewHigh = f64x2.add(fewHigh, f64x2.promote_low_f32x4(v128.shuffle<f32>(power, power, 2, 3, 2, 3)));
          const step = i32x4.shl(i32x4.max_s(i32x4.splat(0), i32x4.min_s(highest, i32x4.sub(i32x4.shr_s(power, 20), first))), 2);
          countOne(histogram + <usize>i32x4.extract_lane(step, 0));
          countOne(histogram + <usize>i32x4.extract_lane(step, 1) + HISTOGRAM_BYTES);
          countOne(histogram + <usize>i32x4.extract_lane(step, 2) + 2 * HISTOGRAM_BYTES);
          countOne(histogram + <usize>i32x4.extract_lane(step, 3) + 3 * HISTOGRAM_BYTES);
        }
        low = f64x2.add(low, few);
        high = f64x2.add(high, fewHigh);
      }
      v128.store(sums, low);
      v128.store(sums, high, 16);
      histogram += 4 * HISTOGRAM_BYTES;
    }
    store<i32>(state, 0, 4);
  }

  drainLimit(state: usize, frames: i32): i32 {
    return 2 * MAX_WAITING;
  }

  drain(state: usize, out: usize): i32 {
    const count = load<i32>(state) * 2;
    memory.copy(out, waitingStart(state), <usize>count << 3);
    store<i32>(state, 0);
    return count;
  }

  finishCount(state: usize): i32 {
    return 1 + 5 * ROWS;
  }

  finish(state: usize, out: usize): void {
    if (framesDone(state + 16) == 0 && framePad(state + 16)) this.frame(state, state + 16);
    this.count(state);
    const frames = framesDone(state + 16);
    store<f64>(out, <f64>frames);
    out += 8;
    // The batch is empty now; its room holds the level of each step's middle, which all rows ask for.
    const levels = powerStart(state);
    for (let step = 0; step < STEPS; step++) store<f64>(levels + (<usize>step << 3), stepDb(<f64>step + 0.5));
    for (let row = 0; row < ROWS; row++) {
      const histogram = histogramStart(state) + <usize>row * HISTOGRAM_BYTES;
      store<f64>(out, load<f64>(sumsStart(state) + (<usize>row << 3)) / <f64>max(1, frames));
      store<f64>(out, spreadDb(histogram, levels, frames), 8);
      store<f64>(out, percentileDb(histogram, 0.1 * <f64>frames), 16);
      store<f64>(out, percentileDb(histogram, 0.5 * <f64>frames), 24);
      store<f64>(out, percentileDb(histogram, 0.95 * <f64>frames), 32);
      out += 40;
    }
  }
}

/** All bands of a frame, two at a time: neither sum waits for the other. */
function melPowers(state: usize, powers: usize): void {
  let filter = filtersStart(state);
  let weights = weightsStart(state);
  for (let band = 0; band < MELS; band += 2, filter += 2 * FILTER_BYTES) {
    let bins = powers + (<usize>load<i32>(filter) << 2);
    let nextBins = powers + (<usize>load<i32>(filter + FILTER_BYTES) << 2);
    let left = load<i32>(filter, 4);
    let nextLeft = load<i32>(filter + FILTER_BYTES, 4);
    let nextWeights = weights + (<usize>left << 3);
    const end = nextWeights + (<usize>nextLeft << 3);
    let sum = 0.0;
    let nextSum = 0.0;
    for (; left > 0 && nextLeft > 0; left--, nextLeft--, bins += 4, nextBins += 4, weights += 8, nextWeights += 8) {
      sum += load<f64>(weights) * <f64>load<f32>(bins);
      nextSum += load<f64>(nextWeights) * <f64>load<f32>(nextBins);
    }
    for (; left > 0; left--, bins += 4, weights += 8) sum += load<f64>(weights) * <f64>load<f32>(bins);
    for (; nextLeft > 0; nextLeft--, nextBins += 4, nextWeights += 8) nextSum += load<f64>(nextWeights) * <f64>load<f32>(nextBins);
    store<f32>(powers + (<usize>(BINS + band) << 2), <f32>(sum / load<f64>(filter, 8)));
    store<f32>(powers + (<usize>(BINS + band) << 2), <f32>(nextSum / load<f64>(filter + FILTER_BYTES, 8)), 4);
    weights = end;
  }
}

/** Level at a fractional step of the histogram. */
function stepDb(step: f64): f64 {
  const whole = Math.floor(step);
  const exponent = Math.floor(whole / 8);
  const mantissa = 1 + (step - 8 * exponent) / 8;
  return 10 * Math.log10(mantissa * Math.pow(2, exponent - 40));
}

function percentileDb(histogram: usize, rank: f64): f64 {
  let below = 0.0;
  for (let step = 0; step < STEPS; step++) {
    const count = <f64>load<u32>(histogram + (<usize>step << 2));
    if (count > 0 && below + count >= rank) return stepDb(<f64>step + (rank - below) / count);
    below += count;
  }
  return stepDb(0);
}

/** @param levels of the middles of the steps */
function spreadDb(histogram: usize, levels: usize, frames: i32): f64 {
  if (frames < 2) return 0;
  let sum = 0.0;
  let squares = 0.0;
  for (let step = 0; step < STEPS; step++) {
    const count = <f64>load<u32>(histogram + (<usize>step << 2));
    if (count == 0) continue;
    const level = load<f64>(levels + (<usize>step << 3));
    sum += count * level;
    squares += count * level * level;
  }
  const mean = sum / <f64>frames;
  return Math.sqrt(Math.max(0, squares / <f64>frames - mean * mean));
}
