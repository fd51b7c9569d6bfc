/** signalsmith-stretch outside an AudioWorklet: it hands its engine only to a processor registered there. */

interface Wasm {
  readonly HEAP8: Int8Array;
  readonly exports?: { readonly memory: WebAssembly.Memory };
  _presetDefault(channels: number, sampleRate: number): void;
  _inputLatency(): number;
  _outputLatency(): number;
  _setBuffers(channels: number, frames: number): number;
  _setTransposeSemitones(semitones: number, tonality: number): void;
  _setFormantSemitones(semitones: number, compensate: boolean): void;
  _setFormantBase(hz: number): void;
  _process(inputFrames: number, outputFrames: number): void;
  _reset(): void;
}

interface Registered {
  wasmModule: Wasm | null;
}

export interface Stretch {
  readonly latencyFrames: number;
  /** Both channels in place, from silence. */
  shift(left: Float32Array, right: Float32Array, semitones: number): void;
}

const BLOCK = 1024;

export async function openSignalsmith(sampleRate: number): Promise<Stretch> {
  let processor: (new (options: object) => Registered) | undefined;
  class AudioWorkletProcessor {
    readonly port = { onmessage: null, postMessage: () => undefined };
  }
  Object.assign(globalThis, { AudioWorkletProcessor, sampleRate, currentTime: 0, registerProcessor: (_: string, type: typeof processor) => (processor = type) });
  await import('signalsmith-stretch');
  const registered = new processor!({ numberOfOutputs: 1, outputChannelCount: [2] });
  for (let wait = 0; registered.wasmModule === null && wait < 500; wait += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  const wasm = registered.wasmModule!;
  const memory = () => (wasm.exports ? wasm.exports.memory.buffer : wasm.HEAP8.buffer);
  return {
    get latencyFrames() {
      return wasm._inputLatency() + wasm._outputLatency();
    },
    shift(left, right, semitones) {
      wasm._presetDefault(2, sampleRate);
      wasm._reset();
      const buffers = wasm._setBuffers(2, BLOCK);
      wasm._setTransposeSemitones(semitones, 8000 / sampleRate);
      wasm._setFormantSemitones(0, true);
      wasm._setFormantBase(0);
      for (let at = 0; at < left.length; at += BLOCK) {
        const frames = Math.min(BLOCK, left.length - at);
        [left, right].forEach((channel, c) => new Float32Array(memory(), buffers + c * BLOCK * 4, frames).set(channel.subarray(at, at + frames)));
        wasm._process(frames, frames);
        [left, right].forEach((channel, c) => channel.set(new Float32Array(memory(), buffers + (2 + c) * BLOCK * 4, frames), at));
      }
    },
  };
}
