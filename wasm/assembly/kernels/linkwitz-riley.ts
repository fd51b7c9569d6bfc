import { runSection, runSectionPair, SECTION_BYTES, setSection } from './biquad';

/**
 * Linkwitz-Riley crossovers of fourth order whose bands add up to an all-pass.
 * Source: S. Linkwitz, "Active Crossover Networks for Noncoincident Drivers", JAES 24 (1976): both sides are two
 * second-order Butterworth filters in a row. Their sum is the second-order all-pass with the same poles, so the high
 * side is made as all-pass minus low side.
 *
 * A split is three sections: low pass, low pass, all-pass.
 */
export const SPLIT_BYTES: usize = 3 * SECTION_BYTES;

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
  const b0 = k * k * norm;
  const a1 = 2 * (k * k - 1) * norm;
  const a2 = (1 - Math.SQRT2 * k + k * k) * norm;
  setSection(split, b0, 2 * b0, b0, a1, a2);
  setSection(split + SECTION_BYTES, b0, 2 * b0, b0, a1, a2);
  designAllPass(split + 2 * SECTION_BYTES, hz, sampleRate);
}

/** `low` gets the part under the crossover; the rest stays in `block`. */
export function runSplit(split: usize, block: usize, low: usize, frames: i32): void {
  runSectionPair(split, block, low, frames);
  runSection(split + 2 * SECTION_BYTES, block, block, frames);
  for (const end = block + (<usize>frames << 4); block < end; block += 16, low += 16) {
    v128.store(block, f64x2.sub(v128.load(block), v128.load(low)));
  }
}
