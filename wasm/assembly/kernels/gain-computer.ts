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

const POWERS: usize = memory.data(260 * 4, 16);
const DRIVES: usize = memory.data(260 * 8, 16);

/** Power of the louder channel, squared and averaged channel by channel. */
function detect(band: usize, block: usize, frames: i32): void {
  const part = v128.load64_splat(band, DETECT);
  let mean = v128.load(band, MEAN_SQUARE);
  let at = POWERS;
  for (const end = block + (<usize>frames << 4); block < end; block += 16, at += 4) {
    const x = v128.load(block);
    mean = f64x2.add(mean, f64x2.mul(part, f64x2.sub(f64x2.mul(x, x), mean)));
    const louder = f64x2.pmax(mean, v128.shuffle<i64>(mean, mean, 1, 0));
    store<f32>(at, <f32>f64x2.extract_lane(louder, 0));
  }
  v128.store(band, mean, MEAN_SQUARE);
}

/** dB over the upper threshold and, negative, under the lower one, past the knees; pairs of f32. */
function measureDrives(band: usize, frames: i32): void {
  const threshold = f32x4.splat(<f32>load<f64>(band, THRESHOLD_DB));
  const lowThreshold = f32x4.splat(<f32>load<f64>(band, LOW_THRESHOLD_DB));
  const knee = f32x4.splat(<f32>load<f64>(band, KNEE_DB));
  const half = f32x4.mul(knee, f32x4.splat(0.5));
  const curve = f32x4.div(f32x4.splat(0.5), knee);
  const zero = f32x4.splat(0);
  let to = DRIVES;
  for (let at = POWERS, end = POWERS + (<usize>frames << 2); at < end; at += 16, to += 32) {
    const level = f32x4.mul(log2OfFour(f32x4.max(v128.load(at), f32x4.splat(FLOOR_POWER))), f32x4.splat(DB_PER_LOG2_POWER));
    const above = f32x4.sub(level, threshold);
    const below = f32x4.sub(lowThreshold, level);
    const inAbove = f32x4.min(f32x4.max(f32x4.add(above, half), zero), knee);
    const inBelow = f32x4.min(f32x4.max(f32x4.add(below, half), zero), knee);
    const over = f32x4.add(f32x4.mul(f32x4.mul(inAbove, inAbove), curve), f32x4.max(f32x4.sub(above, half), zero));
    const under = f32x4.add(f32x4.mul(f32x4.mul(inBelow, inBelow), curve), f32x4.max(f32x4.sub(below, half), zero));
    const minus = f32x4.neg(under);
    v128.store(to, v128.shuffle<i32>(over, minus, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<i32>(over, minus, 2, 6, 3, 7), 16);
  }
}

function smoothDrives(band: usize, frames: i32): void {
  const attack = v128.load64_splat(band, ATTACK);
  const release = v128.load64_splat(band, RELEASE);
  let drive = v128.load(band, DRIVE);
  for (let at = DRIVES, end = DRIVES + (<usize>frames << 3); at < end; at += 8) {
    const wanted = f64x2.promote_low_f32x4(v128.load64_zero(at));
    const step = f64x2.sub(wanted, drive);
    const part = v128.bitselect(attack, release, f64x2.gt(wanted, drive));
    drive = f64x2.add(drive, f64x2.mul(part, step));
    v128.store64_lane(at, f32x4.demote_f64x2_zero(drive), 0);
  }
  v128.store(band, drive, DRIVE);
}

/** Writes the gains of `frames` frames (at most 256) as f32 to `gains`, rounded up to four. */
export function computeGains(band: usize, block: usize, frames: i32, gains: usize): void {
  detect(band, block, frames);
  measureDrives(band, frames);
  smoothDrives(band, frames);
  const high = f32x4.splat(<f32>load<f64>(band, HIGH_SLOPE));
  const low = f32x4.splat(<f32>-load<f64>(band, LOW_SLOPE));
  const makeup = f32x4.splat(<f32>load<f64>(band, MAKEUP_DB));
  let from = DRIVES;
  for (const end = gains + (<usize>frames << 2); gains < end; gains += 16, from += 32) {
    const first = v128.load(from);
    const second = v128.load(from, 16);
    const over = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
    const minusUnder = v128.shuffle<i32>(first, second, 1, 3, 5, 7);
    let db = f32x4.add(f32x4.mul(high, over), f32x4.mul(low, minusUnder));
    db = f32x4.min(f32x4.max(db, f32x4.splat(LOWEST_GAIN_DB)), f32x4.splat(HIGHEST_GAIN_DB));
    v128.store(gains, exp2OfFour(f32x4.mul(f32x4.add(db, makeup), f32x4.splat(LOG2_PER_DB))));
  }
}

/** Sets memories that have faded to zero; call at fixed places in time only. */
export function settleGain(band: usize): void {
  const mean = v128.load(band, MEAN_SQUARE);
  const drive = v128.load(band, DRIVE);
  v128.store(band, v128.and(mean, f64x2.gt(mean, f64x2.splat(1e-30))), MEAN_SQUARE);
  v128.store(band, v128.and(drive, f64x2.gt(f64x2.abs(drive), f64x2.splat(1e-9))), DRIVE);
}
