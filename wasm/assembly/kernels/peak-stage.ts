import { PEAK_HISTORY, truePeaks } from './true-peak';

/**
 * A look-ahead gain stage under a true-peak threshold. The gain that each frame needs is held over the look-ahead
 * (sliding minimum: van Herk 1992, Gil and Werman 1993), let go by the release, and smoothed by three running means
 * in a row that together are as long as the look-ahead, so that it has come down when the peak comes out.
 *
 * The smoothing works on integers (gain 1 is 2^30): sums neither drift nor depend on what went before, and a gain of 1
 * is exactly 1. The release is two in one: a fast one that starts anew with every peak, and a slow one that learns
 * how far the gain is down on average and holds it there under sustained limiting; the lower one rules.
 *
 * State: see the offsets; the arrays behind them are laid out for the longest look-ahead of the rate.
 */
const MEAN_FRAMES: usize = 0; // i32, of each of the three means
const HELD_FRAMES: usize = 4; // i32, of the sliding minimum
const DELAY_FRAMES: usize = 8; // i32
const HELD_AT: usize = 12;
const MEAN_AT: usize = 16;
const DELAY_AT: usize = 20;
/** Frames since the gain that goes into the means was last under 1. */
const REST_FRAMES: usize = 24;
const LONGEST_MEAN: usize = 28;
const PAIRS: usize = 464; // i32, of taps in the detector
const RUNNING_MINIMUM: usize = 32; // f32
const FAST: usize = 40; // f64
const SLOW: usize = 48; // f64
const SUM1: usize = 56; // i64
const SUM2: usize = 64;
const SUM3: usize = 72;
const PAST_LEFT: usize = 80; // PEAK_HISTORY f32
const PAST_RIGHT: usize = 272;
const ARRAYS: usize = 480;

/**
 * Frames by which a gain is held longer than the means need on either side of a peak: all that the detector's large
 * taps touch, for a gain that moves under them would move the peak.
 */
const holdOf = (pairs: i32): i32 => pairs - 8;

const ONE: i32 = 1 << 30;
const HISTORY_BYTES: usize = <usize>PEAK_HISTORY << 2;

/** Past, new frames, and what the detector reads ahead. */
const LEFT: usize = memory.data((48 + 256 + 36) * 4, 16);
const RIGHT: usize = memory.data((48 + 256 + 36) * 4, 16);
const PEAKS: usize = memory.data((256 + 8) * 4, 16);

export function meanFramesOf(lookaheadFrames: f64): i32 {
  const frames = <i32>Math.round((lookaheadFrames + 2) / 3);
  return frames < 4 ? 4 : frames;
}

const heldFramesOf = (meanFrames: i32, pairs: i32): i32 => 3 * meanFrames - 1 + 2 * holdOf(pairs);

export function peakStageLatency(meanFrames: i32, pairs: i32): i32 {
  return 3 * meanFrames - 3 + holdOf(pairs) + pairs;
}

export function peakStageBytes(longestMean: i32, pairs: i32): usize {
  const held = <usize>(heldFramesOf(longestMean, pairs) + 1) << 2;
  const delay = <usize>peakStageLatency(longestMean, pairs) << 2;
  return (ARRAYS + held + 20 * <usize>longestMean + 2 * delay + 31) & ~15;
}

function meansOf(stage: usize): usize {
  return (stage + ARRAYS + 7) & ~7;
}

function heldOf(stage: usize): usize {
  return meansOf(stage) + 20 * <usize>load<i32>(stage, LONGEST_MEAN);
}

function delayOf(stage: usize): usize {
  return heldOf(stage) + (<usize>(heldFramesOf(load<i32>(stage, LONGEST_MEAN), load<i32>(stage, PAIRS)) + 1) << 2);
}

/** Sets a stage to silence and a gain of 1. `meanFrames` is at most `longestMean`. */
export function resetPeakStage(stage: usize, meanFrames: i32, longestMean: i32, pairs: i32): void {
  memory.fill(stage, 0, peakStageBytes(longestMean, pairs));
  store<i32>(stage, meanFrames, MEAN_FRAMES);
  store<i32>(stage, longestMean, LONGEST_MEAN);
  store<i32>(stage, pairs, PAIRS);
  store<i32>(stage, heldFramesOf(meanFrames, pairs), HELD_FRAMES);
  store<i32>(stage, peakStageLatency(meanFrames, pairs), DELAY_FRAMES);
  store<i32>(stage, i32.MAX_VALUE >> 1, REST_FRAMES);
  store<f32>(stage, 1, RUNNING_MINIMUM);
  store<f64>(stage, 1, FAST);
  store<f64>(stage, 1, SLOW);
  const held = heldOf(stage);
  for (let k = 0; k <= load<i32>(stage, HELD_FRAMES); k += 1) store<f32>(held + (<usize>k << 2), 1);
  const n = <i64>meanFrames;
  const second = meansOf(stage);
  const third = second + (<usize>meanFrames << 3);
  const first = third + (<usize>meanFrames << 3);
  for (let k: usize = 0; k < <usize>meanFrames; k += 1) {
    store<i32>(first + (k << 2), ONE);
    store<i64>(second + (k << 3), n * ONE);
    store<i64>(third + (k << 3), n * n * ONE);
  }
  store<i64>(stage, n * ONE, SUM1);
  store<i64>(stage, n * n * ONE, SUM2);
  store<i64>(stage, n * n * n * ONE, SUM3);
}

/** In place on planar f32, at most 256 frames. The coefficients move the gain by that part per frame. */
export function runPeakStage(
  stage: usize, left: usize, right: usize, frames: i32,
  threshold: f64, fastRelease: f64, slowAttack: f64, slowRelease: f64,
): void {
  const bytes = <usize>frames << 2;
  memory.copy(LEFT, stage + PAST_LEFT, HISTORY_BYTES);
  memory.copy(RIGHT, stage + PAST_RIGHT, HISTORY_BYTES);
  memory.copy(LEFT + HISTORY_BYTES, left, bytes);
  memory.copy(RIGHT + HISTORY_BYTES, right, bytes);
  memory.copy(stage + PAST_LEFT, LEFT + bytes, HISTORY_BYTES);
  memory.copy(stage + PAST_RIGHT, RIGHT + bytes, HISTORY_BYTES);
  truePeaks(LEFT, RIGHT, frames, load<i32>(stage, PAIRS), <f32>threshold, PEAKS);
  const still = load<i32>(stage, REST_FRAMES) >= load<i32>(stage, HELD_FRAMES) + 3 * load<i32>(stage, MEAN_FRAMES);
  if (still && arePeaksUnder(<f32>threshold, frames)) delayOnly(stage, left, right, frames);
  else limit(stage, left, right, frames, threshold, fastRelease, slowAttack, slowRelease);
}

function arePeaksUnder(threshold: f32, frames: i32): bool {
  for (let at: usize = 0, end = <usize>frames << 2; at < end; at += 4) {
    if (load<f32>(PEAKS + at) > threshold) return false;
  }
  return true;
}

function delayOnly(stage: usize, left: usize, right: usize, frames: i32): void {
  const length = <usize>load<i32>(stage, DELAY_FRAMES) << 2;
  const delay = delayOf(stage);
  let at = <usize>load<i32>(stage, DELAY_AT);
  for (let rest = <usize>frames << 2; rest > 0; ) {
    const bytes = min<usize>(rest, length - at);
    exchange(delay + at, left, bytes);
    exchange(delay + length + at, right, bytes);
    left += bytes;
    right += bytes;
    rest -= bytes;
    at += bytes;
    if (at == length) at = 0;
  }
  store<i32>(stage, <i32>at, DELAY_AT);
}

/** At most 256 frames. */
function exchange(a: usize, b: usize, bytes: usize): void {
  memory.copy(LEFT, a, bytes);
  memory.copy(a, b, bytes);
  memory.copy(b, LEFT, bytes);
}

function limit(
  stage: usize, left: usize, right: usize, frames: i32,
  threshold: f64, fastRelease: f64, slowAttack: f64, slowRelease: f64,
): void {
  const length = <usize>load<i32>(stage, DELAY_FRAMES) << 2;
  const delayLeft = delayOf(stage);
  const delayRight = delayLeft + length;
  let delayAt = <usize>load<i32>(stage, DELAY_AT);
  const heldBytes = <usize>load<i32>(stage, HELD_FRAMES) << 2;
  const held = heldOf(stage);
  let heldAt = <usize>load<i32>(stage, HELD_AT);
  let minimum = load<f32>(stage, RUNNING_MINIMUM);
  const meanFrames = <usize>load<i32>(stage, MEAN_FRAMES);
  const second = meansOf(stage);
  const third = second + (meanFrames << 3);
  const first = third + (meanFrames << 3);
  let meanAt = <usize>load<i32>(stage, MEAN_AT);
  let sum1 = load<i64>(stage, SUM1);
  let sum2 = load<i64>(stage, SUM2);
  let sum3 = load<i64>(stage, SUM3);
  // The product of a sample and this can miss the sample by 1 part in 2^52 at a gain of 1: no step of f32.
  const whole = 1 / (<f64>meanFrames * <f64>meanFrames * <f64>meanFrames * <f64>ONE);
  let rest = load<i32>(stage, REST_FRAMES);
  let fast = load<f64>(stage, FAST);
  let slow = load<f64>(stage, SLOW);

  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const peak = <f64>load<f32>(PEAKS + i);
    const needed: f32 = peak > threshold ? <f32>(threshold / peak) : 1;
    // Before heldAt: this round's gains; after it: minima of the last round's from there to its end.
    store<f32>(held + heldAt, needed);
    if (needed < minimum) minimum = needed;
    heldAt += 4;
    const older = load<f32>(held + heldAt);
    const low = <f64>(minimum < older ? minimum : older);
    if (heldAt == heldBytes) {
      minimum = 1;
      for (let k = heldBytes; k > 0; ) {
        k -= 4;
        const gain = load<f32>(held + k);
        if (gain < minimum) minimum = gain;
        store<f32>(held + k, minimum);
      }
      heldAt = 0;
      minimum = 1;
    }

    fast += fastRelease * (1 - fast);
    if (fast > 1 - 1e-9) fast = 1;
    if (low < fast) fast = low;
    slow += (fast < slow ? slowAttack : slowRelease) * (fast - slow);
    if (slow > 1 - 1e-9) slow = 1;
    const gain = <i32>((fast < slow ? fast : slow) * <f64>ONE);
    rest = gain < ONE ? 0 : rest + 1;

    sum1 += <i64>(gain - load<i32>(first + (meanAt << 2)));
    store<i32>(first + (meanAt << 2), gain);
    sum2 += sum1 - load<i64>(second + (meanAt << 3));
    store<i64>(second + (meanAt << 3), sum1);
    sum3 += sum2 - load<i64>(third + (meanAt << 3));
    store<i64>(third + (meanAt << 3), sum2);
    meanAt += 1;
    if (meanAt == meanFrames) meanAt = 0;

    const smooth = <f64>sum3 * whole;
    const l = <f64>load<f32>(delayLeft + delayAt);
    const r = <f64>load<f32>(delayRight + delayAt);
    store<f32>(delayLeft + delayAt, load<f32>(left + i));
    store<f32>(delayRight + delayAt, load<f32>(right + i));
    store<f32>(left + i, <f32>(l * smooth));
    store<f32>(right + i, <f32>(r * smooth));
    delayAt += 4;
    if (delayAt == length) delayAt = 0;
  }
  store<i32>(stage, <i32>delayAt, DELAY_AT);
  store<i32>(stage, <i32>heldAt, HELD_AT);
  store<f32>(stage, minimum, RUNNING_MINIMUM);
  store<i32>(stage, <i32>meanAt, MEAN_AT);
  store<i64>(stage, sum1, SUM1);
  store<i64>(stage, sum2, SUM2);
  store<i64>(stage, sum3, SUM3);
  store<i32>(stage, rest > i32.MAX_VALUE >> 1 ? i32.MAX_VALUE >> 1 : rest, REST_FRAMES);
  store<f64>(stage, fast, FAST);
  store<f64>(stage, slow, SLOW);
}
