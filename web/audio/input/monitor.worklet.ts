/** Hearing a microphone through a chain, as an AudioWorklet: see `monitor-voice.ts`. */
import { MONITOR_PROCESSOR, type MonitorOptions, type MonitorOrder } from './monitor-messages.ts';
import { MonitorVoice } from './monitor-voice.ts';

// The scope of an AudioWorklet, which TypeScript's libraries do not know.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const sampleRate: number;
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new (options: { readonly processorOptions: MonitorOptions }) => AudioWorkletProcessor): void;

registerProcessor(
  MONITOR_PROCESSOR,
  class extends AudioWorkletProcessor {
    readonly #voice: MonitorVoice;

    constructor({ processorOptions }: { readonly processorOptions: MonitorOptions }) {
      super();
      this.#voice = new MonitorVoice(processorOptions, sampleRate, (news) => this.port.postMessage(news));
      this.port.onmessage = ({ data }) => this.#voice.obey(data as MonitorOrder);
    }

    process([input]: readonly Float32Array[][], [output]: readonly Float32Array[][]): boolean {
      if (output?.[0] && output[1]) this.#voice.process(currentFrame, input ?? [], output[0], output[1]);
      return !this.#voice.isOver;
    }
  },
);
