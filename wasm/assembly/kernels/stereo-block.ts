/**
 * Planar f32 channels to frames of two f64 lanes (left, right) and back, and the fixed grid in time on which
 * processors with feedback work: blocks never cross a multiple of `GRID_FRAMES` since reset, so that whatever is done
 * once per block happens at the same frames for every chunk length.
 */
export const GRID_FRAMES: i32 = 256;
/** Bytes of a block of two-lane frames. */
export const BLOCK_BYTES: i32 = GRID_FRAMES << 4;

/** Outputs below this (-400 dBFS) are silence, so that no denormal f32 leaves the engine. */
const SILENCE: f64 = 1e-20;

/** Frames up to the next grid line, at most `frames`; `position` is a u32 that counts frames since reset. */
export function framesOnGrid(position: usize, frames: i32): i32 {
  const left = GRID_FRAMES - <i32>(load<u32>(position) & (GRID_FRAMES - 1));
  return frames < left ? frames : left;
}

/** Moves on; answers whether a grid line was reached. */
export function advanceOnGrid(position: usize, frames: i32): bool {
  const now = load<u32>(position) + <u32>frames;
  store<u32>(position, now);
  return (now & (GRID_FRAMES - 1)) == 0;
}

export function widenStereo(left: usize, right: usize, block: usize, frames: i32): void {
  let at: usize = 0;
  for (const end = <usize>(frames & ~3) << 2; at < end; at += 16, block += 64) {
    const l = v128.load(left + at);
    const r = v128.load(right + at);
    v128.store(block, f64x2.promote_low_f32x4(v128.shuffle<i32>(l, r, 0, 4, 0, 4)));
    v128.store(block, f64x2.promote_low_f32x4(v128.shuffle<i32>(l, r, 1, 5, 1, 5)), 16);
    v128.store(block, f64x2.promote_low_f32x4(v128.shuffle<i32>(l, r, 2, 6, 2, 6)), 32);
    v128.store(block, f64x2.promote_low_f32x4(v128.shuffle<i32>(l, r, 3, 7, 3, 7)), 48);
  }
  for (const end = <usize>frames << 2; at < end; at += 4, block += 16) {
    store<f64>(block, <f64>load<f32>(left + at));
    store<f64>(block, <f64>load<f32>(right + at), 8);
  }
}

export function narrowStereo(block: usize, left: usize, right: usize, frames: i32): void {
  const silence = f64x2.splat(SILENCE);
  let at: usize = 0;
  for (const end = <usize>(frames & ~3) << 2; at < end; at += 16, block += 64) {
    const a = v128.load(block);
    const b = v128.load(block, 16);
    const c = v128.load(block, 32);
    const d = v128.load(block, 48);
    const ab = v128.shuffle<i32>(
      f32x4.demote_f64x2_zero(v128.and(a, f64x2.gt(f64x2.abs(a), silence))),
      f32x4.demote_f64x2_zero(v128.and(b, f64x2.gt(f64x2.abs(b), silence))),
      0, 4, 1, 5,
    );
    const cd = v128.shuffle<i32>(
      f32x4.demote_f64x2_zero(v128.and(c, f64x2.gt(f64x2.abs(c), silence))),
      f32x4.demote_f64x2_zero(v128.and(d, f64x2.gt(f64x2.abs(d), silence))),
      0, 4, 1, 5,
    );
    v128.store(left + at, v128.shuffle<i32>(ab, cd, 0, 1, 4, 5));
    v128.store(right + at, v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
  }
  for (const end = <usize>frames << 2; at < end; at += 4, block += 16) {
    const l = load<f64>(block);
    const r = load<f64>(block, 8);
    store<f32>(left + at, Math.abs(l) > SILENCE ? <f32>l : <f32>0);
    store<f32>(right + at, Math.abs(r) > SILENCE ? <f32>r : <f32>0);
  }
}
