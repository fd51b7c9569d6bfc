import { REVERB_IR_KEY, REVERB_MIX, REVERB_PRE_DELAY_MS } from '../generated/abi';
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

/** Convolution reverb: the dry sound plus `mix` times the response to it, pre-delay frames later. */

const HEADER: usize = 16;
/** Largest pre-delay of the schema, and room for its rounding. */
const MAX_PRE_DELAY_SECONDS: f64 = 0.2501;
/** -400 dBFS: under this the sound is silence, and no denormal leaves the engine. */
const SILENCE: f32 = 1e-20;

/** State: i32 newest slot of the histories, f32 sample rate, 8 spare; stream; history of left, of right. */
export class Reverb extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    const asset = assetOf(params);
    if (asset == 0) return <i32>HEADER;
    const block = convolverBlock(asset);
    return <i32>(HEADER + streamBytes(block, ringOf(block, sampleRate)) + 2 * <usize>historyBytes(asset));
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    const asset = assetOf(params);
    return asset == 0 ? 0 : convolverBlock(asset);
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    const asset = assetOf(params);
    return asset == 0 || load<f64>(params + REVERB_MIX) == 0 ? 0 : convolverFrames(asset) + preDelayFrames(sampleRate, params);
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    memory.fill(state, 0, this.stateBytes(sampleRate, params));
    store<f32>(state, <f32>sampleRate, 4);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const asset = assetOf(params);
    if (asset == 0) return;
    const block = convolverBlock(asset);
    const ring = ringOf(block, <f64>load<f32>(state, 4));
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
  return <usize>load<f64>(params + REVERB_IR_KEY);
}

// @ts-ignore: decorator
@inline
function ringOf(block: i32, sampleRate: f64): i32 {
  return ringBlocks(block, <i32>(MAX_PRE_DELAY_SECONDS * sampleRate) + 1);
}

// @ts-ignore: decorator
@inline
function preDelayFrames(sampleRate: f64, params: usize): i32 {
  return <i32>Math.round(Math.min(load<f64>(params + REVERB_PRE_DELAY_MS) / 1000.0, MAX_PRE_DELAY_SECONDS) * sampleRate);
}

function makeBlock(state: usize, params: usize, asset: usize, block: i32, ring: i32): void {
  const stream = state + HEADER;
  const leftHistory = stream + streamBytes(block, ring);
  const rightHistory = leftHistory + <usize>historyBytes(asset);
  const slot = nextSlot(asset, load<i32>(state));
  store<i32>(state, slot);
  const delay = preDelayFrames(<f64>load<f32>(state, 4), params);
  readBlock(stream, block, ring, 0, delay, historyInput(asset, leftHistory));
  readBlock(stream, block, ring, 1, delay, historyInput(asset, rightHistory));
  takeBlock(asset, leftHistory, slot);
  takeBlock(asset, rightHistory, slot);

  const mix = <f32>load<f64>(params + REVERB_MIX);
  const channels = convolverChannels(asset);
  for (let channel = 0; channel < 2; channel += 1) {
    const output = streamOutput(stream, block, channel);
    readBlock(stream, block, ring, channel, 0, output);
    if (mix == 0) continue;
    clearSum(asset);
    // The straight path first on both sides: sums in another order would round differently left and right.
    const straight = channels == 4 ? 3 * channel : channels == 2 ? channel : 0;
    addConvolution(asset, channel == 0 ? leftHistory : rightHistory, slot, straight);
    if (channels == 4) addConvolution(asset, channel == 0 ? rightHistory : leftHistory, slot, channel == 0 ? 2 : 1);
    addScaled(output, sumInTime(asset), mix, block);
  }
  openBlock(stream, ring);
}

function addScaled(to: usize, from: usize, gain: f32, frames: i32): void {
  const gains = f32x4.splat(gain);
  const silence = f32x4.splat(SILENCE);
  for (const end = to + (<usize>frames << 2); to < end; to += 16, from += 16) {
    const sum = f32x4.add(v128.load(to), f32x4.mul(v128.load(from), gains));
    v128.store(to, v128.and(sum, f32x4.gt(f32x4.abs(sum), silence)));
  }
}
