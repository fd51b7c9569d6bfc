/** Listens beside the recorder on the same microphone: the last frame that was delivered, and every break in what was. */
import { CodeReader } from '../../../support/frame-code.ts';

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** A word of news each 11 quanta: 32 ms at 44.1 kHz. */
const NEWS_FRAMES = 1408;

registerProcessor(
  'tap',
  class extends AudioWorkletProcessor {
    readonly #reader = new CodeReader();
    #since = 0;
    #empty = 0;
    #jumped = 0;
    #expected = -1;

    process([input]: readonly Float32Array[][]): boolean {
      const row = input?.[0];
      if (this.#expected >= 0 && currentFrame !== this.#expected) this.#jumped += currentFrame - this.#expected;
      this.#expected = currentFrame + 128;
      if (row) this.#reader.read(row);
      else this.#empty += 1;
      this.#since += 128;
      if (this.#since >= NEWS_FRAMES) {
        this.#since = 0;
        this.port.postMessage({ ...this.#reader.result(), atMs: Date.now(), empty: this.#empty, jumped: this.#jumped });
      }
      return true;
    }
  },
);
