/** FLAC frames, decoded by the engine. The stream's metadata is read elsewhere: bytes come from its first frame on. */
import type { Engine } from './engine.ts';

/** Readable behind the bytes. */
const SLACK_BYTES = 4;

export class FlacFrames {
  readonly #engine: Engine;
  readonly #channels: number;
  readonly #bits: number;
  readonly #work: number;
  readonly #bytes: number;
  #from = 0;
  #until = 0;

  /**
   * @param channels 1 to 8
   * @param bits per sample, 4 to 24
   * @param capacity bytes that wait at most
   */
  constructor(engine: Engine, channels: number, bits: number, capacity: number) {
    const { raw } = engine;
    this.#engine = engine;
    this.#channels = channels;
    this.#bits = bits;
    this.#work = raw.allocate(raw.flacWorkBytes(channels));
    this.#bytes = raw.allocate(capacity + SLACK_BYTES);
    raw.flacWork(this.#work);
  }

  /** Bytes that were brought and belong to no frame yet. */
  get waiting(): number {
    return this.#until - this.#from;
  }

  bring(bytes: Uint8Array): void {
    const { waiting } = this;
    const room = this.#engine.bytes(this.#bytes, Math.max(this.#until, waiting + bytes.length));
    room.copyWithin(0, this.#from, this.#until);
    room.set(bytes, waiting);
    [this.#from, this.#until] = [0, waiting + bytes.length];
  }

  /**
   * The next frame, a row for each channel, full scale 1: views that hold until the next call. 'short' where the bytes end
   * inside it; 'damaged' where it breaks the format or its checksum, which a frame that is not all there may seem too.
   */
  next(): Float32Array<ArrayBufferLike>[] | 'short' | 'damaged' {
    const { raw } = this.#engine;
    const consumed = raw.flacFrame(this.#work, this.#bytes + this.#from, this.waiting, this.#channels, this.#bits);
    if (consumed <= 0) return consumed === 0 ? 'short' : 'damaged';
    this.#from += consumed;
    const frames = raw.flacFrameLength(this.#work);
    return Array.from({ length: this.#channels }, (_, channel) => this.#engine.f32(raw.flacFrameRow(this.#work, channel), frames));
  }
}
