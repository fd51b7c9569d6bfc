/** Hands over what comes in between two frames of the context's clock, as an AudioWorklet. */
import { SNIP_PROCESSOR, type SnipOptions } from './snip-messages.ts';

// The scope of an AudioWorklet, which TypeScript's libraries do not know.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new (options: { readonly processorOptions: SnipOptions }) => AudioWorkletProcessor): void;

registerProcessor(
  SNIP_PROCESSOR,
  class extends AudioWorkletProcessor {
    readonly #from: number;
    readonly #row: Float32Array<ArrayBuffer>;

    constructor({ processorOptions }: { readonly processorOptions: SnipOptions }) {
      super();
      this.#from = processorOptions.fromFrame;
      this.#row = new Float32Array(processorOptions.frames);
    }

    process([input]: readonly Float32Array[][]): boolean {
      const at = currentFrame - this.#from;
      const samples = input?.[0];
      if (samples && at > -samples.length && at < this.#row.length) {
        const skipped = Math.max(0, -at);
        this.#row.set(samples.subarray(skipped, Math.min(samples.length, this.#row.length - at)), at + skipped);
      }
      if (at < this.#row.length) return true;
      this.port.postMessage(this.#row, [this.#row.buffer]);
      return false;
    }
  },
);
