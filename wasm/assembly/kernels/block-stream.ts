/**
 * Stereo in blocks for kernels that need whole ones, whatever the lengths of the calls: input is collected in a ring
 * that doubles as a delay line, output is handed out one block late.
 *
 * Layout: i32 frame within the block, i32 block's place in the ring, 8 spare; output left, right (one block each);
 * ring left, right (`ringBlocks` blocks each).
 */
const HEADER: usize = 16;

/** Blocks of a ring that reaches back by `delayFrames` from the newest block. */
// @ts-ignore: decorator
@inline
export function ringBlocks(block: i32, delayFrames: i32): i32 {
  return 1 + (delayFrames + block - 1) / block;
}

export function streamBytes(block: i32, blocks: i32): usize {
  return HEADER + ((<usize>(block * (blocks + 1))) << 3);
}

/** Output of the block being handed out. */
// @ts-ignore: decorator
@inline
export function streamOutput(stream: usize, block: i32, channel: i32): usize {
  return stream + HEADER + (<usize>(channel * block) << 2);
}

// @ts-ignore: decorator
@inline
function ringStart(stream: usize, block: i32, blocks: i32, channel: i32): usize {
  return stream + HEADER + ((<usize>(block * (2 + channel * blocks))) << 2);
}

/** Frames that can be exchanged before the block is full, at most `frames`. */
// @ts-ignore: decorator
@inline
export function framesInBlock(stream: usize, block: i32, frames: i32): i32 {
  const left = block - load<i32>(stream);
  return frames < left ? frames : left;
}

/** Takes input and puts the output of one block ago in its place. Answers whether the block is full. */
export function exchange(stream: usize, block: i32, blocks: i32, left: usize, right: usize, frames: i32): bool {
  const at = load<i32>(stream);
  const bytes = <usize>frames << 2;
  const into = (<usize>(load<i32>(stream, 4) * block + at)) << 2;
  memory.copy(ringStart(stream, block, blocks, 0) + into, left, bytes);
  memory.copy(ringStart(stream, block, blocks, 1) + into, right, bytes);
  memory.copy(left, streamOutput(stream, block, 0) + (<usize>at << 2), bytes);
  memory.copy(right, streamOutput(stream, block, 1) + (<usize>at << 2), bytes);
  store<i32>(stream, at + frames);
  return at + frames == block;
}

/** Copies the newest full block, or what came `delayFrames` before it, to `to`. */
export function readBlock(stream: usize, block: i32, blocks: i32, channel: i32, delayFrames: i32, to: usize): void {
  readFrames(stream, block, blocks, channel, delayFrames, block, to);
}

/** Copies `frames` frames from `delayFrames` before the start of the newest full block on. */
export function readFrames(stream: usize, block: i32, blocks: i32, channel: i32, delayFrames: i32, frames: i32, to: usize): void {
  const ring = ringStart(stream, block, blocks, channel);
  const length = block * blocks;
  let from = load<i32>(stream, 4) * block - delayFrames;
  if (from < 0) from += length;
  const first = length - from < frames ? length - from : frames;
  memory.copy(to, ring + (<usize>from << 2), <usize>first << 2);
  memory.copy(to + (<usize>first << 2), ring, <usize>(frames - first) << 2);
}

/** Opens the next block, once the output of the full one is in place. */
export function openBlock(stream: usize, blocks: i32): void {
  store<i32>(stream, 0);
  const place = load<i32>(stream, 4) + 1;
  store<i32>(stream, place == blocks ? 0 : place, 4);
}
