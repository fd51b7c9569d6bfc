/**
 * The capture processor: copies frames and posts them, nothing else. What they mean (holes, silence, blocks, files) is the journal
 * worker's business, because nothing that takes time may happen on the audio thread.
 */
import { CAPTURE_PROCESSOR, type CaptureNews, type CaptureOptions, type CaptureOrder, PIECE_FRAMES } from './messages.ts';

// The scope of an AudioWorklet, which TypeScript's libraries do not know.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new (options: { readonly processorOptions: CaptureOptions }) => AudioWorkletProcessor): void;

registerProcessor(
  CAPTURE_PROCESSOR,
  class extends AudioWorkletProcessor {
    readonly #channels: number;
    #out: MessagePort | null = null;
    #isOver = false;
    #rows: Float32Array<ArrayBuffer>[];
    #held = 0;
    /** Of the first frame that is held. */
    #frame = 0;

    constructor({ processorOptions }: { readonly processorOptions: CaptureOptions }) {
      super();
      this.#channels = processorOptions.channels;
      this.#rows = this.#fresh();
      this.port.onmessage = ({ data }: MessageEvent<CaptureOrder>) => {
        if (data.type === 'start') this.#out = data.port;
        else this.#stop();
      };
    }

    process([input]: readonly Float32Array[][]): boolean {
      const frames = input?.[0]?.length ?? 0;
      if (this.#isOver || !this.#out || frames === 0) return !this.#isOver;
      // Only whole pieces without a hole in them go out, so that one number tells where each frame belongs.
      if (this.#held > 0 && currentFrame !== this.#frame + this.#held) this.#post();
      if (this.#held === 0) this.#frame = currentFrame;
      for (let c = 0; c < this.#channels; c += 1) this.#rows[c]!.set(input![Math.min(c, input!.length - 1)]!, this.#held);
      this.#held += frames;
      if (this.#held + frames > PIECE_FRAMES) this.#post();
      return true;
    }

    #fresh(): Float32Array<ArrayBuffer>[] {
      return Array.from({ length: this.#channels }, () => new Float32Array(PIECE_FRAMES));
    }

    #post(): void {
      const rows = this.#held === PIECE_FRAMES ? this.#rows : this.#rows.map((row) => row.slice(0, this.#held));
      const news: CaptureNews = { type: 'frames', frame: this.#frame, rows, atMs: Date.now() };
      this.#out?.postMessage(news, rows.map(({ buffer }) => buffer));
      this.#rows = this.#fresh();
      this.#held = 0;
    }

    #stop(): void {
      if (this.#isOver) return;
      if (this.#held > 0) this.#post();
      this.#out?.postMessage({ type: 'end' } satisfies CaptureNews);
      this.#isOver = true;
    }
  },
);
