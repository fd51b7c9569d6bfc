/**
 * Second-order sections on two lanes of f64 at once (left and right, or mid and side), transposed direct form II.
 * The output enters each memory last: what the next frame waits for is one product and one difference.
 * A section is 80 bytes: b0 b1 b2 a1 a2 as f64, 8 spare, then the two memories, each two lanes of f64.
 */
export const SECTION_BYTES: usize = 80;

/** Below this a memory is silence: far under any f32 output, far over the slow arithmetic of denormal numbers. */
const SILENCE: f64 = 1e-30;

export function setSection(section: usize, b0: f64, b1: f64, b2: f64, a1: f64, a2: f64): void {
  store<f64>(section, b0);
  store<f64>(section, b1, 8);
  store<f64>(section, b2, 16);
  store<f64>(section, a1, 24);
  store<f64>(section, a2, 32);
}

/** Magnitude of the pole that fades most slowly. */
export function poleRadius(section: usize): f64 {
  const half = -load<f64>(section, 24) / 2;
  const a2 = load<f64>(section, 32);
  const inside = half * half - a2;
  return inside < 0 ? Math.sqrt(a2) : Math.abs(half) + Math.sqrt(inside);
}

/** Forgets the past of `count` sections in a row. */
export function clearSections(section: usize, count: i32): void {
  for (let k = 0; k < count; k += 1, section += SECTION_BYTES) memory.fill(section + 48, 0, 32);
}

/** Sets memories that have faded to zero; call at fixed places in time only, so that chunks do not show. */
export function settleSections(section: usize, count: i32): void {
  const silence = f64x2.splat(SILENCE);
  for (let k = 0; k < count; k += 1, section += SECTION_BYTES) {
    const s1 = v128.load(section, 48);
    const s2 = v128.load(section, 64);
    v128.store(section, v128.and(s1, f64x2.gt(f64x2.abs(s1), silence)), 48);
    v128.store(section, v128.and(s2, f64x2.gt(f64x2.abs(s2), silence)), 64);
  }
}

/** One section over a block of two-lane frames; `from` and `to` may be the same. */
export function runSection(section: usize, from: usize, to: usize, frames: i32): void {
  const b0 = v128.load64_splat(section);
  const b1 = v128.load64_splat(section, 8);
  const b2 = v128.load64_splat(section, 16);
  const a1 = v128.load64_splat(section, 24);
  const a2 = v128.load64_splat(section, 32);
  let s1 = v128.load(section, 48);
  let s2 = v128.load(section, 64);
  for (const end = from + (<usize>frames << 4); from < end; from += 16, to += 16) {
    const x = v128.load(from);
    const y = f64x2.add(f64x2.mul(b0, x), s1);
    s1 = f64x2.sub(f64x2.add(f64x2.mul(b1, x), s2), f64x2.mul(a1, y));
    s2 = f64x2.sub(f64x2.mul(b2, x), f64x2.mul(a2, y));
    v128.store(to, y);
  }
  v128.store(section, s1, 48);
  v128.store(section, s2, 64);
}

/** Two sections in a row, one pass over the block. */
export function runSectionPair(section: usize, from: usize, to: usize, frames: i32): void {
  const b0 = v128.load64_splat(section);
  const b1 = v128.load64_splat(section, 8);
  const b2 = v128.load64_splat(section, 16);
  const a1 = v128.load64_splat(section, 24);
  const a2 = v128.load64_splat(section, 32);
  let s1 = v128.load(section, 48);
  let s2 = v128.load(section, 64);
  const d0 = v128.load64_splat(section, 80);
  const d1 = v128.load64_splat(section, 88);
  const d2 = v128.load64_splat(section, 96);
  const c1 = v128.load64_splat(section, 104);
  const c2 = v128.load64_splat(section, 112);
  let t1 = v128.load(section, 128);
  let t2 = v128.load(section, 144);
  for (const end = from + (<usize>frames << 4); from < end; from += 16, to += 16) {
    const x = v128.load(from);
    const y = f64x2.add(f64x2.mul(b0, x), s1);
    s1 = f64x2.sub(f64x2.add(f64x2.mul(b1, x), s2), f64x2.mul(a1, y));
    s2 = f64x2.sub(f64x2.mul(b2, x), f64x2.mul(a2, y));
    const z = f64x2.add(f64x2.mul(d0, y), t1);
    t1 = f64x2.sub(f64x2.add(f64x2.mul(d1, y), t2), f64x2.mul(c1, z));
    t2 = f64x2.sub(f64x2.mul(d2, y), f64x2.mul(c2, z));
    v128.store(to, z);
  }
  v128.store(section, s1, 48);
  v128.store(section, s2, 64);
  v128.store(section, t1, 128);
  v128.store(section, t2, 144);
}
