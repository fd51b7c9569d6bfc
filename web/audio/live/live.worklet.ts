/** The live processor as an AudioWorklet: see `live-voice.ts`. */
import { LIVE_PROCESSOR, type LiveOptions, type LiveOrder } from './messages.ts';
import { LiveVoice } from './live-voice.ts';

// The scope of an AudioWorklet, which TypeScript's libraries do not know.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const sampleRate: number;
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new (options: { readonly processorOptions: LiveOptions }) => AudioWorkletProcessor): void;

registerProcessor(
  LIVE_PROCESSOR,
  class extends AudioWorkletProcessor {
    readonly #voice: LiveVoice;

    constructor({ processorOptions }: { readonly processorOptions: LiveOptions }) {
      super();
      this.#voice = new LiveVoice(processorOptions, sampleRate, (news) => this.port.postMessage(news));
      this.port.onmessage = ({ data }) => this.#voice.obey(data as LiveOrder);
    }

    process(_inputs: readonly Float32Array[][], [output]: readonly Float32Array[][]): boolean {
      if (output?.[0] && output[1]) this.#voice.process(currentFrame, output[0], output[1]);
      return !this.#voice.isOver;
    }
  },
);
