/**
 * Uniformly partitioned overlap-save convolution with long responses.
 *
 * The response is cut into partitions of one block, each transformed once. Every block of input is transformed once,
 * its spectrum kept for as many blocks as there are partitions, and multiplied with all of them; one inverse transform
 * gives a block of output. A block is known when its last frame has come in, so the output is one block late.
 * Source: Gardner, "Efficient convolution without input-output delay", JAES 43(3), 1995; Wefers, Partitioned
 * convolution algorithms for real-time auralization, RWTH Aachen 2014, section 5.
 *
 * Asset (prepared once, then only read, except for its work area, which holds nothing between two calls): i32 channels,
 * frames, block, partitions; then FFT plan, work area, spectra by channel and partition.
 * History of one input: window of two blocks in time, then the spectra of the last `partitions` windows as a ring.
 */
import { fftBytes, fftForwardReal, fftInverseReal, fftPrepare } from './fft';

const HEADER: usize = 16;
const MIN_BLOCK: i32 = 256;
/** Longer blocks are faster still, but would make what is heard lag behind the knob by more than 0.2 s. */
const MAX_BLOCK: i32 = 8192;

function blockOf(frames: i32): i32 {
  let block = MIN_BLOCK;
  while (block << 2 < frames && block < MAX_BLOCK) block <<= 1;
  return block;
}

// @ts-ignore: decorator
@inline
function partitionsOf(frames: i32, block: i32): i32 {
  return (frames + block - 1) / block;
}

/** Bytes of one spectrum: two rows of block + 4 floats. */
// @ts-ignore: decorator
@inline
function spectrumBytes(block: i32): usize {
  return (<usize>block + 4) << 3;
}

// @ts-ignore: decorator
@inline
function planBytes(block: i32): usize {
  return (<usize>fftBytes(block << 1) + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function workStart(asset: usize, block: i32): usize {
  return asset + HEADER + planBytes(block);
}

// @ts-ignore: decorator
@inline
function spectraStart(asset: usize, block: i32): usize {
  return workStart(asset, block) + spectrumBytes(block) + (<usize>block << 3);
}

export function convolverBytes(channels: i32, frames: i32): i32 {
  const block = blockOf(frames);
  return <i32>(spectraStart(0, block) + <usize>(channels * partitionsOf(frames, block)) * spectrumBytes(block));
}

/** @param data `channels` rows of `frames` floats */
export function convolverPrepare(asset: usize, channels: i32, frames: i32, data: usize): void {
  const block = blockOf(frames);
  const partitions = partitionsOf(frames, block);
  memory.fill(asset, 0, <usize>convolverBytes(channels, frames));
  store<i32>(asset, channels);
  store<i32>(asset, frames, 4);
  store<i32>(asset, block, 8);
  store<i32>(asset, partitions, 12);
  const plan = asset + HEADER;
  fftPrepare(plan, block << 1);
  const time = workStart(asset, block) + spectrumBytes(block);
  let spectrum = spectraStart(asset, block);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let from = 0; from < frames; from += block) {
      const count = frames - from < block ? frames - from : block;
      memory.fill(time, 0, <usize>block << 3);
      memory.copy(time, data + (<usize>(channel * frames + from) << 2), <usize>count << 2);
      fftForwardReal(plan, time, spectrum);
      spectrum += spectrumBytes(block);
    }
  }
}

// @ts-ignore: decorator
@inline
export function convolverChannels(asset: usize): i32 {
  return load<i32>(asset);
}

/** Length of the response. */
// @ts-ignore: decorator
@inline
export function convolverFrames(asset: usize): i32 {
  return load<i32>(asset, 4);
}

// @ts-ignore: decorator
@inline
export function convolverBlock(asset: usize): i32 {
  return load<i32>(asset, 8);
}

/** Bytes that remember the past of one input; all zero is silence. */
export function historyBytes(asset: usize): i32 {
  const block = load<i32>(asset, 8);
  return <i32>((<usize>block << 3) + <usize>load<i32>(asset, 12) * spectrumBytes(block));
}

/** Where the next block of input belongs before `takeBlock`. */
// @ts-ignore: decorator
@inline
export function historyInput(asset: usize, history: usize): usize {
  return history + (<usize>load<i32>(asset, 8) << 2);
}

/** The ring's slot after `slot`. */
export function nextSlot(asset: usize, slot: i32): i32 {
  return slot + 1 == load<i32>(asset, 12) ? 0 : slot + 1;
}

/** Transforms the window that ends with the new block into the ring's slot `slot`, and moves on by a block. */
export function takeBlock(asset: usize, history: usize, slot: i32): void {
  const block = load<i32>(asset, 8);
  const bytes = <usize>block << 2;
  fftForwardReal(asset + HEADER, history, history + 2 * bytes + <usize>slot * spectrumBytes(block));
  memory.copy(history, history + bytes, bytes);
}

/** Starts a sum of convolutions. */
export function clearSum(asset: usize): void {
  const block = load<i32>(asset, 8);
  memory.fill(workStart(asset, block), 0, spectrumBytes(block));
}

/** Adds one input through one channel of the response; `slot` is the newest one. */
export function addConvolution(asset: usize, history: usize, slot: i32, channel: i32): void {
  const block = load<i32>(asset, 8);
  const partitions = load<i32>(asset, 12);
  const bytes = spectrumBytes(block);
  const sum = workStart(asset, block);
  const ring = history + (<usize>block << 3);
  let response = spectraStart(asset, block) + <usize>(channel * partitions) * bytes;
  let age = 0;
  for (; age + 1 < partitions; age += 2) {
    const first = ring + <usize>(slot >= age ? slot - age : slot - age + partitions) * bytes;
    const second = ring + <usize>(slot > age ? slot - age - 1 : slot - age - 1 + partitions) * bytes;
    addTwoProducts(sum, first, response, second, response + bytes, bytes >> 1);
    response += bytes << 1;
  }
  if (age < partitions) addProduct(sum, ring + <usize>(slot >= age ? slot - age : slot - age + partitions) * bytes, response, bytes >> 1);
}

function addProduct(sum: usize, x: usize, h: usize, row: usize): void {
  for (const end = sum + row; sum < end; sum += 16, x += 16, h += 16) {
    const xr = v128.load(x);
    const xi = v128.load(x + row);
    const hr = v128.load(h);
    const hi = v128.load(h + row);
    v128.store(sum, f32x4.add(v128.load(sum), f32x4.sub(f32x4.mul(xr, hr), f32x4.mul(xi, hi))));
    v128.store(sum + row, f32x4.add(v128.load(sum + row), f32x4.add(f32x4.mul(xr, hi), f32x4.mul(xi, hr))));
  }
}

function addTwoProducts(sum: usize, x: usize, h: usize, y: usize, g: usize, row: usize): void {
  for (const end = sum + row; sum < end; sum += 16, x += 16, h += 16, y += 16, g += 16) {
    const xr = v128.load(x);
    const xi = v128.load(x + row);
    const hr = v128.load(h);
    const hi = v128.load(h + row);
    const yr = v128.load(y);
    const yi = v128.load(y + row);
    const gr = v128.load(g);
    const gi = v128.load(g + row);
    const re = f32x4.add(f32x4.sub(f32x4.mul(xr, hr), f32x4.mul(xi, hi)), f32x4.sub(f32x4.mul(yr, gr), f32x4.mul(yi, gi)));
    const im = f32x4.add(f32x4.add(f32x4.mul(xr, hi), f32x4.mul(xi, hr)), f32x4.add(f32x4.mul(yr, gi), f32x4.mul(yi, gr)));
    v128.store(sum, f32x4.add(v128.load(sum), re));
    v128.store(sum + row, f32x4.add(v128.load(sum + row), im));
  }
}

/** Ends the sum: answers one block of output, valid until the next call of the convolver. */
export function sumInTime(asset: usize): usize {
  const block = load<i32>(asset, 8);
  const sum = workStart(asset, block);
  const time = sum + spectrumBytes(block);
  fftInverseReal(asset + HEADER, sum, time);
  return time + (<usize>block << 2);
}
