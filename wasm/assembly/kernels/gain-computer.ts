import { exp2OfFour, log2OfFour } from './fast-math';

/**
 * From a band's samples to its gain: detector, static curve, attack and release.
 *
 * Source: D. Giannoulis, M. Massberg and J. D. Reiss, "Digital Dynamic Range Compressor Design - A Tutorial and
 * Analysis", JAES 60 (2012): feed-forward, smooth branching smoothing after the curve, in the log domain. Departs from
 * it: what is smoothed is how far the level is over (or under) each threshold, before the slope, so that attack means
 * "the level rises" and release "the level falls" for slopes in either direction.
 *
 * A band's coefficients and memory are `GAIN_BYTES` long: see the offsets.
 */
export const GAIN_BYTES: usize = 112;
/** f64 part by which the mean square moves per frame; 1 for the peak detector. */
export const DETECT: usize = 0;
export const ATTACK: usize = 8;
export const RELEASE: usize = 16;
/** f64 dB of gain per dB over the upper and under the lower threshold. */
export const HIGH_SLOPE: usize = 24;
export const LOW_SLOPE: usize = 32;
export const THRESHOLD_DB: usize = 40;
export const LOW_THRESHOLD_DB: usize = 48;
export const KNEE_DB: usize = 56;
export const MAKEUP_DB: usize = 64;
export const MEAN_SQUARE: usize = 80;
export const DRIVE: usize = 96;

/** Levels under this count as this; limits of the gain. The screen's curve knows the same numbers. */
const FLOOR_POWER: f32 = 1e-12;
const LOWEST_GAIN_DB: f32 = -120;
const HIGHEST_GAIN_DB: f32 = 40;

const DB_PER_LOG2_POWER: f32 = 3.010299957;
const LOG2_PER_DB: f32 = 0.166096405;

/**
 * Multiplies a block of two-lane frames (at most 256, room for a multiple of four) by the band's gain.
 *
 * Four frames at a time: the loudness of the louder channel (squared and averaged channel by channel), its distance
 * past the knees of both thresholds, attack and release, gain. The two feedback loops of neighbouring groups overlap,
 * which they would not in a pass for each.
 */
export function controlGain(band: usize, block: usize, frames: i32): void {
  const part = v128.load64_splat(band, DETECT);
  const keep = f64x2.sub(f64x2.splat(1), part);
  const attack = v128.load64_splat(band, ATTACK);
  const release = v128.load64_splat(band, RELEASE);
  // Of the two steps the right one is the higher where the attack is the faster, and the lower where the release is.
  const quickAttack = load<f64>(band, ATTACK) >= load<f64>(band, RELEASE);
  const attackKeep = f64x2.sub(f64x2.splat(1), attack);
  const releaseKeep = f64x2.sub(f64x2.splat(1), release);
  const threshold = f32x4.splat(<f32>load<f64>(band, THRESHOLD_DB));
  const lowThreshold = f32x4.splat(<f32>load<f64>(band, LOW_THRESHOLD_DB));
  const knee = f32x4.splat(<f32>load<f64>(band, KNEE_DB));
  const half = f32x4.mul(knee, f32x4.splat(0.5));
  const curve = f32x4.div(f32x4.splat(0.5), knee);
  const high = f32x4.splat(<f32>load<f64>(band, HIGH_SLOPE));
  const low = f32x4.splat(<f32>-load<f64>(band, LOW_SLOPE));
  const makeup = f32x4.splat(<f32>load<f64>(band, MAKEUP_DB));
  const zero = f32x4.splat(0);
  let mean = v128.load(band, MEAN_SQUARE);
  let drive = v128.load(band, DRIVE);
  for (; frames > 0; frames -= 4, block += 64) {
    const x0 = v128.load(block);
    const x1 = v128.load(block, 16);
    const x2 = v128.load(block, 32);
    const x3 = v128.load(block, 48);
    const mean0 = f64x2.add(f64x2.mul(part, f64x2.mul(x0, x0)), f64x2.mul(keep, mean));
    const mean1 = f64x2.add(f64x2.mul(part, f64x2.mul(x1, x1)), f64x2.mul(keep, mean0));
    const mean2 = f64x2.add(f64x2.mul(part, f64x2.mul(x2, x2)), f64x2.mul(keep, mean1));
    const mean3 = f64x2.add(f64x2.mul(part, f64x2.mul(x3, x3)), f64x2.mul(keep, mean2));
    const first = f64x2.pmax(v128.shuffle<i64>(mean0, mean1, 0, 2), v128.shuffle<i64>(mean0, mean1, 1, 3));
    const second = f64x2.pmax(v128.shuffle<i64>(mean2, mean3, 0, 2), v128.shuffle<i64>(mean2, mean3, 1, 3));
    const power = v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);

    const level = f32x4.mul(log2OfFour(f32x4.pmax(f32x4.splat(FLOOR_POWER), power)), f32x4.splat(DB_PER_LOG2_POWER));
    const above = f32x4.sub(level, threshold);
    const below = f32x4.sub(lowThreshold, level);
    const inAbove = f32x4.pmin(f32x4.pmax(f32x4.add(above, half), zero), knee);
    const inBelow = f32x4.pmin(f32x4.pmax(f32x4.add(below, half), zero), knee);
    const over = f32x4.add(f32x4.mul(f32x4.mul(inAbove, inAbove), curve), f32x4.pmax(f32x4.sub(above, half), zero));
    const under = f32x4.add(f32x4.mul(f32x4.mul(inBelow, inBelow), curve), f32x4.pmax(f32x4.sub(below, half), zero));
    // Lanes: over, and under as a negative number, so that both rise with the level.
    const minus = f32x4.neg(under);
    const wanted01 = v128.shuffle<i32>(over, minus, 0, 4, 1, 5);
    const wanted23 = v128.shuffle<i32>(over, minus, 2, 6, 3, 7);
    const wanted0 = f64x2.promote_low_f32x4(wanted01);
    const wanted1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(wanted01, wanted01, 1, 1));
    const wanted2 = f64x2.promote_low_f32x4(wanted23);
    const wanted3 = f64x2.promote_low_f32x4(v128.shuffle<i64>(wanted23, wanted23, 1, 1));
    const drive0 = follow(drive, wanted0, attack, attackKeep, release, releaseKeep, quickAttack);
    const drive1 = follow(drive0, wanted1, attack, attackKeep, release, releaseKeep, quickAttack);
    const drive2 = follow(drive1, wanted2, attack, attackKeep, release, releaseKeep, quickAttack);
    const drive3 = follow(drive2, wanted3, attack, attackKeep, release, releaseKeep, quickAttack);

    const drives01 = v128.shuffle<i64>(f32x4.demote_f64x2_zero(drive0), f32x4.demote_f64x2_zero(drive1), 0, 2);
    const drives23 = v128.shuffle<i64>(f32x4.demote_f64x2_zero(drive2), f32x4.demote_f64x2_zero(drive3), 0, 2);
    const overs = v128.shuffle<i32>(drives01, drives23, 0, 2, 4, 6);
    const unders = v128.shuffle<i32>(drives01, drives23, 1, 3, 5, 7);
    let db = f32x4.add(f32x4.mul(high, overs), f32x4.mul(low, unders));
    db = f32x4.pmin(f32x4.pmax(db, f32x4.splat(LOWEST_GAIN_DB)), f32x4.splat(HIGHEST_GAIN_DB));
    const gain = exp2OfFour(f32x4.mul(f32x4.add(db, makeup), f32x4.splat(LOG2_PER_DB)));
    v128.store(block, f64x2.mul(x0, f64x2.promote_low_f32x4(v128.shuffle<i32>(gain, gain, 0, 0, 0, 0))));
    v128.store(block, f64x2.mul(x1, f64x2.promote_low_f32x4(v128.shuffle<i32>(gain, gain, 1, 1, 1, 1))), 16);
    v128.store(block, f64x2.mul(x2, f64x2.promote_low_f32x4(v128.shuffle<i32>(gain, gain, 2, 2, 2, 2))), 32);
    v128.store(block, f64x2.mul(x3, f64x2.promote_low_f32x4(v128.shuffle<i32>(gain, gain, 3, 3, 3, 3))), 48);
    if (frames >= 4) {
      mean = mean3;
      drive = drive3;
    } else {
      // The rest of this group is no frame yet: its memory is that of the last one.
      mean = frames == 1 ? mean0 : frames == 2 ? mean1 : mean2;
      drive = frames == 1 ? drive0 : frames == 2 ? drive1 : drive2;
    }
  }
  v128.store(band, mean, MEAN_SQUARE);
  v128.store(band, drive, DRIVE);
}

/** One step towards `wanted`: by the attack's part where it is higher, by the release's where it is lower. */
// @ts-ignore: decorator
@inline
function follow(drive: v128, wanted: v128, attack: v128, attackKeep: v128, release: v128, releaseKeep: v128, quickAttack: bool): v128 {
  const up = f64x2.add(f64x2.mul(attack, wanted), f64x2.mul(attackKeep, drive));
  const down = f64x2.add(f64x2.mul(release, wanted), f64x2.mul(releaseKeep, drive));
  return quickAttack ? f64x2.pmax(up, down) : f64x2.pmin(up, down);
}

/** Sets memories that have faded to zero; call at fixed places in time only. */
export function settleGain(band: usize): void {
  const mean = v128.load(band, MEAN_SQUARE);
  const drive = v128.load(band, DRIVE);
  v128.store(band, v128.and(mean, f64x2.gt(mean, f64x2.splat(1e-30))), MEAN_SQUARE);
  v128.store(band, v128.and(drive, f64x2.gt(f64x2.abs(drive), f64x2.splat(1e-9))), DRIVE);
}
