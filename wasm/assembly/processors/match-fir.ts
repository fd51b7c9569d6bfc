import { MATCH_FIR_AMOUNT, MATCH_FIR_IR_KEY } from '../generated/abi';
import { exchange, framesInBlock, openBlock, readBlock, ringBlocks, streamBytes, streamOutput } from '../kernels/block-stream';
import {
  addConvolution,
  clearSum,
  convolverBlock,
  convolverChannels,
  convolverFrames,
  historyBytes,
  historyInput,
  nextSlot,
  sumInTime,
  takeBlock,
} from '../kernels/convolver';
import { Processor } from './processor';

/**
 * Linear-phase filter for mid and side (one channel: the same for both). `amount` blends the sound, as late as the
 * filter's centre, with the filtered sound: the response runs from flat to the whole filter, its phase stays linear.
 */

const HEADER: usize = 16;
/** -400 dBFS: under this the sound is silence, and no denormal leaves the engine. */
const SILENCE: f32 = 1e-20;

/** State: i32 newest slot of the histories, 12 spare; stream; history of mid, of side. */
export class MatchFir extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    const asset = assetOf(params);
    if (asset == 0) return <i32>HEADER;
    const block = convolverBlock(asset);
    return <i32>(HEADER + streamBytes(block, ringBlocks(block, centreOf(asset))) + 2 * <usize>historyBytes(asset));
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    const asset = assetOf(params);
    return asset == 0 ? 0 : convolverBlock(asset) + centreOf(asset);
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    const asset = assetOf(params);
    return asset == 0 || load<f64>(params + MATCH_FIR_AMOUNT) == 0 ? 0 : convolverFrames(asset) - centreOf(asset);
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    memory.fill(state, 0, this.stateBytes(sampleRate, params));
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const asset = assetOf(params);
    if (asset == 0) return;
    const block = convolverBlock(asset);
    const ring = ringBlocks(block, centreOf(asset));
    while (frames > 0) {
      const run = framesInBlock(state + HEADER, block, frames);
      if (exchange(state + HEADER, block, ring, left, right, run)) makeBlock(state, params, asset, block, ring);
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}

// @ts-ignore: decorator
@inline
function assetOf(params: usize): usize {
  return <usize>load<f64>(params + MATCH_FIR_IR_KEY);
}

/** The middle tap of an odd number of taps. */
// @ts-ignore: decorator
@inline
function centreOf(asset: usize): i32 {
  return (convolverFrames(asset) - 1) >> 1;
}

function makeBlock(state: usize, params: usize, asset: usize, block: i32, ring: i32): void {
  const stream = state + HEADER;
  const midHistory = stream + streamBytes(block, ring);
  const sideHistory = midHistory + <usize>historyBytes(asset);
  const slot = nextSlot(asset, load<i32>(state));
  store<i32>(state, slot);
  const mid = historyInput(asset, midHistory);
  const side = historyInput(asset, sideHistory);
  readBlock(stream, block, ring, 0, 0, mid);
  readBlock(stream, block, ring, 1, 0, side);
  toMidSide(mid, side, block);
  takeBlock(asset, midHistory, slot);
  takeBlock(asset, sideHistory, slot);

  const left = streamOutput(stream, block, 0);
  const right = streamOutput(stream, block, 1);
  readBlock(stream, block, ring, 0, centreOf(asset), left);
  readBlock(stream, block, ring, 1, centreOf(asset), right);
  const amount = <f32>load<f64>(params + MATCH_FIR_AMOUNT);
  if (amount != 0) {
    fade(left, right, 1 - amount, block);
    clearSum(asset);
    addConvolution(asset, midHistory, slot, 0);
    addToBoth(left, right, sumInTime(asset), amount, amount, block);
    clearSum(asset);
    addConvolution(asset, sideHistory, slot, convolverChannels(asset) > 1 ? 1 : 0);
    addToBoth(left, right, sumInTime(asset), amount, -amount, block);
  }
  openBlock(stream, ring);
}

/** Left and right become mid and side, in place. */
function toMidSide(left: usize, right: usize, frames: i32): void {
  const half = f32x4.splat(0.5);
  for (const end = left + (<usize>frames << 2); left < end; left += 16, right += 16) {
    const l = f32x4.mul(half, v128.load(left));
    const r = f32x4.mul(half, v128.load(right));
    v128.store(left, f32x4.add(l, r));
    v128.store(right, f32x4.sub(l, r));
  }
}

function fade(left: usize, right: usize, gain: f32, frames: i32): void {
  const gains = f32x4.splat(gain);
  for (const end = left + (<usize>frames << 2); left < end; left += 16, right += 16) {
    v128.store(left, f32x4.mul(v128.load(left), gains));
    v128.store(right, f32x4.mul(v128.load(right), gains));
  }
}

function addToBoth(left: usize, right: usize, from: usize, leftGain: f32, rightGain: f32, frames: i32): void {
  const l = f32x4.splat(leftGain);
  const r = f32x4.splat(rightGain);
  const silence = f32x4.splat(SILENCE);
  for (const end = left + (<usize>frames << 2); left < end; left += 16, right += 16, from += 16) {
    const x = v128.load(from);
    const a = f32x4.add(v128.load(left), f32x4.mul(x, l));
    const b = f32x4.add(v128.load(right), f32x4.mul(x, r));
    v128.store(left, v128.and(a, f32x4.gt(f32x4.abs(a), silence)));
    v128.store(right, v128.and(b, f32x4.gt(f32x4.abs(b), silence)));
  }
}
