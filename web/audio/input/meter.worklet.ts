/** The meter as an AudioWorklet: see `meter-voice.ts`. */
import { METER_PROCESSOR, type MeterOptions } from './meter-messages.ts';
import { MeterVoice } from './meter-voice.ts';

// The scope of an AudioWorklet, which TypeScript's libraries do not know.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const sampleRate: number;
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new (options: { readonly processorOptions: MeterOptions }) => AudioWorkletProcessor): void;

registerProcessor(
  METER_PROCESSOR,
  class extends AudioWorkletProcessor {
    readonly #voice: MeterVoice;
    #isOver = false;

    constructor({ processorOptions }: { readonly processorOptions: MeterOptions }) {
      super();
      this.#voice = new MeterVoice(processorOptions, sampleRate, (reading) => this.port.postMessage(reading, [reading.min.buffer, reading.max.buffer]));
      this.port.onmessage = () => {
        this.#isOver = true;
      };
    }

    process([input]: readonly Float32Array[][]): boolean {
      this.#voice.process(currentFrame, input ?? []);
      return !this.#isOver;
    }
  },
);
