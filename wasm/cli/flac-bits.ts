/** Bits of a FLAC stream, most significant first. */

/** The bytes ended inside what was being read. */
export class OutOfBits extends Error {}

export class FlacBits {
  readonly bytes: Uint8Array;
  #at: number;
  /** Bits taken from the stream but not yet handed out: the low `#held` bits of `#store`, at most 32. */
  #store = 0;
  #held = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.#at = offset;
  }

  /** First byte of which no bit was handed out; call when aligned. */
  get byteOffset(): number {
    return this.#at - (this.#held >> 3);
  }

  /** @param count 0 to 32 @returns unsigned up to 31 bits, signed at 32 */
  read(count: number): number {
    if (count > 16) {
      const high = this.read(count - 16);
      return (high << 16) | this.read(16);
    }
    while (this.#held < count) this.#pull();
    this.#held -= count;
    const value = (this.#store >>> this.#held) & ((1 << count) - 1);
    return value;
  }

  /** Two's complement. @param count 1 to 32 */
  readSigned(count: number): number {
    const unsigned = this.read(count);
    return count === 32 ? unsigned : (unsigned << (32 - count)) >> (32 - count);
  }

  /** Zeros before the next one; the one is taken too. */
  readUnary(): number {
    let zeros = 0;
    for (;;) {
      const rest = this.#held === 0 ? 0 : this.#store & (this.#held === 32 ? -1 : (1 << this.#held) - 1);
      if (rest !== 0) {
        const leading = Math.clz32(rest) - (32 - this.#held);
        this.#held -= leading + 1;
        return zeros + leading;
      }
      zeros += this.#held;
      this.#held = 0;
      this.#pull();
    }
  }

  alignToByte(): void {
    this.#held -= this.#held & 7;
  }

  /** Takes 8 bits, or 24 where nothing is held and that many are there. */
  #pull(): void {
    const { bytes } = this;
    if (this.#held === 0 && this.#at + 3 <= bytes.length) {
      this.#store = (bytes[this.#at]! << 16) | (bytes[this.#at + 1]! << 8) | bytes[this.#at + 2]!;
      this.#held = 24;
      this.#at += 3;
      return;
    }
    if (this.#at >= bytes.length) throw new OutOfBits();
    this.#store = (this.#store << 8) | bytes[this.#at]!;
    this.#at += 1;
    this.#held += 8;
  }
}
