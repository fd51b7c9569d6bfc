/** Bits, most significant first, into bytes that grow. */
export class BitWriter {
  #bytes = new Uint8Array(1 << 14);
  #length = 0;
  /** Bits that do not fill a byte yet, and how many: 0 to 7. */
  #waiting = 0;
  #count = 0;

  get byteLength(): number {
    return this.#length;
  }

  /** @param bits 0 to 32; `value` is taken modulo 2^bits */
  write(value: number, bits: number): void {
    if (bits > 24) {
      this.write(value >>> 16, bits - 16);
      this.write(value & 0xffff, 16);
      return;
    }
    this.#waiting = (this.#waiting << bits) | (value & ((1 << bits) - 1));
    this.#count += bits;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#push((this.#waiting >>> this.#count) & 0xff);
    }
    this.#waiting &= (1 << this.#count) - 1;
  }

  /** `count` zeros and a one. */
  unary(count: number): void {
    for (let left = count; left > 0; left -= 24) this.write(0, Math.min(24, left));
    this.write(1, 1);
  }

  /** Zeros up to the next byte. */
  align(): void {
    if (this.#count > 0) this.write(0, 8 - this.#count);
  }

  /** Of whole bytes only. */
  view(from = 0): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(from, this.#length);
  }

  /** Hands over what is whole, and begins again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = byte;
  }
}
