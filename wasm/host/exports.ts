/** The engine's exports as the host sees them: pointers and numbers. Kept beside wasm/assembly/engine.ts. */
export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  abiHash(): number;
  allocate(bytes: number): number;
  release(block: number): void;
  processorStateBytes(id: number, sampleRate: number, params: number): number;
  processorLatencyFrames(id: number, sampleRate: number, params: number): number;
  processorTailFrames(id: number, sampleRate: number, params: number): number;
  processorReset(id: number, state: number, sampleRate: number, params: number): void;
  processorProcess(id: number, state: number, params: number, left: number, right: number, frames: number): void;
  meterStateBytes(id: number, sampleRate: number, option: number): number;
  meterReset(id: number, state: number, sampleRate: number, option: number): void;
  meterProcess(id: number, state: number, left: number, right: number, frames: number): void;
  meterDrainLimit(id: number, state: number, frames: number): number;
  meterDrain(id: number, state: number, out: number): number;
  meterFinishCount(id: number, state: number): number;
  meterFinish(id: number, state: number, out: number): void;
  /** Real FFT of `size` (power of two, 32 to 131 072): plan bytes, plan set-up, transforms on packed f32. */
  fftPlanBytes(size: number): number;
  fftPlan(plan: number, size: number): void;
  fftForward(plan: number, input: number, output: number): void;
  fftInverse(plan: number, input: number, output: number): void;
  /** Short-time spectra: work bytes; magnitudes of frames, row after row; sums of powers and cross spectra. */
  shortTimeWorkBytes(size: number): number;
  magnitudesOf(plan: number, window: number, work: number, size: number, hop: number, signal: number, frames: number, out: number): void;
  addCrossSpectra(plan: number, window: number, work: number, size: number, hop: number, x: number, y: number, frames: number, sums: number): void;
  /** Rows of f32, a multiple of 4 long. */
  logarithms(values: number, floor: number, out: number, count: number): void;
  squaredDifference(a: number, b: number, count: number): number;
  absoluteDifference(a: number, b: number, count: number): number;
  addGram(first: number, rows: number, stride: number, weight: number, work: number, count: number, matrix: number): void;
  /** Resampler from one rate to another: plan bytes; plan set-up, which answers the taps; run from a phase on. */
  resamplerPlanBytes(fromHz: number, toHz: number): number;
  resamplerPlan(plan: number, fromHz: number, toHz: number): number;
  resample(plan: number, phase: number, input: number, output: number, frames: number): void;
  /** Partitioned impulse response for the convolver. `data`: planar f32, `channels` rows of `frames`. */
  convolverAssetBytes(channels: number, frames: number): number;
  convolverAssetPrepare(asset: number, channels: number, frames: number, data: number): void;
  /** FLAC frames of 1 to 8 channels: work bytes; work set-up; a frame, of which the bytes, 0 (not all there) or -1 (damaged); what it holds. */
  flacWorkBytes(channels: number): number;
  flacWork(work: number): void;
  flacFrame(work: number, bytes: number, length: number, channels: number, bits: number): number;
  flacFrameLength(work: number): number;
  flacFrameRow(work: number, channel: number): number;
}
