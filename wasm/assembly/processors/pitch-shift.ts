import { PITCH_SHIFT_SEMITONES } from '../generated/abi';
import { exchange, framesInBlock, openBlock, readBlock, readFrames, ringBlocks, streamBytes, streamOutput } from '../kernels/block-stream';
import { frameInput, HOPS_PER_FRAME, prepareVocoder, restartVocoder, takeFrame, vocoderBytes } from '../kernels/phase-vocoder';
import { prepareSincReader, readBetween, SINC_REACH } from '../kernels/sinc-reader';
import { Processor } from './processor';

/**
 * Pitch shift with formants kept: a phase vocoder stretches the sound in time by the ratio of the pitches, and reading
 * the stretched sound that many times as fast gives the old duration and the new pitch. At 0 semitones the sound passes
 * untouched, only late.
 *
 * Frames are taken where the stretched sound needs them, rounded to whole input frames; the phases use the hops as
 * rounded, so that the tuning stays exact.
 */

const BLOCK: i32 = 256;
/** Seconds; the frame is the power of two nearest to it. Resolves a bass at 40 Hz, and smears an attack by 0.1 s at most. */
const FRAME_SECONDS: f64 = 0.0853;
/** Lowest ratio of the schema, 2^(-3/12), with room for rounding. */
const MIN_RATIO: f64 = 0.8408;
/** The stretched sound's buffer before the reading place, and after the last frame that a block can need. */
const LEAD: i32 = SINC_REACH + 8;
const ROOM: i32 = 512;

/**
 * State: f32 sample rate, i32 frame size, i32 isShifting, i32 last frame's middle (input frames from the newest block),
 * f64 ratio, f64 reading place, i32 next frame's middle (both in the stretched buffer), 12 spare; stream; stretched
 * left, right; vocoder.
 */
const HEADER: usize = 48;
const SHIFTING: usize = 8;
const LAST_MIDDLE: usize = 12;
const RATIO: usize = 16;
const READING: usize = 24;
const NEXT_MIDDLE: usize = 32;

const LATE_LEFT: usize = memory.data(BLOCK * 4, 16);
const LATE_RIGHT: usize = memory.data(BLOCK * 4, 16);

export class PitchShift extends Processor {
  stateBytes(sampleRate: f64, params: usize): i32 {
    const size = frameSize(sampleRate);
    return <i32>vocoderAt(0, size) + vocoderBytes(size);
  }

  latencyFrames(sampleRate: f64, params: usize): i32 {
    return BLOCK + delayOf(frameSize(sampleRate));
  }

  tailFrames(sampleRate: f64, params: usize): i32 {
    return load<f64>(params + PITCH_SHIFT_SEMITONES) == 0 ? 0 : frameSize(sampleRate);
  }

  reset(state: usize, sampleRate: f64, params: usize): void {
    prepareSincReader();
    const size = frameSize(sampleRate);
    memory.fill(state, 0, this.stateBytes(sampleRate, params));
    store<f32>(state, <f32>sampleRate);
    store<i32>(state, size, 4);
    prepareVocoder(vocoderAt(state, size), size);
  }

  process(state: usize, params: usize, left: usize, right: usize, frames: i32): void {
    const semitones = load<f64>(params + PITCH_SHIFT_SEMITONES);
    const ring = ringOf(load<i32>(state, 4));
    while (frames > 0) {
      const run = framesInBlock(state + HEADER, BLOCK, frames);
      if (exchange(state + HEADER, BLOCK, ring, left, right, run)) makeBlock(state, semitones);
      left += <usize>run << 2;
      right += <usize>run << 2;
      frames -= run;
    }
  }
}

function frameSize(sampleRate: f64): i32 {
  let size = 512;
  // Nearest on a logarithmic axis: up to the geometric mean of two powers of two.
  while (<f64>size * Math.SQRT2 < FRAME_SECONDS * sampleRate) size <<= 1;
  return size;
}

/** Frames from a block's output to its input: half a frame of what is put out, in input time, and half of what is read. */
function delayOf(size: i32): i32 {
  return <i32>Math.ceil(<f64>(SINC_REACH + 1 + (size >> 1)) / MIN_RATIO) + (size >> 1) + 2;
}

/** The first frame of a shift reaches back by twice the delay. */
function ringOf(size: i32): i32 {
  return ringBlocks(BLOCK, 2 * delayOf(size) + 16);
}

/** Bytes of one channel of the stretched sound. */
// @ts-ignore: decorator
@inline
function stretchedBytes(size: i32): usize {
  return <usize>(2 * size + LEAD + ROOM) << 2;
}

function stretchedAt(state: usize, size: i32): usize {
  return state + HEADER + streamBytes(BLOCK, ringOf(size));
}

function vocoderAt(state: usize, size: i32): usize {
  return stretchedAt(state, size) + 2 * stretchedBytes(size);
}

function makeBlock(state: usize, semitones: f64): void {
  const size = load<i32>(state, 4);
  const ring = ringOf(size);
  const stream = state + HEADER;
  const outLeft = streamOutput(stream, BLOCK, 0);
  const outRight = streamOutput(stream, BLOCK, 1);
  const wasShifting = load<i32>(state, SHIFTING) != 0;
  const isShifting = semitones != 0;
  if (isShifting) {
    store<f64>(state, Math.pow(2.0, semitones / 12.0), RATIO);
    if (!wasShifting) startShift(state, size);
  }
  const delay = delayOf(size);
  if (isShifting || wasShifting) {
    shiftBlock(state, size, ring, delay, outLeft, outRight);
    if (isShifting != wasShifting) {
      readBlock(stream, BLOCK, ring, 0, delay, LATE_LEFT);
      readBlock(stream, BLOCK, ring, 1, delay, LATE_RIGHT);
      crossFade(outLeft, LATE_LEFT, isShifting);
      crossFade(outRight, LATE_RIGHT, isShifting);
    }
  } else {
    readBlock(stream, BLOCK, ring, 0, delay, outLeft);
    readBlock(stream, BLOCK, ring, 1, delay, outRight);
  }
  store<i32>(state, isShifting ? 1 : 0, SHIFTING);
  openBlock(stream, ring);
}

/** Empties the stretched sound; its first frames reach half a frame back. */
function startShift(state: usize, size: i32): void {
  memory.fill(stretchedAt(state, size), 0, 2 * stretchedBytes(size));
  store<f64>(state, <f64>(size + LEAD), READING);
  store<i32>(state, size >> 1, NEXT_MIDDLE);
  restartVocoder(vocoderAt(state, size));
}

function shiftBlock(state: usize, size: i32, ring: i32, delay: i32, outLeft: usize, outRight: usize): void {
  const stream = state + HEADER;
  const vocoder = vocoderAt(state, size);
  const bytes = stretchedBytes(size);
  const left = stretchedAt(state, size);
  const right = left + bytes;
  const ratio = load<f64>(state, RATIO);
  const reading = load<f64>(state, READING);
  const hop = size / HOPS_PER_FRAME;
  const until = reading + <f64>(BLOCK - 1) * ratio + <f64>SINC_REACH;
  let middle = load<i32>(state, NEXT_MIDDLE);
  for (; <f64>(middle - (size >> 1)) <= until; middle += hop) {
    const place = <i32>Math.round(<f64>-delay + (<f64>middle - reading) / ratio);
    const back = (size >> 1) - place;
    readFrames(stream, BLOCK, ring, 0, back, size, frameInput(vocoder, size, 0));
    readFrames(stream, BLOCK, ring, 1, back, size, frameInput(vocoder, size, 1));
    const to = <usize>(middle - (size >> 1)) << 2;
    takeFrame(vocoder, size, <f64>load<f32>(state), place - load<i32>(state, LAST_MIDDLE), hop, ratio, left + to, right + to);
    store<i32>(state, place, LAST_MIDDLE);
  }
  readBetween(left, right, reading, ratio, outLeft, outRight, BLOCK);

  const after = reading + <f64>BLOCK * ratio;
  const done = <i32>after - LEAD;
  forget(left, bytes, <usize>done << 2);
  forget(right, bytes, <usize>done << 2);
  store<f64>(state, after - <f64>done, READING);
  store<i32>(state, middle - done, NEXT_MIDDLE);
  store<i32>(state, load<i32>(state, LAST_MIDDLE) - BLOCK, LAST_MIDDLE);
}

function forget(row: usize, bytes: usize, done: usize): void {
  memory.copy(row, row + done, bytes - done);
  memory.fill(row + bytes - done, 0, done);
}

/** From one to the other within a block. */
function crossFade(shifted: usize, late: usize, isComing: bool): void {
  for (let i = 0; i < BLOCK; i += 1) {
    const rise = (<f32>i + 0.5) / <f32>BLOCK;
    const weight = isComing ? rise : 1 - rise;
    const at = <usize>i << 2;
    const from = load<f32>(late + at);
    store<f32>(shifted + at, from + (load<f32>(shifted + at) - from) * weight);
  }
}
