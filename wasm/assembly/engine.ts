/** Every export of the engine, and nothing but exports. Pointers and numbers only. */
import { ABI_HASH } from './generated/abi';
import { meter } from './generated/meters';
import { processor } from './generated/processors';
import { resamplerBytes, resamplerPrepare, resamplerRun, resamplerTaps } from './kernels/resampler';
import { convolverBytes, convolverPrepare } from './kernels/convolver';
import { flacBytes, flacDecode, flacFrames, flacPrepare, flacRow } from './kernels/flac-frame';
import { fftBytes, fftForwardReal, fftInverseReal, fftPrepare } from './kernels/fft';
import { rowsAbsoluteDifference, rowsGram, rowsLogarithms, rowsSquaredDifference } from './kernels/rows';
import { shortTimeBytes, shortTimeCross, shortTimeMagnitudes } from './kernels/short-time';

export function abiHash(): u32 {
  return ABI_HASH;
}

/** Bytes from the end of memory, aligned to 16. Freed in reverse order only. */
export function allocate(bytes: i32): usize {
  return heap.alloc(bytes);
}

export function release(block: usize): void {
  heap.free(block);
}

// processors

export function processorStateBytes(id: i32, sampleRate: f64, params: usize): i32 {
  return processor(id).stateBytes(sampleRate, params);
}

export function processorLatencyFrames(id: i32, sampleRate: f64, params: usize): i32 {
  return processor(id).latencyFrames(sampleRate, params);
}

export function processorTailFrames(id: i32, sampleRate: f64, params: usize): i32 {
  return processor(id).tailFrames(sampleRate, params);
}

export function processorReset(id: i32, state: usize, sampleRate: f64, params: usize): void {
  processor(id).reset(state, sampleRate, params);
}

export function processorProcess(id: i32, state: usize, params: usize, left: usize, right: usize, frames: i32): void {
  processor(id).process(state, params, left, right, frames);
}

// meters

export function meterStateBytes(id: i32, sampleRate: f64, option: f64): i32 {
  return meter(id).stateBytes(sampleRate, option);
}

export function meterReset(id: i32, state: usize, sampleRate: f64, option: f64): void {
  meter(id).reset(state, sampleRate, option);
}

export function meterProcess(id: i32, state: usize, left: usize, right: usize, frames: i32): void {
  meter(id).process(state, left, right, frames);
}

export function meterDrainLimit(id: i32, state: usize, frames: i32): i32 {
  return meter(id).drainLimit(state, frames);
}

export function meterDrain(id: i32, state: usize, out: usize): i32 {
  return meter(id).drain(state, out);
}

export function meterFinishCount(id: i32, state: usize): i32 {
  return meter(id).finishCount(state);
}

export function meterFinish(id: i32, state: usize, out: usize): void {
  meter(id).finish(state, out);
}

// real FFT

export function fftPlanBytes(size: i32): i32 {
  return fftBytes(size);
}

export function fftPlan(plan: usize, size: i32): void {
  fftPrepare(plan, size);
}

export function fftForward(plan: usize, input: usize, output: usize): void {
  fftForwardReal(plan, input, output);
}

export function fftInverse(plan: usize, input: usize, output: usize): void {
  fftInverseReal(plan, input, output);
}

// short-time spectra, and arithmetic on what they give

export function shortTimeWorkBytes(size: i32): i32 {
  return <i32>shortTimeBytes(size);
}

export function magnitudesOf(plan: usize, window: usize, work: usize, size: i32, hop: i32, signal: usize, frames: i32, out: usize): void {
  shortTimeMagnitudes(plan, window, work, size, hop, signal, frames, out);
}

export function addCrossSpectra(plan: usize, window: usize, work: usize, size: i32, hop: i32, x: usize, y: usize, frames: i32, sums: usize): void {
  shortTimeCross(plan, window, work, size, hop, x, y, frames, sums);
}

export function logarithms(values: usize, floor: f32, out: usize, count: i32): void {
  rowsLogarithms(values, floor, out, count);
}

export function squaredDifference(a: usize, b: usize, count: i32): f64 {
  return rowsSquaredDifference(a, b, count);
}

export function absoluteDifference(a: usize, b: usize, count: i32): f64 {
  return rowsAbsoluteDifference(a, b, count);
}

export function addGram(first: usize, rows: i32, stride: usize, weight: usize, work: usize, count: i32, matrix: usize): void {
  rowsGram(first, rows, stride, weight, work, count, matrix);
}

// resampler

export function resamplerPlanBytes(fromHz: i32, toHz: i32): i32 {
  return resamplerBytes(fromHz, toHz);
}

/** Answers the taps: input frames that one output needs. */
export function resamplerPlan(plan: usize, fromHz: i32, toHz: i32): i32 {
  resamplerPrepare(plan, fromHz, toHz);
  return resamplerTaps(plan);
}

export function resample(plan: usize, phase: i32, input: usize, output: usize, frames: i32): void {
  resamplerRun(plan, phase, input, output, frames);
}

// impulse responses

export function convolverAssetBytes(channels: i32, frames: i32): i32 {
  return convolverBytes(channels, frames);
}

export function convolverAssetPrepare(asset: usize, channels: i32, frames: i32, data: usize): void {
  convolverPrepare(asset, channels, frames, data);
}

// FLAC frames

export function flacWorkBytes(channels: i32): i32 {
  return flacBytes(channels);
}

export function flacWork(work: usize): void {
  flacPrepare(work);
}

/** Answers the bytes of the frame; 0 where it is not all there, -1 where it is damaged. */
export function flacFrame(work: usize, bytes: usize, length: i32, channels: i32, bits: i32): i32 {
  return flacDecode(work, bytes, length, channels, bits);
}

export function flacFrameLength(work: usize): i32 {
  return flacFrames(work);
}

export function flacFrameRow(work: usize, channel: i32): usize {
  return flacRow(work, channel);
}
