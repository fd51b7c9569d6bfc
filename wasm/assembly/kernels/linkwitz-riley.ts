import { setSection } from './biquad';

/**
 * Linkwitz-Riley crossovers of fourth order whose bands add up to an all-pass.
 * Source: S. Linkwitz, "Active Crossover Networks for Noncoincident Drivers", JAES 24 (1976): both sides are two
 * second-order Butterworth filters in a row. Their sum is the second-order all-pass with the same poles, so the high
 * side is made as all-pass minus low side.
 *
 * A split is 96 bytes: f64 gain, a1, a2 and 8 spare, then four memories of two lanes. The all-pass and the first low
 * pass share their poles and so their memory (direct form II).
 */
export const SPLIT_BYTES: usize = 96;

/** Crossovers stay under this part of the sampling rate. */
const HIGHEST: f64 = 0.45;

/** The crossover as it is made: under 0.45 of the rate and not under the one before it. */
export function crossoverHz(wantedHz: f64, lowestHz: f64, sampleRate: f64): f64 {
  return Math.min(Math.max(wantedHz, lowestHz), HIGHEST * sampleRate);
}

/** The all-pass that a split's bands add up to, as one section. */
export function designAllPass(section: usize, hz: f64, sampleRate: f64): void {
  const k = Math.tan((Math.PI * hz) / sampleRate);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const a1 = 2 * (k * k - 1) * norm;
  const a2 = (1 - Math.SQRT2 * k + k * k) * norm;
  setSection(section, a2, a1, 1, a1, a2);
}

/** Bilinear transform, warped so that the crossover lies where it is named. */
export function designSplit(split: usize, hz: f64, sampleRate: f64): void {
  const k = Math.tan((Math.PI * hz) / sampleRate);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  store<f64>(split, k * k * norm);
  store<f64>(split, 2 * (k * k - 1) * norm, 8);
  store<f64>(split, (1 - Math.SQRT2 * k + k * k) * norm, 16);
}

/** Forgets the past. */
export function clearSplit(split: usize): void {
  memory.fill(split + 32, 0, 64);
}

/** Sets memories that have faded to zero; call at fixed places in time only. */
export function settleSplit(split: usize): void {
  const silence = f64x2.splat(1e-30);
  for (let at = split + 32; at < split + SPLIT_BYTES; at += 16) {
    const w = v128.load(at);
    v128.store(at, v128.and(w, f64x2.gt(f64x2.abs(w), silence)));
  }
}

/** `low` gets the part under the crossover; in `block` stays the all-pass, from which the caller takes it off. */
export function runSplit(split: usize, block: usize, low: usize, frames: i32): void {
  const gain = v128.load64_splat(split);
  const a1 = v128.load64_splat(split, 8);
  const a2 = v128.load64_splat(split, 16);
  let w1 = v128.load(split, 32);
  let w2 = v128.load(split, 48);
  let u1 = v128.load(split, 64);
  let u2 = v128.load(split, 80);
  for (const end = block + (<usize>frames << 4); block < end; block += 16, low += 16) {
    const w = f64x2.sub(f64x2.sub(v128.load(block), f64x2.mul(a2, w2)), f64x2.mul(a1, w1));
    const all = f64x2.add(f64x2.add(f64x2.mul(a2, w), f64x2.mul(a1, w1)), w2);
    const once = f64x2.mul(gain, f64x2.add(f64x2.add(w, w2), f64x2.add(w1, w1)));
    const u = f64x2.sub(f64x2.sub(once, f64x2.mul(a2, u2)), f64x2.mul(a1, u1));
    v128.store(low, f64x2.mul(gain, f64x2.add(f64x2.add(u, u2), f64x2.add(u1, u1))));
    v128.store(block, all);
    w2 = w1;
    w1 = w;
    u2 = u1;
    u1 = u;
  }
  v128.store(split, w1, 32);
  v128.store(split, w2, 48);
  v128.store(split, u1, 64);
  v128.store(split, u2, 80);
}
