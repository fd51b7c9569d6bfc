/** The last moments of a microphone, as a live chain reads them. */
import type { LiveInput } from '../../../wasm/rendering/live-chain.ts';

export class InputRing implements LiveInput {
  readonly channels: 1 | 2;
  /** It has no end. */
  readonly frames = Number.MAX_SAFE_INTEGER;
  readonly #rows: readonly Float32Array[];
  readonly #capacity: number;
  #first: number | null = null;
  #end = 0;

  /** @param capacity frames that stay readable */
  constructor(channels: 1 | 2, capacity: number) {
    this.channels = channels;
    this.#capacity = capacity;
    this.#rows = Array.from({ length: channels }, () => new Float32Array(capacity));
  }

  get oldestFrame(): number {
    return Math.max(this.#first ?? 0, this.#end - this.#capacity);
  }

  /** Frames on the context's clock, in order; what was missed between two calls counts as silence. */
  add(frame: number, input: readonly Float32Array[]): void {
    const first = input[0]!;
    if (this.#first === null) this.#first = this.#end = frame;
    for (; this.#end < frame; this.#end += 1) for (const row of this.#rows) row[this.#end % this.#capacity] = 0;
    for (let i = 0; i < first.length; i += 1) {
      const at = (frame + i) % this.#capacity;
      for (let channel = 0; channel < this.channels; channel += 1) this.#rows[channel]![at] = (input[channel] ?? first)[i]!;
    }
    this.#end = frame + first.length;
  }

  read(frame: number, left: Float32Array, right: Float32Array): boolean {
    const [rowLeft, rowRight = rowLeft] = this.#rows as [Float32Array, Float32Array?];
    const oldest = this.oldestFrame;
    for (let i = 0; i < left.length; i += 1) {
      const at = frame + i;
      const isThere = at >= oldest && at < this.#end;
      left[i] = isThere ? rowLeft[at % this.#capacity]! : 0;
      right[i] = isThere ? rowRight[at % this.#capacity]! : 0;
    }
    return frame + left.length <= this.#end;
  }
}
